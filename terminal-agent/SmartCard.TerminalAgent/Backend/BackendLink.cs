using Google.Protobuf;
using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>How long each kind of call may take.</summary>
public sealed record BackendDeadlines
{
    /// <summary>Short: when it passes, the citizen is served without a line.</summary>
    public TimeSpan Inquire { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>When it passes, the draw is in doubt and is reversed.</summary>
    public TimeSpan Authorise { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Reverse { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When it passes, the refund stays due and is sent again.</summary>
    public TimeSpan Refund { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Upkeep { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For a whole upload.</summary>
    public TimeSpan Upload { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>The calls of an enrolled terminal, each with a deadline, each answered by a value; one that is cancelled has no answer. Safe for several threads.</summary>
internal sealed class BackendLink(CallInvoker invoker, BackendDeadlines deadlines)
{
    /// <summary>The contract's bound on one message of an upload.</summary>
    private const int LedgerLinesPerChunk = 500;

    /// <summary>Few enough to fit the transport's window, so that neither side waits for the other to read.</summary>
    private const int PresentsInFlightMax = 32;

    private readonly Disbursements.DisbursementsClient _disbursements = new(invoker);
    private readonly Terminals.TerminalsClient _terminals = new(invoker);
    private readonly Wire.Batches.BatchesClient _batches = new(invoker);

    public Task<BackendAnswer<InquireResponse>> InquireAsync(CardNumber card, CancellationToken cancellationToken) => AskAsync(
        options => _disbursements.InquireAsync(new InquireRequest { CardNumber = card.FullDigits }, options), deadlines.Inquire, cancellationToken);

    public Task<BackendAnswer<AuthoriseResponse>> AuthoriseAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var request = new AuthoriseRequest { SignedRecord = ToWire(entry.Record!) };
        request.Lines.AddRange(entry.Lines.Select(ToWire));
        return AskAsync(options => _disbursements.AuthoriseAsync(request, options), deadlines.Authorise, cancellationToken);
    }

    public Task<BackendAnswer<ReverseResponse>> ReverseAsync(JournalEntry entry, CancellationToken cancellationToken) => AskAsync(
        options => _disbursements.ReverseAsync(
            new ReverseRequest { SignedRecord = ToWire(entry.Record!), Reason = entry.ReversalReason }, options),
        deadlines.Reverse, cancellationToken);

    public Task<BackendAnswer<RefundResponse>> RefundAsync(RefundEntry refund, CancellationToken cancellationToken)
    {
        var request = new RefundRequest { RefundId = refund.RefundIdText, SignedRecord = ToWire(refund.Draw.Record!) };
        request.Lines.AddRange(refund.Lines.Select(ToWire));
        return AskAsync(options => _disbursements.RefundAsync(request, options), deadlines.Refund, cancellationToken);
    }

    /// <summary>
    /// Uploads records in order and gives each answer to <paramref name="take"/>, with the entry it answers, until that returns false. The call's own answer is the number taken.
    /// </summary>
    public async Task<BackendAnswer<int>> PresentAsync(
        IReadOnlyList<JournalEntry> entries, Func<JournalEntry, PresentResponse, bool> take, CancellationToken cancellationToken)
    {
        var (written, taken) = (0, 0);
        try
        {
            using var call = _disbursements.Present(Options(deadlines.Upload, cancellationToken));
            while (taken < entries.Count)
            {
                for (; written < entries.Count && written - taken < PresentsInFlightMax; written++)
                    await call.RequestStream.WriteAsync(ToPresent(entries[written]), cancellationToken);
                if (!await call.ResponseStream.MoveNext(cancellationToken) || !take(entries[taken], call.ResponseStream.Current))
                    return new BackendAnswer<int>.Answered(taken);
                taken++;
            }

            await call.RequestStream.CompleteAsync();
            // Heard to its end: a call that is let go of before looks to the backend like one that was cut off.
            await call.ResponseStream.MoveNext(cancellationToken);
            return new BackendAnswer<int>.Answered(taken);
        }
        catch (RpcException failure)
        {
            return Failed<int>(failure);
        }
    }

    public Task<BackendAnswer<GetParametersResponse>> GetParametersAsync(string knownVersion, CancellationToken cancellationToken) => AskAsync(
        options => _terminals.GetParametersAsync(new GetParametersRequest { KnownVersion = knownVersion }, options), deadlines.Upkeep, cancellationToken);

    public Task<BackendAnswer<GetDenylistResponse>> GetDenylistAsync(long afterVersion, CancellationToken cancellationToken) => AskAsync(
        options => _terminals.GetDenylistAsync(new GetDenylistRequest { AfterVersion = afterVersion }, options), deadlines.Upkeep, cancellationToken);

    public Task<BackendAnswer<EnrolResponse>> EnrolAsync(EnrolRequest request, CancellationToken cancellationToken) =>
        AskAsync(options => _terminals.EnrolAsync(request, options), deadlines.Upkeep, cancellationToken);

    public Task<BackendAnswer<EnrolResponse>> RenewAsync(RenewRequest request, CancellationToken cancellationToken) =>
        AskAsync(options => _terminals.RenewAsync(request, options), deadlines.Upkeep, cancellationToken);

    public Task<BackendAnswer<CloseBatchResponse>> CloseBatchAsync(CloseBatchRequest request, CancellationToken cancellationToken) =>
        AskAsync(options => _batches.CloseAsync(request, options), deadlines.Upkeep, cancellationToken);

    public async Task<BackendAnswer<UploadLedgerResponse>> UploadLedgerAsync(
        LedgerHeader header, IEnumerable<LedgerLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _batches.UploadLedger(Options(deadlines.Upload, cancellationToken));
            try
            {
                await call.RequestStream.WriteAsync(new UploadLedgerRequest { Header = header }, cancellationToken);
                foreach (var part in lines.Chunk(LedgerLinesPerChunk))
                {
                    var chunk = new LedgerChunk();
                    chunk.Lines.AddRange(part);
                    await call.RequestStream.WriteAsync(new UploadLedgerRequest { Chunk = chunk }, cancellationToken);
                }

                await call.RequestStream.CompleteAsync();
            }
            catch (RpcException)
            {
                // The backend ended the call early; the reason, with its trailers, is in the response.
            }

            return new BackendAnswer<UploadLedgerResponse>.Answered(await call.ResponseAsync);
        }
        catch (RpcException failure)
        {
            return Failed<UploadLedgerResponse>(failure);
        }
    }

    private static async Task<BackendAnswer<T>> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            using var call = ask(Options(timeout, cancellationToken));
            return new BackendAnswer<T>.Answered(await call.ResponseAsync);
        }
        catch (RpcException failure)
        {
            return Failed<T>(failure);
        }
    }

    // A deadline bounds waiting on the wire: the machine's clock, whatever business time is simulated or set.
    private static CallOptions Options(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellationToken);

    private static BackendAnswer<T> Failed<T>(RpcException failure) => CallRefusal.From(failure) is { } refusal
        ? new BackendAnswer<T>.Refused(refusal)
        : new BackendAnswer<T>.NoAnswer(failure.StatusCode);

    private static PresentRequest ToPresent(JournalEntry entry)
    {
        var request = new PresentRequest { SignedRecord = ToWire(entry.Record!) };
        request.Lines.AddRange(entry.Lines.Select(ToWire));
        return request;
    }

    private static Wire.SignedRecord ToWire(SignedRecord record) => new()
    {
        Record = UnsafeByteOperations.UnsafeWrap(record.Encoded),
        Cryptogram = UnsafeByteOperations.UnsafeWrap(record.Cryptogram),
        Signature = UnsafeByteOperations.UnsafeWrap(record.Signature),
    };

    private static Wire.BasketLine ToWire(BasketLine line) => new()
    {
        Programme = line.Programme.Value,
        Commodity = line.Commodity.Value,
        Quantity = line.Quantity,
        UnitPriceMinor = line.UnitPriceMinor,
    };
}
