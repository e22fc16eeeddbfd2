using System.Text;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>
/// Cases: headings in English and Arabic, any order, any separator of Excel's; byte order mark, Arabic digits and invisible marks; hostile rows:
/// columns, quotation marks, numbers, dates, formulas; files that are none; limits.
/// </summary>
public abstract class Uploading_a_ledger_as_csv(TestDatabase fixture) : LedgerContract(fixture)
{
    private const string Heading = "transaction_id,terminal_id,programme,quantity,citizen_paid_minor,business_date,receipt_number";

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task Takes_English_headings_with_and_without_a_byte_order_mark(string mark)
    {
        var (merchant, terminal) = await ShopAsync();
        var transaction = NextTransaction();

        var received = Received(await SendCsvAsync(UploadOf(merchant), $"{mark}{Heading}\r\n{transaction},{terminal},1,10,200,2026-11-22,000123\r\n"));

        Assert.Equal((1, 0), (received.Accepted, received.Refused));
        var claim = Assert.Single(await ClaimsOfAsync(terminal));
        Assert.Equal((transaction, ProgrammeCode.Bread, 10L, 200L), (claim.Transaction, claim.Programme, claim.Quantity, claim.CitizenPaidMinor));
    }

    [Fact]
    public async Task Takes_Arabic_headings_digits_and_what_a_spreadsheet_adds()
    {
        var (merchant, terminal) = await ShopAsync();
        var transaction = NextTransaction();
        var csv = $"\uFEFFالكمية;رقم البرنامج;رقم الماكينة;رقم العملية;المدفوع بالقرش;يوم العمل;رقم الايصال\r\n\u200F١٠\u200F;١;{terminal};\u2066{transaction}\u2069;۲۰۰;٢٠٢٦/١١/٢٢;إيصال-٧\r\n";

        var received = Received(await SendCsvAsync(UploadOf(merchant), csv));

        Assert.Empty(received.Refusals);
        var claim = Assert.Single(await ClaimsOfAsync(terminal));
        Assert.Equal((transaction, 10L, 200L), (claim.Transaction, claim.Quantity, claim.CitizenPaidMinor));
    }

    [Theory]
    [InlineData("Transaction ID;TERMINAL_ID; programme ;quantity;citizen paid minor", ';')]
    [InlineData("transaction_id\tterminal_id\tprogramme\tquantity\tcitizen_paid_minor", '\t')]
    [InlineData("\"transaction_id\",\"terminal_id\",\"programme\",\"quantity\",\"citizen_paid_minor\"", ',')]
    public async Task Takes_what_people_and_their_Excel_make_of_a_heading(string heading, char separator)
    {
        var (merchant, terminal) = await ShopAsync();

        var received = Received(await SendCsvAsync(
            UploadOf(merchant), $"{heading}\n{string.Join(separator, NextTransaction().ToString(), terminal.Value, "1", "\"3\"", " 60 ")}\n\n{new string(separator, 4)}\n"));

        Assert.Equal((1, 0), (received.Accepted, received.Refused));
    }

    [Fact]
    public async Task Counts_blank_lines_in_its_row_numbers()
    {
        var (merchant, terminal) = await ShopAsync();
        var csv = $"\r\n\r\ntransaction_id;terminal_id;programme;quantity;citizen_paid_minor\r\n\r\n{NextTransaction()};{terminal};1;1;20\r\nx;{terminal};1;1;20\r\n";

        var received = Received(await SendCsvAsync(UploadOf(merchant), csv));

        Assert.Equal((1, 1), (received.Accepted, received.Refused));
        Assert.Equal(6, Assert.Single(received.Refusals).Row);
    }

