using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>One request on its way to a writer. Answered once, after its batch is on disk.</summary>
internal abstract class LedgerRequest
{
    /// <summary>Whose turn is needed; null for evidence that stands by itself.</summary>
    public LedgerKey? Key { get; protected init; }

    /// <summary>What was read ahead; used once, then it is history.</summary>
    public HouseholdState? ReadAhead { get; set; }

    public int Attempts { get; set; }

    /// <summary>Decides against the household's state and adds to its changes. May run again, on a fresh state, where the first write came to nothing.</summary>
    public abstract void Decide(HouseholdState state, DateOnly today, IEntryIds ids);

    /// <summary>The decision is on disk.</summary>
    public abstract void Answer();

    /// <summary>Others were quicker too often: nothing was recorded.</summary>
    public abstract void GiveUp();

    public abstract void Fail(Exception failure);
}

/// <typeparam name="TAnswer">What the caller waits for; null says that the ledger was too busy.</typeparam>
internal abstract class LedgerRequest<TAnswer> : LedgerRequest
    where TAnswer : class
{
    private readonly TaskCompletionSource<TAnswer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TAnswer?> AnswerAsync => _answer.Task;

    protected TAnswer? Decided { get; set; }

    public override void Answer() => _answer.SetResult(Decided ?? throw new LedgerInvariantException("a request is decided before it is answered"));

    public override void GiveUp() => _answer.SetResult(null);

    public override void Fail(Exception failure) => _answer.SetException(failure);
}

internal sealed class DrawLedgerRequest : LedgerRequest<DrawDecision>
{
    private readonly Draw _draw;
    private readonly DrawAssessment _assessment;

    public DrawLedgerRequest(Draw draw, DrawAssessment assessment)
    {
        (_draw, _assessment) = (draw, assessment);
        Key = KeyOf(draw.Record, draw.Card.Household, draw.Rules);
    }

    public static LedgerKey KeyOf(TransactionRecord record, HouseholdId household, ProgrammeRules rules) => new(household, rules.Periods, record.Card, record.Atc);

    public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids) => Decided = DrawDecision.Decide(_draw, _assessment, state, today, ids);
}

internal sealed record ReversalAnswer(ReversalResult Result);

internal sealed class ReversalLedgerRequest : LedgerRequest<ReversalAnswer>
{
    private readonly Advice _advice;

    public ReversalLedgerRequest(Advice advice, HouseholdId household)
    {
        _advice = advice;
        var record = advice.Signed.Record;
        Key = new LedgerKey(household, advice.Rules.Periods, record.Card, record.Atc, WithMovements: true);
    }

    public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids) => Decided = new ReversalAnswer(ReversalDecision.Decide(_advice, state, today, ids));
}

internal sealed class RefundLedgerRequest : LedgerRequest<Refund>
{
    private readonly GoodsBack _goods;

    public RefundLedgerRequest(GoodsBack goods, HouseholdId household)
    {
        _goods = goods;
        var record = goods.Signed.Record;
        Key = new LedgerKey(household, goods.Rules.Periods, record.Card, record.Atc, WithMovements: true);
    }

    public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids) => Decided = RefundDecision.Decide(_goods, state, today, ids);
}

internal sealed record CreditAnswer(bool IsNew);

internal sealed class CreditLedgerRequest : LedgerRequest<CreditAnswer>
{
    private readonly Credit _credit;

    public CreditLedgerRequest(Credit credit)
    {
        _credit = credit;
        Key = new LedgerKey(credit.Household, [credit.Period], Credit: credit.CreditId);
    }

    public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids) => Decided = new CreditAnswer(CreditDecision.Decide(_credit, state, ids));
}

/// <summary>Evidence about a record that took no (card, ATC): nobody's turn is needed.</summary>
internal sealed class EvidenceRequest(RefusedRecord refused, FraudCase? fraud) : LedgerRequest<RefusedRecord>
{
    public RefusedRecord Refused { get; } = refused;

    public FraudCase? Fraud { get; } = fraud;

    public override void Decide(HouseholdState state, DateOnly today, IEntryIds ids) => throw new LedgerInvariantException("evidence is not decided");

    public override void Answer()
    {
        Decided = Refused;
        base.Answer();
    }
}
