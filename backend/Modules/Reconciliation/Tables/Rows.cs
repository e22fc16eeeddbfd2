using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Tables;

/// <summary>Columns of <see cref="LineTotals"/>.</summary>
internal abstract class TotalsRow
{
    public long RunId { get; set; }
    public long Recorded { get; set; }
    public long Claimed { get; set; }
    public long Matched { get; set; }
    public long Late { get; set; }
    public long MissingAtMerchant { get; set; }
    public long MissingAtMinistry { get; set; }
    public long AmountDiffers { get; set; }
    public long Duplicate { get; set; }
    public long RecordedSubsidyMinor { get; set; }
    public long RecordedCitizenPaidMinor { get; set; }
    public long ClaimedCitizenPaidMinor { get; set; }

    public void Put(in LineTotals totals)
    {
        (Recorded, Claimed, Matched, Late) = (totals.Recorded, totals.Claimed, totals.Matched, totals.Late);
        (MissingAtMerchant, MissingAtMinistry, AmountDiffers, Duplicate) =
            (totals.MissingAtMerchant, totals.MissingAtMinistry, totals.AmountDiffers, totals.Duplicate);
        (RecordedSubsidyMinor, RecordedCitizenPaidMinor, ClaimedCitizenPaidMinor) =
            (totals.RecordedSubsidyMinor, totals.RecordedCitizenPaidMinor, totals.ClaimedCitizenPaidMinor);
    }

    public LineTotals ToTotals() => new()
    {
        Recorded = Recorded,
        Claimed = Claimed,
        Matched = Matched,
        Late = Late,
        MissingAtMerchant = MissingAtMerchant,
        MissingAtMinistry = MissingAtMinistry,
        AmountDiffers = AmountDiffers,
        Duplicate = Duplicate,
        RecordedSubsidyMinor = RecordedSubsidyMinor,
        RecordedCitizenPaidMinor = RecordedCitizenPaidMinor,
        ClaimedCitizenPaidMinor = ClaimedCitizenPaidMinor,
    };
}

/// <summary>One run, for ever: who ran which date when, and what came out of its draws as a whole. Only a date's latest has terminals' totals and breaks.</summary>
internal sealed class RunRow : TotalsRow
{
    public DateOnly BusinessDate { get; set; }
    public DateTimeOffset RanAt { get; set; }
    public string Actor { get; set; } = "";
}

/// <summary>What came out of a run's refunds as a whole; a run from before there were refunds has none.</summary>
internal sealed class RunRefundsRow : TotalsRow;

/// <summary>Which run of a date is the one that holds.</summary>
internal sealed class ReconciledDateRow
{
    public DateOnly BusinessDate { get; set; }
    public long RunId { get; set; }
}

/// <summary>A terminal's share; a merchant's is the sum of its terminals'.</summary>
internal abstract class TerminalShareRow : TotalsRow
{
    public MerchantId MerchantId { get; set; }
    public TerminalId TerminalId { get; set; }
}

/// <summary>Of draws.</summary>
internal sealed class TerminalTotalRow : TerminalShareRow;

/// <summary>Of refunds.</summary>
internal sealed class TerminalRefundsRow : TerminalShareRow;

/// <summary>A difference. Ids ascend by merchant, terminal, kind, transaction, programme.</summary>
internal sealed class BreakRow
{
    public long BreakId { get; set; }
    public long RunId { get; set; }
    public BreakKind Kind { get; set; }
    public TransactionId TransactionId { get; set; }
    public ProgrammeCode Programme { get; set; }
    public MerchantId MerchantId { get; set; }
    public TerminalId TerminalId { get; set; }

    /// <summary>0 for the first of its key in a date, then 1, ...; duplicates are counted on their own.</summary>
    public int Occurrence { get; set; }
    public long RecordedQuantity { get; set; }
    public long ClaimedQuantity { get; set; }
    public long RecordedCitizenPaidMinor { get; set; }
    public long ClaimedCitizenPaidMinor { get; set; }
    public DateOnly BusinessDate { get; set; }
    public string Owner { get; set; } = "";
    public DateOnly OpenedOn { get; set; }

    public Break ToBreak() => new(
        BreakId, Kind, TransactionId, TerminalId, MerchantId, Programme, RecordedQuantity, ClaimedQuantity, RecordedCitizenPaidMinor, ClaimedCitizenPaidMinor,
        BusinessDate, Owner, OpenedOn);
}