    [Fact]
    public async Task Refuses_each_hostile_row_by_its_line_number_and_keeps_the_others()
    {
        var (merchant, terminal) = await ShopAsync();
        string Row(string transaction, string quantity = "10", string paid = "200", string date = "2026-11-22", string receipt = "1", string programme = "1") =>
            $"{transaction},{terminal},{programme},{quantity},{paid},{date},{receipt}";
        var id = NextTransaction().ToString();
        (string Row, string Column, string Reason)[] cases =
        [
            ($"{id},{terminal},1,10,200,2026-11-22", "", "columns_mismatch"),
            (Row(id) + ",extra", "", "columns_mismatch"),
            ("only one", "", "columns_mismatch"),
            ($"\"{id},{terminal},1,10,200,2026-11-22,1", "", "quotes_malformed"),
            ($"\"{id}\"x,{terminal},1,10,200,2026-11-22,1", "", "quotes_malformed"),
            ($"{id},{terminal},1,1\"0,200,2026-11-22,1", "", "quotes_malformed"),
            (Row(new string('0', 5_000)), "", "field_too_long"),
            (Row("1.23457E+31"), "transaction_id", "transaction_id_malformed"),
            (Row("=HYPERLINK(1)"), "transaction_id", "transaction_id_malformed"),
            (Row(id, programme: "bread"), "programme", "programme_malformed"),
            (Row(id, programme: "99999999999999999999"), "programme", "programme_malformed"),
            (Row(id, programme: "9999999999"), "programme", "programme_malformed"),
            (Row(id, quantity: ""), "quantity", "quantity_malformed"),
            (Row(id, quantity: "1.5"), "quantity", "quantity_malformed"),
            (Row(id, quantity: "\"1,000\""), "quantity", "quantity_malformed"),
            (Row(id, quantity: "0x10"), "quantity", "quantity_malformed"),
            (Row(id, quantity: "1e3"), "quantity", "quantity_malformed"),
            (Row(id, quantity: "+10"), "quantity", "quantity_malformed"),
            (Row(id, quantity: "999999999999999999999999"), "quantity", "quantity_malformed"),
            (Row(id, quantity: "-10"), "quantity", "quantity_not_positive"),
            (Row(id, quantity: "3000000000"), "quantity", "quantity_too_large"),
            (Row(id, paid: "-1"), "citizen_paid_minor", "citizen_paid_negative"),
            (Row(id, paid: "12.60"), "citizen_paid_minor", "citizen_paid_malformed"),
            (Row(id, paid: "100000000000"), "citizen_paid_minor", "citizen_paid_too_large"),
            (Row(id, date: "22/11/2026"), "business_date", "business_date_malformed"),
            (Row(id, date: "2026-02-30"), "business_date", "business_date_malformed"),
            (Row(id, date: "2026-11-23"), "business_date", "business_date_after_upload"),
            (Row(id, date: "0001-01-01"), "business_date", "business_date_too_old"),
            (Row(id, receipt: "=cmd|' /C calc'!A0"), "receipt_number", "receipt_number_malformed"),
            (Row(id, receipt: "@SUM(A1)"), "receipt_number", "receipt_number_malformed"),
            (Row(id, receipt: "\"+1\""), "receipt_number", "receipt_number_malformed"),
        ];
        var good = Row(NextTransaction().ToString());

        var received = Received(await SendCsvAsync(UploadOf(merchant), $"{Heading}\r\n{good}\r\n{string.Join("\r\n", cases.Select(refused => refused.Row))}\r\n{good}"));

        Assert.Equal(
            cases.Select((refused, index) => (index + 3, refused.Column, refused.Reason)),
            received.Refusals.Select(refusal => (refusal.Row, refusal.Column, refusal.Reason)));
        Assert.Equal((2, cases.Length), (received.Accepted, received.Refused));
        Assert.All(received.Refusals, refusal => Assert.NotEmpty(refusal.NextStep));
        Assert.Equal(2, (await ClaimsOfAsync(terminal)).Count);
    }

    [Theory]
    [InlineData("kind", "refund", true)]
    [InlineData("Kind", "REFUND", true)]
    [InlineData("نوع السطر", "مرتجع", true)]
    [InlineData("kind", "draw", false)]
    [InlineData("kind", "صرف", false)]
    [InlineData("kind", "", false)]
    public async Task Takes_goods_that_came_back_for_a_refund(string heading, string kind, bool isRefund)
    {
        var (merchant, terminal) = await ShopAsync();

        var received = Received(await SendCsvAsync(UploadOf(merchant), $"{Heading},{heading}\n{NextTransaction()},{terminal},1,4,80,2026-11-22,1,{kind}"));

        Assert.Equal((1, 0), (received.Accepted, received.Refused));
        Assert.Equal((4, 80, isRefund), (await ClaimsOfAsync(terminal)).Select(claim => (claim.Quantity, claim.CitizenPaidMinor, claim.IsRefund)).Single());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("refunded")]
    [InlineData("draw refund")]
    public async Task Refuses_a_row_of_a_kind_that_is_none(string kind)
    {
        var (merchant, terminal) = await ShopAsync();

        var received = Received(await SendCsvAsync(UploadOf(merchant), $"{Heading},kind\n{NextTransaction()},{terminal},1,4,80,2026-11-22,1,{kind}"));

        Assert.Equal((2, "kind", "kind_malformed"), received.Refusals.Select(refusal => (refusal.Row, refusal.Column, refusal.Reason)).Single());
    }

