using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>
/// Cases: the way through; the same upload again, also at once, with other content, from another merchant; every reason to refuse a line and an
/// upload; double claims; limits; a sender that breaks off; terminals that moved or were revoked.
/// </summary>
public abstract class Uploading_a_ledger(TestDatabase fixture) : LedgerContract(fixture)
{
    [Fact]
    public async Task Keeps_the_good_lines_as_they_were_claimed()
    {
        var (merchant, terminal) = await ShopAsync();
        var line = Line(terminal);
        var yesterday = Line(terminal) with { BusinessDate = Today.AddDays(-1), ReceiptNumber = "", Programme = 2, CitizenPaidMinor = 0 };

        var received = Received(await SendAsync(UploadOf(merchant, batchNumber: 3), line, yesterday));

        Assert.Equal((2, 0, false), (received.Accepted, received.Refused, received.RepeatedUpload));
        var claim = Assert.Single(await ClaimsOfAsync(terminal));
        Assert.True(TransactionId.TryParse(line.TransactionId, out var transaction));
        Assert.Equal(
            new ClaimedLine(transaction, ProgrammeCode.Bread, merchant.Merchant, terminal, 10, 200, Today, Clock.GetUtcNow(), claim.LineId), claim);
        Assert.Equal(ProgrammeCode.Groceries, Assert.Single(await ClaimsOfAsync(terminal, Today.AddDays(-1))).Programme);
    }

    [Fact]
    public async Task Keeps_apart_what_was_handed_over_and_what_came_back()
    {
        var (merchant, terminal) = await ShopAsync();
        var line = Line(terminal);
        var upload = UploadOf(merchant);

        Received(await SendAsync(upload, line, line with { IsRefund = true }));

        Assert.Equal([false, true], (await ClaimsOfAsync(terminal)).Select(claim => claim.IsRefund));
        // The same lines in other kinds are another upload.
        IsRejected(await SendAsync(upload, line with { IsRefund = true }, line), "upload_id", "upload_id_reused");
    }

    [Fact]
    public async Task Takes_the_uploads_date_for_a_line_without_one()
    {
        var (merchant, terminal) = await ShopAsync();

        await SendAsync(UploadOf(merchant, Today.AddDays(-2)), Line(terminal) with { BusinessDate = null });

        Assert.Single(await ClaimsOfAsync(terminal, Today.AddDays(-2)));
    }

    [Fact]
    public async Task Again_adds_nothing_and_answers_the_same()
    {
        var (merchant, terminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var lines = new[] { Line(terminal), Line(terminal) with { Quantity = 0 }, Line(terminal) with { TerminalId = "?" } };
        var first = Received(await SendAsync(upload, lines));
        Clock.Advance(TimeSpan.FromHours(1));

        var again = Received(await SendAsync(upload, lines));

        Assert.True(again.RepeatedUpload);
        Assert.Equal((1, 2), (again.Accepted, again.Refused));
        Assert.Equal(first.Refusals, again.Refusals);
        Assert.Single(await ClaimsOfAsync(terminal));
    }

    [Fact]
    public async Task Many_times_at_once_adds_it_once()
    {
        var (merchant, terminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var line = Line(terminal);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(upload, line)));

        Assert.Single(outcomes, outcome => !Received(outcome).RepeatedUpload);
        Assert.Single(await ClaimsOfAsync(terminal));
    }

