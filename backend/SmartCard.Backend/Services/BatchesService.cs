using Google.Protobuf.Collections;
using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>What merchants claim. Every call is about the merchant of the caller's own certificate.</summary>
internal sealed class BatchesService(IMerchantLedgers ledgers, IDisbursements disbursements, TimeProvider time) : Wire.Batches.BatchesBase
{
    private const int TotalsMax = 64;

    public override async Task<Wire.CloseBatchResponse> Close(Wire.CloseBatchRequest request, ServerCallContext context)
    {
        var terminal = Caller.TerminalOf(context);
        var batch = new BatchClose(
            terminal.Terminal,
            terminal.Merchant,
            request.BatchNumber is > 0 and <= int.MaxValue ? (int)request.BatchNumber : throw Refusals.Malformed("batch_number", "Send the terminal's next number, from 1."),
            Fields.Date(request.BusinessDate, "business_date"),
            Totals(request.Totals),
            Fields.Instant(request.OpenedAtUnixMs, "opened_at_unix_ms"),
            Fields.Instant(request.ClosedAtUnixMs, "closed_at_unix_ms"));
        if (batch.ClosedAt < batch.OpenedAt)
            throw Refusals.Malformed("closed_at_unix_ms", "A batch closes after it opened.");

        var hostTotals = await disbursements.TotalsOfAsync(terminal.Terminal, batch.BusinessDate, context.CancellationToken);
        var outcome = await ledgers.CloseBatchAsync(batch, hostTotals, context.CancellationToken);
        if (outcome is BatchOutcome.Refused refused)
            throw ToRefusal(refused);
        var closed = (BatchOutcome.Closed)outcome;
        var response = new Wire.CloseBatchResponse { BatchId = closed.BatchId, Balanced = closed.Balanced };
        response.HostTotals.AddRange(closed.HostTotals.Select(ToWire));
        return response;
    }

    public override async Task<Wire.UploadLedgerResponse> UploadLedger(IAsyncStreamReader<Wire.UploadLedgerRequest> requestStream, ServerCallContext context)
    {
        var messages = requestStream.ReadBoundedAsync(CallLimits.LedgerStream, time, context.CancellationToken).GetAsyncEnumerator(context.CancellationToken);
        await using (messages)
        {
            if (!await messages.MoveNextAsync() || messages.Current.Header is not { } header)
                throw Refusals.Malformed("header", "Send the header in the first message.");
            var upload = Upload(header.UploadId, header.MerchantId, header.BusinessDate, header.BatchNumber, "header.", context);
            return ToWire(await ledgers.UploadAsync(upload, Chunks(messages), context.CancellationToken), "header.");
        }
    }

    public override async Task<Wire.UploadLedgerResponse> UploadLedgerCsv(Wire.UploadLedgerCsvRequest request, ServerCallContext context)
    {
        var upload = Upload(request.UploadId, request.MerchantId, request.BusinessDate, 0, string.Empty, context);
        if (request.Content.Length > CallLimits.CsvBytesMax)
            throw Refusals.TooLarge("content", $"Send a file of at most {CallLimits.CsvBytesMax} bytes, the rest of the book in another upload.");
        return ToWire(await ledgers.UploadCsvAsync(upload, request.Content.Memory, context.CancellationToken), string.Empty);
    }

    private static LedgerUpload Upload(string uploadId, long merchantId, Wire.BusinessDate? date, uint batchNumber, string path, ServerCallContext context)
    {
        var upload = new LedgerUpload(
            Fields.Key(uploadId, path + "upload_id"),
            Fields.Merchant(merchantId, path + "merchant_id"),
            Fields.Date(date, path + "business_date"),
            batchNumber <= int.MaxValue ? (int)batchNumber : throw Refusals.Malformed(path + "batch_number", "Send the batch's number, or 0 for a merchant's own books."));
        return upload.Merchant == Caller.TerminalOf(context).Merchant ? upload : throw Refusals.NotYours(path + "merchant_id");
    }

