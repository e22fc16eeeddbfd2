using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>The draw itself, for terminals: maps, and lets the ledger decide.</summary>
internal sealed class DisbursementsService(
    IDisbursements disbursements, IRegistry registry, IMerchants merchants, ICertificateAuthority authority, CallRates rates, CallJournal journal, TimeProvider time)
    : Wire.Disbursements.DisbursementsBase
{
    private const int PresentWaitsMax = 5;

    public override async Task<Wire.InquireResponse> Inquire(Wire.InquireRequest request, ServerCallContext context)
    {
        var card = Fields.Card(request.CardNumber, "card_number");
        var terminal = Caller.TerminalOf(context);
        if (await disbursements.InquireAsync(card, terminal, context.CancellationToken) is not Inquiry.Known known)
            return new Wire.InquireResponse { Standing = Wire.CardStanding.Unknown };

        var response = new Wire.InquireResponse
        {
            Standing = ToWire(known.Card.State),
            HolderDisplay = await registry.FindDisplayNameAsync(known.Card.Household, terminal.Terminal.Value, context.CancellationToken) ?? string.Empty,
            Members = (uint)known.Members,
        };
        response.Balances.AddRange(known.Balances.Select(ToWire));
        return response;
    }

    public override async Task<Wire.AuthoriseResponse> Authorise(Wire.AuthoriseRequest request, ServerCallContext context)
    {
        var draw = new DrawRequest(Caller.TerminalOf(context), WireValues.SignedRecord(request.SignedRecord, "signed_record"), WireValues.Lines(request.Lines, "lines"));
        return Decided(await disbursements.AuthoriseAsync(draw, context.CancellationToken)).ToWire();
    }

    public override Task AuthoriseStream(
        IAsyncStreamReader<Wire.AuthoriseStreamRequest> requestStream, IServerStreamWriter<Wire.AuthoriseStreamResponse> responseStream, ServerCallContext context)
    {
        var draws = new StreamedDraws(disbursements, merchants, rates, journal, time, context);
        return AnswersAsDone.WriteAsync(
            requestStream.ReadBoundedAsync(CallLimits.AuthoriseStream, time, context.CancellationToken).Select(draws.Begin),
            responseStream, CallLimits.AuthoriseWindow, draws.DecideAsync, draws.Refused, context.CancellationToken);
    }

    public override async Task<Wire.ReverseResponse> Reverse(Wire.ReverseRequest request, ServerCallContext context)
    {
        var record = WireValues.SignedRecord(request.SignedRecord, "signed_record");
        if (request.Reason is Wire.ReversalReason.Unspecified || !Enum.IsDefined(request.Reason))
            throw Refusals.Malformed("reason", "Say why the draw is undone: NO_ANSWER, CANCELLED or TERMINAL_RESTART.");

        var advice = new ReversalRequest(await SpeakerAsync(record, context), record, (ReversalReason)request.Reason);
        return await disbursements.ReverseAsync(advice, context.CancellationToken) switch
        {
            Reversal.Answered answered => new Wire.ReverseResponse
            {
                Result = (Wire.ReversalResult)answered.Result,
                TransactionId = answered.Transaction.ToString(),
                Acknowledgement = Sign(Acknowledgement.Reversed(record, (ushort)answered.Result)),
            },
            Reversal.Busy busy => throw Refusals.Busy(busy.RetryAfterMs),
            var other => throw new InvalidOperationException($"No answer for {other.GetType().Name}."),
        };
    }

    public override async Task<Wire.RefundResponse> Refund(Wire.RefundRequest request, ServerCallContext context)
    {
        var id = Fields.Key(request.RefundId, "refund_id");
        var record = WireValues.SignedRecord(request.SignedRecord, "signed_record");
        var refund = new RefundRequest(Caller.TerminalOf(context), record, id, WireValues.Lines(request.Lines, "lines"));
        var response = new Wire.RefundResponse { TransactionId = record.Record.TransactionId.ToString() };
        switch (await disbursements.RefundAsync(refund, context.CancellationToken))
        {
            case Refund.Recorded recorded:
                response.Result = Wire.RefundResult.Recorded;
                response.RefundEntry = recorded.Entry;
                response.BusinessDate = recorded.RefundedOn.ToWire();
                response.SubsidyMinor = recorded.SubsidyMinor;
                response.CitizenGetsMinor = recorded.CitizenGetsMinor;
                return response;
            case Refund.Refused refused:
                response.Result = (Wire.RefundResult)refused.Reason;
                return response;
            case Refund.Busy busy:
                throw Refusals.Busy(busy.RetryAfterMs);
            case var other:
                throw new InvalidOperationException($"No answer for {other.GetType().Name}.");
        }
    }

    public override Task Present(
        IAsyncStreamReader<Wire.PresentRequest> requestStream, IServerStreamWriter<Wire.PresentResponse> responseStream, ServerCallContext context)
    {
        var terminal = Caller.TerminalOf(context);
        var draws = requestStream.ReadBoundedAsync(CallLimits.PresentStream, time, context.CancellationToken).Select(request => (Request: request, Draw: Draw(request, terminal)));
        // A card's records are a chain: they are decided in the order in which the card made them.
        return OrderedAnswers.WriteAsync(
            draws, responseStream, CallLimits.PresentWindow,
            presented => presented.Draw.SignedRecord?.Record.Card,
            presented => PresentAsync(presented.Request, presented.Draw, context.CancellationToken),
            context.CancellationToken);
    }

    // A record that is none is answered like any other: a terminal must not be stuck for ever on bytes that it cannot mend.
    private static DrawRequest Draw(Wire.PresentRequest request, TerminalStanding terminal) =>
        new(terminal, WireValues.SignedRecordOrNone(request.SignedRecord, "signed_record"), WireValues.Lines(request.Lines, "lines"));

    private async Task<Wire.PresentResponse> PresentAsync(Wire.PresentRequest request, DrawRequest draw, CancellationToken cancellation)
    {
        var decided = await DecideWhenFreeAsync(draw, cancellation);
        var outcomeCode = decided.Outcome is DrawOutcome.Declined declined ? (ushort)declined.Reason : (ushort)0;
        var recordHash = SHA256.HashData(request.SignedRecord.Record.Span);
        return new Wire.PresentResponse
        {
            Outcome = Wire.Outcome.Parser.ParseFrom(decided.OutcomeBytes.Span),
            Acknowledgement = Sign(new Acknowledgement(AcknowledgementKind.Presented, recordHash, outcomeCode)),
        };
    }

    // An upload of many records waits for a full queue a few times before it bothers the terminal with it.
    private async Task<Authorisation.Decided> DecideWhenFreeAsync(DrawRequest draw, CancellationToken cancellation)
    {
        var authorisation = await disbursements.PresentAsync(draw, cancellation);
        for (var wait = 0; wait < PresentWaitsMax && authorisation is Authorisation.Busy busy; wait++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(busy.RetryAfterMs), time, cancellation);
            authorisation = await disbursements.PresentAsync(draw, cancellation);
        }
        return Decided(authorisation);
    }

    /// <summary>The terminal that a record is brought for: the caller itself, or one that is with the calling aggregator.</summary>
    private async Task<TerminalStanding> SpeakerAsync(SignedRecord record, ServerCallContext context)
    {
        if (Caller.Of(context) is not Caller.Aggregator aggregator)
            return Caller.TerminalOf(context);
        var terminal = await new SpokenTerminals(aggregator, merchants, time, "signed_record.record", context.CancellationToken).FindAsync(record.Record.Terminal);
        return rates.TakeFor(terminal.Terminal) is > 0 and var retryAfterMs ? throw Refusals.TooOften(retryAfterMs) : terminal;
    }

    private static Authorisation.Decided Decided(Authorisation authorisation) => authorisation switch
    {
        Authorisation.Decided decided => decided,
        Authorisation.Busy busy => throw Refusals.Busy(busy.RetryAfterMs),
        _ => throw new InvalidOperationException($"No answer for {authorisation.GetType().Name}."),
    };

    private ByteString Sign(Acknowledgement acknowledgement) => ByteString.CopyFrom(authority.SignAcknowledgement(acknowledgement.Encode()));

    private static Wire.CardStanding ToWire(CardState state) => state switch
    {
        CardState.Active => Wire.CardStanding.Active,
        CardState.Ordered or CardState.Personalised or CardState.Issued => Wire.CardStanding.NotActive,
        CardState.Blocked => Wire.CardStanding.Blocked,
        CardState.Replaced => Wire.CardStanding.Replaced,
        _ => throw new InvalidOperationException($"A card's state {state} has no standing."),
    };

    private static Wire.QuotaBalance ToWire(QuotaBalance balance) => new()
    {
        Quota = balance.Quota.Value,
        Programme = balance.Programme.Value,
        Unit = (Wire.QuantityUnit)balance.Unit,
        Period = (uint)balance.Period.Value,
        Limit = balance.Limit,
        Consumed = balance.Consumed,
        Lent = balance.Lent,
        AvailableNow = balance.AvailableNow,
        FromAllowanceNow = balance.FromAllowanceNow,
    };
}