    [Fact]
    public async Task Refuses_a_known_id_with_other_content_and_from_another_merchant()
    {
        var (merchant, terminal) = await ShopAsync();
        var (other, othersTerminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var line = Line(terminal);
        await SendAsync(upload, line);

        IsRejected(await SendAsync(upload, line with { Quantity = 11 }), "upload_id", "upload_id_reused");
        IsRejected(await SendAsync(upload, line, line), "upload_id", "upload_id_reused");
        IsRejected(await SendAsync(upload with { BatchNumber = 1 }, line), "upload_id", "upload_id_reused");
        IsRejected(await SendAsync(upload with { Merchant = other.Merchant }, line with { TerminalId = othersTerminal.Value }), "upload_id", "upload_id_reused");
        Assert.Single(await ClaimsOfAsync(terminal));
        Assert.Empty(await ClaimsOfAsync(othersTerminal));
    }

    [Fact]
    public async Task Keeps_double_claims_because_reconciliation_has_to_see_them()
    {
        var (merchant, terminal) = await ShopAsync();
        var line = Line(terminal);

        await SendAsync(UploadOf(merchant), line, line);
        await SendAsync(UploadOf(merchant), line);

        Assert.Equal(3, (await ClaimsOfAsync(terminal)).Count);
    }

    [Fact]
    public async Task Refuses_each_wrong_line_with_its_reason_and_next_step_and_keeps_the_others()
    {
        var (merchant, terminal) = await ShopAsync();
        var (_, foreign) = await ShopAsync();
        var good = Line(terminal);
        (LedgerLine Line, string Column, string Reason)[] cases =
        [
            (good with { TransactionId = "" }, "transaction_id", "transaction_id_malformed"),
            (good with { TransactionId = new string('0', 31) }, "transaction_id", "transaction_id_malformed"),
            (good with { TransactionId = new string('g', 32) }, "transaction_id", "transaction_id_malformed"),
            (good with { TransactionId = " " + new string('0', 31) }, "transaction_id", "transaction_id_malformed"),
            (good with { TerminalId = "t0000001" }, "terminal_id", "terminal_id_malformed"),
            (good with { TerminalId = "'; DROP--" }, "terminal_id", "terminal_id_malformed"),
            (good with { TerminalId = "ZZZZZZZZ" }, "terminal_id", "terminal_not_yours"),
            (good with { TerminalId = foreign.Value }, "terminal_id", "terminal_not_yours"),
            (good with { Programme = 0 }, "programme", "programme_malformed"),
            (good with { Programme = -1 }, "programme", "programme_malformed"),
            (good with { Programme = 65_536 }, "programme", "programme_malformed"),
            (good with { Programme = 3 }, "programme", "programme_not_served"),
            (good with { Quantity = 0 }, "quantity", "quantity_not_positive"),
            (good with { Quantity = long.MinValue }, "quantity", "quantity_not_positive"),
            (good with { Quantity = 1L << 31 }, "quantity", "quantity_too_large"),
            (good with { CitizenPaidMinor = -1 }, "citizen_paid_minor", "citizen_paid_negative"),
            (good with { CitizenPaidMinor = long.MaxValue }, "citizen_paid_minor", "citizen_paid_too_large"),
            (good with { BusinessDate = Today.AddDays(1) }, "business_date", "business_date_after_upload"),
            (good with { BusinessDate = Today.AddDays(-91) }, "business_date", "business_date_too_old"),
            (good with { ReceiptNumber = "12345678901234567" }, "receipt_number", "receipt_number_malformed"),
            (good with { ReceiptNumber = "=1+1" }, "receipt_number", "receipt_number_malformed"),
            (good with { ReceiptNumber = "-1" }, "receipt_number", "receipt_number_malformed"),
            (good with { ReceiptNumber = "a\nb" }, "receipt_number", "receipt_number_malformed"),
        ];

        var received = Received(await SendAsync(UploadOf(merchant), [.. cases.Select(refused => refused.Line), good]));

        Assert.Equal((1, cases.Length), (received.Accepted, received.Refused));
        Assert.Equal(
            cases.Select((refused, index) => (index + 1, refused.Column, refused.Reason)),
            received.Refusals.Select(refusal => (refusal.Row, refusal.Column, refusal.Reason)));
        Assert.All(received.Refusals, refusal => Assert.NotEmpty(refusal.NextStep));
        Assert.Single(await ClaimsOfAsync(terminal));
    }

    [Fact]
    public async Task Is_rejected_as_a_whole_where_its_header_is_wrong()
    {
        var (merchant, terminal) = await ShopAsync();
        var line = Line(terminal) with { BusinessDate = null };

        IsRejected(await SendAsync(UploadOf(merchant, batchNumber: -1), line), "batch_number", "batch_number_negative");
        IsRejected(await SendAsync(UploadOf(merchant, Today.AddDays(1)), line), "business_date", "business_date_in_future");
        IsRejected(await SendAsync(UploadOf(merchant, Today.AddDays(-91)), line), "business_date", "business_date_too_old");
        IsRejected(await SendAsync(UploadOf(merchant) with { Merchant = new MerchantId(999_999) }, line), "merchant_id", "merchant_unknown");
        Assert.Empty(await ClaimsOfAsync(terminal));
    }

    [Fact]
    public async Task Takes_500_lines_a_chunk_and_no_more()
    {
        var (merchant, terminal) = await ShopAsync();
        var full = Enumerable.Range(0, 500).Select(_ => Line(terminal)).ToList();

        Assert.Equal(1_000, Received(await Ledgers.UploadAsync(UploadOf(merchant), Chunks([full, full]), CancellationToken.None)).Accepted);
        IsRejected(await Ledgers.UploadAsync(UploadOf(merchant), Chunks([full, [.. full, Line(terminal)]]), CancellationToken.None), "chunk[1].lines", "too_many_lines_in_chunk");
        Assert.Equal(1_000, (await ClaimsOfAsync(terminal)).Count);
    }

    [Fact]
    public async Task Takes_100_000_lines_and_no_more()
    {
        var (merchant, terminal) = await ShopAsync();
        var chunk = Enumerable.Range(0, 500).Select(_ => Line(terminal)).ToList();

        Assert.Equal(100_000, Received(await Ledgers.UploadAsync(UploadOf(merchant), Chunks(Enumerable.Repeat(chunk, 200)), CancellationToken.None)).Accepted);
        IsRejected(await Ledgers.UploadAsync(UploadOf(merchant), Chunks(Enumerable.Repeat(chunk, 201)), CancellationToken.None), "chunk", "too_many_lines");
        Assert.Equal(100_000, (await ClaimsOfAsync(terminal)).Count);
    }

    [Fact]
    public async Task Tells_the_first_100_refusals_and_counts_the_others()
    {
        var (merchant, terminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var wrong = Enumerable.Range(0, 300).Select(_ => Line(terminal) with { Quantity = -1 }).ToArray();

        foreach (var received in new[] { Received(await SendAsync(upload, wrong)), Received(await SendAsync(upload, wrong)) })
        {
            Assert.Equal((0, 300), (received.Accepted, received.Refused));
            Assert.Equal(Enumerable.Range(1, 100), received.Refusals.Select(refusal => refusal.Row));
        }
    }

    [Fact]
    public async Task Leaves_nothing_of_a_sender_that_breaks_off()
    {
        var (merchant, terminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var line = Line(terminal);
        async IAsyncEnumerable<IReadOnlyList<LedgerLine>> Broken()
        {
            yield return [line];
            await Task.Yield();
            throw new IOException("The line is down.");
        }

        await Assert.ThrowsAsync<IOException>(() => Ledgers.UploadAsync(upload, Broken(), CancellationToken.None));

        Assert.Empty(await ClaimsOfAsync(terminal));
        Assert.False(Received(await SendAsync(upload, line)).RepeatedUpload);
    }

    [Fact]
    public async Task Takes_claims_of_terminals_that_moved_away_or_were_revoked_since()
    {
        var (merchant, moved) = await ShopAsync();
        var revoked = await EnrolledAsync(merchant);
        var elsewhere = await RegisteredAsync();
        await CheckAsync(moved, await CodeAsync(moved, elsewhere), Keys("moved"));
        await CompleteAsync(Certificates(moved, Keys("moved"), "5E99"));
        await Merchants.RevokeTerminalAsync(revoked, "stolen", CancellationToken.None);

        Assert.Equal(2, Received(await SendAsync(UploadOf(merchant), Line(moved), Line(revoked))).Accepted);
    }

    [Fact]
    public async Task Takes_claims_of_a_programme_that_is_served_no_longer()
    {
        var (merchant, terminal) = await ShopAsync();
        await Merchants.RegisterAsync(merchant with { Programmes = [ProgrammeCode.Groceries] }, CancellationToken.None);

        Assert.Equal(1, Received(await SendAsync(UploadOf(merchant), Line(terminal))).Accepted);
    }

    [Fact]
    public async Task May_be_empty()
    {
        var (merchant, _) = await ShopAsync();

        Assert.Equal((0, 0), (Received(await SendAsync(UploadOf(merchant))).Accepted, Received(await SendAsync(UploadOf(merchant))).Refused));
    }
}

public sealed class Uploading_a_ledger_on_sqlite(SqliteTestDatabase database) : Uploading_a_ledger(database), IClassFixture<SqliteTestDatabase>;

public sealed class Uploading_a_ledger_on_postgres(PostgresTestDatabase database) : Uploading_a_ledger(database), IClassFixture<PostgresTestDatabase>;
