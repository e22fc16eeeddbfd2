using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>A draw as it came out of a stream.</summary>
/// <param name="Standing">Of the terminal that the record names, on its way.</param>
/// <param name="Refusal">Why the request is none; null where it is one.</param>
internal readonly record struct StreamedDraw(ulong Number, SignedRecord? Record, BasketLine[] Lines, Task<TerminalStanding>? Standing, RpcException? Refusal);

/// <summary>The draws of one AuthoriseStream: each is refused, busy, decided or failed by itself, and the stream goes on.</summary>
internal sealed class StreamedDraws(IDisbursements disbursements, IMerchants merchants, CallRates rates, CallJournal journal, TimeProvider time, ServerCallContext context)
{
    private readonly SpokenTerminals _terminals = new(Caller.Of(context)!, merchants, time, "request.signed_record.record", context.CancellationToken);

    /// <summary>Reads a request, and has its terminal looked up: one after another, as they come.</summary>
    public StreamedDraw Begin(Wire.AuthoriseStreamRequest request)
    {
        try
        {
            var record = WireValues.SignedRecord(request.Request?.SignedRecord, "request.signed_record");
            var lines = WireValues.Lines(request.Request!.Lines, "request.lines");
            return new StreamedDraw(request.Number, record, lines, _terminals.FindAsync(record.Record.Terminal), null);
        }
        catch (RpcException refusal)
        {
            return new StreamedDraw(request.Number, null, [], null, refusal);
        }
    }

    public async Task<Wire.AuthoriseStreamResponse> DecideAsync(StreamedDraw draw)
    {
        if (draw.Refusal is not null)
            return Refused(draw, draw.Refusal);
        var standing = await draw.Standing!;
        // Only now: nobody can use up the calls of a terminal that is not with it.
        if (rates.TakeFor(standing.Terminal) is > 0 and var retryAfterMs)
            throw Refusals.TooOften(retryAfterMs);
        return await disbursements.AuthoriseAsync(new DrawRequest(standing, draw.Record, draw.Lines), context.CancellationToken) switch
        {
            Authorisation.Decided decided => new Wire.AuthoriseStreamResponse { Number = draw.Number, Decided = decided.ToWire() },
            Authorisation.Busy busy => new Wire.AuthoriseStreamResponse { Number = draw.Number, Refused = Refusals.BusyOne(busy.RetryAfterMs) },
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}."),
        };
    }

    /// <summary>The answer to a draw that was refused with an exception, or failed.</summary>
    public Wire.AuthoriseStreamResponse Refused(StreamedDraw draw, Exception exception)
    {
        var response = new Wire.AuthoriseStreamResponse { Number = draw.Number };
        if (exception is RpcException refusal && Refusals.OfException(refusal) is { } refused)
            response.Refused = refused;
        else if (!context.CancellationToken.IsCancellationRequested) // who hung up is told nothing, and what then breaks is no bug
            response.Failed = journal.FailedOne(context, exception);
        return response;
    }
}
