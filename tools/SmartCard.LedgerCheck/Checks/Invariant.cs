namespace SmartCard.LedgerCheck.Checks;

/// <summary>The promises of the ledger, in the order and with the numbers of its design, and a ninth of the reconciliation that reads it.</summary>
internal sealed record Invariant(int Number, string Promise)
{
    public static readonly Invariant DoubleEntry = new(1, "Debits equal credits, per unit and per entry; nothing is updated or deleted.");
    public static readonly Invariant Replay = new(2, "No balance is below zero, and every balance is the replay of its movements.");
    public static readonly Invariant OnePerCounter = new(3, "At most one disbursement for a (card, ATC); other content under the same key opened a case.");
    public static readonly Invariant WithinQuota = new(4, "Consumed and lent never pass the quota of a household, programme and period.");
    public static readonly Invariant Settlement = new(5, "A settlement is the sum of its lines, and each line is in exactly one.");
    public static readonly Invariant Ended = new(6, "Every record received ended recorded or refused, with a reason; none is pending.");
    public static readonly Invariant Journals = new(7, "What a terminal's journal says is settled stands in the ledger, with the same content and outcome.");
    public static readonly Invariant HandedOver = new(8, "Goods were handed over only with a record, or a torn case was logged.");
    public static readonly Invariant Reconciliation = new(9, "A reconciliation run adds up, and is the sum of the ledger's lines and of its terminals' totals.");

    public static readonly IReadOnlyList<Invariant> All = [DoubleEntry, Replay, OnePerCounter, WithinQuota, Settlement, Ended, Journals, HandedOver, Reconciliation];
}
