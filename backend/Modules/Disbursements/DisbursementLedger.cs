using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Queries;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements;

/// <summary>
/// The facade. A draw goes: what the caller alone shows, the card, its cryptogram and signature and meanwhile the household's shape and state, what needs no
/// balance; then through its household's lane to a writer, who answers after commit. Everything before the lane runs in parallel and writes nothing.
/// </summary>
internal sealed class DisbursementLedger(
    LedgerPath path, LedgerQueries queries, Lookups lookups, ICardCryptography cryptography, IProgrammes programmes, RecordClock clock) : IDisbursements
{
    public async Task<Inquiry> InquireAsync(CardNumber card, TerminalStanding terminal, CancellationToken cancellation)
    {
        var standing = await lookups.CardAsync(card, cancellation);
        if (standing is null)
            return new Inquiry.UnknownCard();
        var rules = programmes.RulesOn(clock.Today);
        var household = await lookups.HouseholdAsync(standing.Household, clock.Today, cancellation);
        var state = await lookups.BalancesAsync(standing.Household, clock.Today, cancellation);
        var mayDraw = standing.State == CardState.Active && !terminal.MerchantSuspended;
        return new Inquiry.Known(standing, household?.Members ?? 0, [.. rules.Quotas.Where(rule => terminal.Programmes.Contains(rule.Programme)).Select(BalanceOf)]);

        QuotaBalance BalanceOf(QuotaRule rule)
        {
            var members = MembersFor(rule, household);
            return Limits.BalanceOf(rule, members, rules.Date, state) with
            {
                FromAllowanceNow = mayDraw ? Limits.FromAllowanceOn(rules.Date, rule, rules, members, state) : 0,
            };
        }
    }

    public Task<Authorisation> AuthoriseAsync(DrawRequest request, CancellationToken cancellation) => DrawAsync(request, cancellation);

    /// <summary>The same path: whether a draw is offline the card says, under its signature, and not the call that brings it.</summary>
    public Task<Authorisation> PresentAsync(DrawRequest request, CancellationToken cancellation) => DrawAsync(request, cancellation);

    public async Task<Reversal> ReverseAsync(ReversalRequest request, CancellationToken cancellation)
    {
        using var place = path.TryEnter();
        if (place is null)
            return new Reversal.Busy(path.Options.RetryAfterMs);
        if (Evidence.RefusalOfCaller(request.SignedRecord, request.Terminal) is { } refusal)
            return await RefusedAsync(refusal, request.SignedRecord, request.Terminal, household: null, cancellation) ? Refused(request) : Busy();

        var signed = request.SignedRecord!;
        var card = await lookups.CardAsync(signed.Record.Card, cancellation);
        if (Evidence.RefusalOfCard(signed, card, cryptography, out _) is { } refusalOfCard)
            return await RefusedAsync(refusalOfCard, signed, request.Terminal, card?.Household, cancellation) ? Refused(request) : Busy();

        var advice = new Advice(signed, request.Terminal, request.Reason, programmes.RulesOn(signed.Record.Date), clock.UtcNow);
        var answer = await path.AskAsync(new ReversalLedgerRequest(advice, card!.Household), card.Household.Bucket, cancellation);
        return answer is null ? Busy() : new Reversal.Answered(answer.Result, signed.Record.TransactionId);

        Reversal Busy() => new Reversal.Busy(path.Options.RetryAfterMs);

        static Reversal Refused(ReversalRequest request) => new Reversal.Answered(ReversalResult.Refused, request.SignedRecord?.Record.TransactionId ?? default);
    }

    public async Task<Refund> RefundAsync(RefundRequest request, CancellationToken cancellation)
    {
        using var place = path.TryEnter();
        if (place is null)
            return new Refund.Busy(path.Options.RetryAfterMs);
        // Whether the record is genuine was found when it was recorded: the decision compares it with that.
        if (request.SignedRecord is not { } signed)
            return new Refund.Refused(RefundRefusal.NotGenuine);
        if (await lookups.CardAsync(signed.Record.Card, cancellation) is not { } card)
            return new Refund.Refused(RefundRefusal.NotApproved);
        var goods = new GoodsBack(signed, request.Terminal, request.RefundId, request.Lines, programmes.RulesOn(signed.Record.Date), clock.UtcNow);
        return await path.AskAsync(new RefundLedgerRequest(goods, card.Household), card.Household.Bucket, cancellation) ?? new Refund.Busy(path.Options.RetryAfterMs);
    }

    public IAsyncEnumerable<RefundedLine> RefundsOfAsync(DateOnly businessDate, CancellationToken cancellation) => queries.RefundsOfAsync(businessDate, cancellation);

    public IAsyncEnumerable<RecordedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation) => queries.LinesOfAsync(businessDate, cancellation);

    public Task<IReadOnlyList<BatchTotal>> TotalsOfAsync(TerminalId terminal, DateOnly businessDate, CancellationToken cancellation) =>
        queries.TotalsOfAsync(terminal, businessDate, cancellation);

    public async Task CreditAsync(Guid creditId, HouseholdId household, QuotaCode quota, PeriodId period, long amount, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        var rule = programmes.RulesOn(period.FirstDay).QuotaOf(quota);
        if (!rule.IsCredited)
            throw new ArgumentException($"Quota {quota} is given by a household's shape, not by credits.", nameof(quota));
        var credit = new Credit(creditId, household, rule.Programme, quota, rule.Unit, period, amount, clock.UtcNow);
        CreditAnswer? answer = null;
        while (answer is null)
            answer = await path.AskPatientlyAsync(new CreditLedgerRequest(credit), household.Bucket, cancellation);
    }

    private async Task<Authorisation> DrawAsync(DrawRequest request, CancellationToken cancellation)
    {
        using var place = path.TryEnter();
        if (place is null)
            return new Authorisation.Busy(path.Options.RetryAfterMs);
        if (Evidence.RefusalOfCaller(request.SignedRecord, request.Terminal) is { } refusal)
            return await TurnedAwayAsync(refusal, request, card: null, cancellation);

        var signed = request.SignedRecord!;
        var card = await lookups.CardAsync(signed.Record.Card, cancellation);
        // Asked before the signature is verified, so that the database looks while the processor computes.
        var household = card is null ? null : AboutHouseholdAsync(card.Household, signed.Record, cancellation);
        if (Evidence.RefusalOfCard(signed, card, cryptography, out var responses) is { } refusalOfCard)
            return await TurnedAwayAsync(refusalOfCard, request, card, cancellation);

        var (shape, state) = await household!;
        var draw = await DrawOfAsync(request, signed, card!, shape, cancellation);
        var ask = new DrawLedgerRequest(draw, DrawAssessment.Of(draw, clock)) { ReadAhead = state };
        var decision = await path.AskAsync(ask, draw.Card.Household.Bucket, cancellation);
        return decision is null ? new Authorisation.Busy(path.Options.RetryAfterMs) : Answer(draw, decision, responses!);
    }

    private async Task<(HouseholdShape? Shape, HouseholdState? State)> AboutHouseholdAsync(HouseholdId household, TransactionRecord record, CancellationToken cancellation)
    {
        var shape = lookups.HouseholdAsync(household, record.Date, cancellation);
        var state = await path.ReadAheadAsync(DrawLedgerRequest.KeyOf(record, household, programmes.RulesOn(record.Date)));
        return (await shape, state);
    }

    private async Task<Draw> DrawOfAsync(DrawRequest request, SignedRecord signed, CardStanding card, HouseholdShape? household, CancellationToken cancellation)
    {
        var record = signed.Record;
        var draw = new Draw(signed, request.Lines, request.Terminal, card, household, programmes.RulesOn(record.Date), programmes.Profile, clock.UtcNow, BlockedAt: null);
        if (!draw.IsOffline || card.State is not (CardState.Blocked or CardState.Replaced))
            return draw;
        var blockedAt = await lookups.BlockedAtAsync(record.Card, cancellation);
        return blockedAt is { } at && clock.IsSurelyAfter(record, at) ? draw with { BlockedAt = at } : draw;
    }

    private Authorisation.Decided Answer(Draw draw, DrawDecision decision, IssuerResponses responses)
    {
        var (code, response) = decision.IsApproved ? (IssuerResponses.ApprovedCode, responses.Approved) : (IssuerResponses.DeclinedCode, responses.Declined);
        IReadOnlyList<ReadOnlyMemory<byte>> scripts = decision.IsApproved && draw.Card.State == CardState.Active
            ? [.. decision.Grants.Select(grant => (ReadOnlyMemory<byte>)grant.Seal(body => cryptography.ScriptMac(draw.Card, body)))]
            : [];
        // Nobody waits in front of a card for the answer to what it decided alone.
        return new Authorisation.Decided(decision.Outcome, decision.OutcomeBytes, scripts, draw.IsOffline ? default : response, code);
    }

    /// <summary>Told, and kept as evidence, but not recorded as a disbursement: the (card, ATC) stays free for the card's own record.</summary>
    private async Task<Authorisation> TurnedAwayAsync(DeclineReason reason, DrawRequest request, CardStanding? card, CancellationToken cancellation)
    {
        if (!await RefusedAsync(reason, request.SignedRecord, request.Terminal, card?.Household, cancellation))
            return new Authorisation.Busy(path.Options.RetryAfterMs);
        var outcome = new DrawOutcome.Declined(
            request.SignedRecord?.Record.TransactionId ?? default, reason, Quota: null, Available: 0, FraudCase: Evidence.FraudIn(reason) is not null);
        return new Authorisation.Decided(outcome, OutcomeCodec.Encode(outcome), [], ReadOnlyMemory<byte>.Empty, IssuerResponses.DeclinedCode);
    }

    /// <summary>False where the ledger is too busy to keep the evidence.</summary>
    private async Task<bool> RefusedAsync(DeclineReason reason, SignedRecord? signed, TerminalStanding terminal, HouseholdId? household, CancellationToken cancellation)
    {
        if (signed is null)
            return true;
        // Without a household, the record's card number spreads the evidence.
        var bucket = household?.Bucket ?? new HouseholdId((long)signed.Record.Card.Value).Bucket;
        var now = clock.UtcNow;
        var fraud = household is { } owner && Evidence.FraudIn(reason) is { } kind
            ? new FraudCase(kind, owner, signed, terminal, clock.Today, now)
            : null;
        return await path.AskAsync(new EvidenceRequest(new RefusedRecord(reason, bucket, signed, terminal, now), fraud), bucket, cancellation) is not null;
    }

    private static int MembersFor(QuotaRule rule, HouseholdShape? household) =>
        household is not null && household.Programmes.Contains(rule.Programme.Value) ? household.Members : 0;
}