    // The module reads on while it stores; a refusal thrown here ends its transaction, so that nothing of the upload stays.
    private static async IAsyncEnumerable<IReadOnlyList<LedgerLine>> Chunks(IAsyncEnumerator<Wire.UploadLedgerRequest> messages)
    {
        for (var index = 0; await messages.MoveNextAsync(); index++)
        {
            if (messages.Current.Chunk is not { } chunk)
                throw Refusals.Malformed($"chunk[{index}]", "Send one header, then chunks alone.");
            if (chunk.Lines.Count > CallLimits.LedgerLinesPerChunkMax)
                throw Refusals.TooLarge($"chunk[{index}].lines", $"Send at most {CallLimits.LedgerLinesPerChunkMax} lines a chunk.");
            var lines = new LedgerLine[chunk.Lines.Count];
            for (var row = 0; row < lines.Length; row++)
                lines[row] = FromWire(chunk.Lines[row], $"chunk[{index}].lines[{row}]");
            yield return lines;
        }
    }

    // Whether a line is right is told row by row, so all but what has no place in the module's types goes through as it is.
    private static LedgerLine FromWire(Wire.LedgerLine line, string path) => new(
        line.TransactionId,
        line.TerminalId,
        line.Programme <= int.MaxValue ? (int)line.Programme : int.MaxValue,
        line.Quantity,
        line.CitizenPaidMinor,
        Fields.OptionalDate(line.BusinessDate, path + ".business_date"),
        line.ReceiptNumber)
    {
        IsRefund = line.Refund,
    };

    private static BatchTotal[] Totals(RepeatedField<Wire.BatchTotal> totals)
    {
        if (totals.Count > TotalsMax)
            throw Refusals.Malformed("totals", $"Send one total for each programme, at most {TotalsMax}.");
        var parsed = new BatchTotal[totals.Count];
        for (var index = 0; index < parsed.Length; index++)
        {
            var total = totals[index];
            if (total.Draws > int.MaxValue)
                throw Refusals.Malformed($"totals[{index}].draws", "Send the number of draws.");
            if (total.Quantity < 0)
                throw Refusals.Malformed($"totals[{index}].quantity", "Send 0 or more.");
            if (total.CitizenPaidMinor < 0)
                throw Refusals.Malformed($"totals[{index}].citizen_paid_minor", "Send 0 or more.");
            parsed[index] = new BatchTotal(Fields.Programme(total.Programme, $"totals[{index}].programme"), (int)total.Draws, total.Quantity, total.CitizenPaidMinor);
        }
        return parsed;
    }

    private static Wire.BatchTotal ToWire(BatchTotal total) => new()
    {
        Programme = total.Programme.Value,
        Draws = (uint)total.Draws,
        Quantity = total.Quantity,
        CitizenPaidMinor = total.CitizenPaidMinor,
    };

    private static RpcException ToRefusal(BatchOutcome.Refused refused) => refused.Reason switch
    {
        "batch_closed_otherwise" => Refusals.Of(Wire.RefusalReason.AlreadyDone, "batch_number", refused.NextStep),
        "programme_twice" or "total_negative" => Refusals.Malformed("totals", refused.NextStep),
        _ => Refusals.Of(Wire.RefusalReason.WrongState, "batch_number", refused.NextStep),
    };

    /// <param name="headerPath">Where the header's fields are in this method's messages.</param>
    private static RpcException ToRefusal(UploadOutcome.Rejected rejected, string headerPath) => rejected.Reason switch
    {
        "upload_id_reused" => Refusals.Of(Wire.RefusalReason.AlreadyDone, headerPath + rejected.Field, rejected.NextStep),
        "too_many_lines" or "too_many_lines_in_chunk" or "content_too_large" => Refusals.TooLarge(rejected.Field, rejected.NextStep),
        _ => Refusals.Malformed(rejected.Field == "content" ? rejected.Field : headerPath + rejected.Field, rejected.NextStep),
    };

    private static Wire.UploadLedgerResponse ToWire(UploadOutcome outcome, string headerPath)
    {
        if (outcome is UploadOutcome.Rejected rejected)
            throw ToRefusal(rejected, headerPath);
        var received = (UploadOutcome.Received)outcome;
        var response = new Wire.UploadLedgerResponse { Accepted = received.Accepted, Refused = received.Refused, RepeatedUpload = received.RepeatedUpload };
        response.Refusals.AddRange(received.Refusals.Select(refusal => new Wire.LineRefusal
        {
            Row = refusal.Row,
            Column = refusal.Column,
            Reason = refusal.Reason,
            NextStep = refusal.NextStep,
        }));
        return response;
    }
}
