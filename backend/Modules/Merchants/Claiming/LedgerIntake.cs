using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>Takes a merchant's ledger in: each line is checked on its own, what is good is kept together or not at all.</summary>
internal sealed class LedgerIntake(ModuleDatabase database, BusinessCalendar calendar, IOptions<MerchantsOptions> options)
{
    private const int LinesPerStatement = 10_000;

    public async Task<UploadOutcome> UploadAsync(LedgerUpload upload, IAsyncEnumerable<IReadOnlyList<LedgerLine>> chunks, CancellationToken cancellation)
    {
        var (check, rejected) = await PrepareAsync(upload, cancellation);
        if (check is null)
            return rejected!;
        using var draft = new UploadDraft(upload, "lines", check);
        var index = 0;
        await foreach (var chunk in chunks.WithCancellation(cancellation))
        {
            if (chunk.Count > UploadDraft.LinesPerChunkMax)
            {
                var field = string.Create(CultureInfo.InvariantCulture, $"chunk[{index}].lines");
                return new UploadOutcome.Rejected(field, "too_many_lines_in_chunk", $"Send at most {UploadDraft.LinesPerChunkMax} lines a chunk.");
            }
            if (draft.Lines + chunk.Count > UploadDraft.LinesMax)
                return TooManyLines("chunk");
            foreach (var line in chunk)
            {
                draft.Hash(line);
                draft.Add(draft.Lines + 1, line);
            }
            index++;
        }
        return await StoreAsync(upload, draft, cancellation);
    }

    public async Task<UploadOutcome> UploadCsvAsync(LedgerUpload upload, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var (check, rejected) = await PrepareAsync(upload, cancellation);
        if (check is null)
            return rejected!;
        if (CsvLedger.Open(content, out var ledger) is { } unreadable)
            return unreadable;
        using var opened = ledger!;
        using var draft = new UploadDraft(upload, "csv", check);
        draft.Hash(content.Span);
        foreach (var row in opened.Rows())
        {
            if (draft.Lines == UploadDraft.LinesMax)
                return TooManyLines("content");
            if (row.Fault is { } fault)
                draft.Refuse(row.Number, fault);
            else
                draft.Add(row.Number, row.Line!);
        }
        return await StoreAsync(upload, draft, cancellation);
    }

    private static UploadOutcome.Rejected TooManyLines(string field) =>
        new(field, "too_many_lines", $"Send at most {UploadDraft.LinesMax} lines in one upload, the rest of the book in another.");

    /// <summary>Looks at the upload as a whole, and gathers what its lines are checked against.</summary>
    private async Task<(LineCheck? Check, UploadOutcome.Rejected? Rejected)> PrepareAsync(LedgerUpload upload, CancellationToken cancellation)
    {
        var (today, oldest) = (calendar.Today, calendar.Today.AddDays(-options.Value.ClaimAgeDaysMax));
        if (upload.BatchNumber < 0)
            return (null, new UploadOutcome.Rejected("batch_number", "batch_number_negative", "Send the batch's number, or 0 for a merchant's own books."));
        if (upload.BusinessDate > today)
            return (null, new UploadOutcome.Rejected("business_date", "business_date_in_future", "Send the ledger when the day has begun here; check the terminal's clock."));
        if (upload.BusinessDate < oldest)
            return (null, new UploadOutcome.Rejected("business_date", "business_date_too_old", "The date is closed: ask the supply office."));

        await using var context = new MerchantsDbContext(database);
        if (!await context.Merchants.AnyAsync(merchant => merchant.MerchantId == upload.Merchant, cancellation))
            return (null, new UploadOutcome.Rejected("merchant_id", "merchant_unknown", "Check the merchant's number."));
        var outlets = context.Outlets.Where(outlet => outlet.MerchantId == upload.Merchant).Select(outlet => outlet.OutletId);
        var terminals = await context.Terminals.Where(terminal => outlets.Contains(terminal.OutletId)).Select(terminal => terminal.TerminalId)
            .Union(context.Enrolments.Where(enrolment => outlets.Contains(enrolment.OutletId) && enrolment.CompletedAt != null).Select(enrolment => enrolment.TerminalId))
            .ToListAsync(cancellation);
        var programmes = await context.Programmes
            .Where(programme => programme.MerchantId == upload.Merchant)
            .Select(programme => programme.Programme)
            .ToListAsync(cancellation);
        return (new LineCheck(terminals.ToHashSet(), programmes.ToHashSet(), upload.BusinessDate, oldest), null);
    }