    [Theory]
    [InlineData("", "content_empty")]
    [InlineData("\r\n\r\n", "content_empty")]
    [InlineData("transaction_id,terminal_id,programme,quantity", "heading_missing")]
    [InlineData("transaction_id,terminal_id,programme,quantity,citizen_paid_minor,price", "heading_unknown")]
    [InlineData("transaction_id,terminal_id,programme,quantity,citizen_paid_minor,quantity", "heading_twice")]
    [InlineData("transaction_id,terminal_id,programme,quantity,citizen_paid_minor,الكمية", "heading_twice")]
    [InlineData("transaction_id,terminal_id,programme,quantity,\"citizen_paid_minor", "heading_malformed")]
    [InlineData("<html><body>Log in</body></html>", "heading_unknown")]
    [InlineData("transaction_id,terminal_id,programme,quantity,citizen_paid_minor\n\0\0", "not_utf8")]
    public async Task Rejects_a_file_that_is_none(string csv, string reason)
    {
        var (merchant, _) = await ShopAsync();

        IsRejected(await SendCsvAsync(UploadOf(merchant), csv), "content", reason);
    }

    [Fact]
    public async Task Rejects_other_encodings_and_files_without_end()
    {
        var (merchant, _) = await ShopAsync();

        IsRejected(await SendCsvAsync(UploadOf(merchant), Encoding.Unicode.GetBytes(Heading)), "content", "not_utf8");
        IsRejected(await SendCsvAsync(UploadOf(merchant), [.. Encoding.UTF8.GetBytes(Heading), 0x0A, 0xC7, 0xE1]), "content", "not_utf8");
        IsRejected(await SendCsvAsync(UploadOf(merchant), new byte[(16 * 1024 * 1024) + 1]), "content", "content_too_large");
    }

    [Fact]
    public async Task Takes_100_000_rows_and_no_more()
    {
        var (merchant, terminal) = await ShopAsync();
        var rows = new StringBuilder(Heading).Append('\n');
        for (var row = 0; row < 100_000; row++)
            rows.Append(NextTransaction()).Append(',').Append(terminal).Append(",1,5,100,,\n");

        Assert.Equal(100_000, Received(await SendCsvAsync(UploadOf(merchant), rows.ToString())).Accepted);
        IsRejected(await SendCsvAsync(UploadOf(merchant), rows.Append("one more\n").ToString()), "content", "too_many_lines");
    }

    [Fact]
    public async Task Again_adds_nothing_and_answers_the_same()
    {
        var (merchant, terminal) = await ShopAsync();
        var upload = UploadOf(merchant);
        var csv = $"{Heading}\n{NextTransaction()},{terminal},1,10,200,,\nbroken\n";
        var first = Received(await SendCsvAsync(upload, csv));

        var again = Received(await SendCsvAsync(upload, csv));

        Assert.True(again.RepeatedUpload);
        Assert.Equal((first.Accepted, first.Refused), (again.Accepted, again.Refused));
        Assert.Equal(first.Refusals, again.Refusals);
        Assert.Single(await ClaimsOfAsync(terminal));
        IsRejected(await SendCsvAsync(upload, csv + "\n"), "upload_id", "upload_id_reused");
    }
}

public sealed class Uploading_a_ledger_as_csv_on_sqlite(SqliteTestDatabase database) : Uploading_a_ledger_as_csv(database), IClassFixture<SqliteTestDatabase>;

public sealed class Uploading_a_ledger_as_csv_on_postgres(PostgresTestDatabase database) : Uploading_a_ledger_as_csv(database), IClassFixture<PostgresTestDatabase>;