    private async Task<UploadOutcome> StoreAsync(LedgerUpload upload, UploadDraft draft, CancellationToken cancellation)
    {
        var (hash, now) = (draft.TakeHash(), calendar.UtcNow);
        await using var write = await database.BeginWriteAsync(cancellation);
        if (!await TryBeginAsync(write, upload, draft, hash, now, cancellation))
            return await RepeatAsync(write, upload, hash, cancellation);

        await database.InsertAsync(
            write,
            MerchantsDbContext.SchemaName,
            "upload_refusals",
            cancellation,
            ("upload_id", Filled(draft.Refusals.Count, upload.UploadId)),
            ("row_number", draft.Refusals.Select(refusal => refusal.Row).ToArray()),
            ("reason", draft.Refusals.Select(refusal => refusal.Reason).ToArray()));
        foreach (var claims in draft.Claims.Chunk(LinesPerStatement))
            await database.InsertAsync(write, MerchantsDbContext.SchemaName, "ledger_lines", cancellation, LineColumns(upload, claims, now));
        await write.CommitAsync(cancellation);
        return new UploadOutcome.Received(draft.Claims.Count, draft.Refused, draft.Refusals, RepeatedUpload: false);
    }

    /// <summary>False where the id is taken. Two calls with the same id at once: the second waits here for the first's commit.</summary>
    private async Task<bool> TryBeginAsync(WriteTransaction write, LedgerUpload upload, UploadDraft draft, byte[] hash, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            INSERT INTO {database.Table(MerchantsDbContext.SchemaName, "uploads")} (upload_id, merchant_id, business_date, batch_number, content_hash, accepted, refused, received_at)
            VALUES (@upload, @merchant, @date, @batch, @hash, @accepted, @refused, @now)
            ON CONFLICT DO NOTHING RETURNING accepted
            """;
        command.Add("upload", upload.UploadId);
        command.Add("merchant", upload.Merchant.Value);
        command.Add("date", upload.BusinessDate);
        command.Add("batch", upload.BatchNumber);
        command.Add("hash", hash);
        command.Add("accepted", draft.Claims.Count);
        command.Add("refused", draft.Refused);
        command.Add("now", now.ToUnixTimeMilliseconds());
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private async Task<UploadOutcome> RepeatAsync(WriteTransaction write, LedgerUpload upload, byte[] hash, CancellationToken cancellation)
    {
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        var first = await context.Uploads.AsNoTracking().SingleAsync(u => u.UploadId == upload.UploadId, cancellation);
        // The merchant and the date are in the hash too: whose upload the id names is not told.
        if (!first.ContentHash.AsSpan().SequenceEqual(hash))
            return new UploadOutcome.Rejected("upload_id", "upload_id_reused", "Choose another upload id: this one was used for other content.");
        var refusals = await context.UploadRefusals.AsNoTracking()
            .Where(refusal => refusal.UploadId == upload.UploadId)
            .OrderBy(refusal => refusal.RowNumber)
            .ToListAsync(cancellation);
        return new UploadOutcome.Received(
            first.Accepted, first.Refused, [.. refusals.Select(refusal => LineFault.Of(refusal.Reason).At(refusal.RowNumber))], RepeatedUpload: true);
    }

    private static (string Name, Array Values)[] LineColumns(LedgerUpload upload, Claim[] claims, DateTimeOffset now) =>
    [
        ("upload_id", Filled(claims.Length, upload.UploadId)),
        ("merchant_id", Filled(claims.Length, upload.Merchant.Value)),
        ("terminal_id", claims.Select(claim => claim.Terminal.Value).ToArray()),
        ("transaction_id", claims.Select(claim => claim.Transaction.ToBytes()).ToArray()),
        ("programme", claims.Select(claim => (int)claim.Programme.Value).ToArray()),
        ("quantity", claims.Select(claim => claim.Quantity).ToArray()),
        ("citizen_paid_minor", claims.Select(claim => claim.CitizenPaidMinor).ToArray()),
        ("business_date", claims.Select(claim => claim.BusinessDate).ToArray()),
        ("received_at", Filled(claims.Length, now.ToUnixTimeMilliseconds())),
        ("receipt_number", claims.Select(claim => claim.ReceiptNumber).ToArray()),
        ("is_refund", claims.Select(claim => claim.IsRefund).ToArray()),
    ];

    private static T[] Filled<T>(int length, T value)
    {
        var values = new T[length];
        Array.Fill(values, value);
        return values;
    }
}
