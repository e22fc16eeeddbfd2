using SmartCard.Backend.Reconciliation.Contracts;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <param name="Place">Number of <see cref="Places"/>: the recorded terminal where there is one, else the claimed one.</param>
/// <param name="Occurrence">0 for the first of its key, then 1, ...; duplicates are counted on their own.</param>
internal readonly record struct FoundBreak(
    BreakKind Kind, UInt128 Transaction, ushort Programme, int Place, int Occurrence,
    long RecordedQuantity, long ClaimedQuantity, long RecordedCitizenPaidMinor, long ClaimedCitizenPaidMinor);

/// <param name="ByPlace">One entry for each of <see cref="Places"/>.</param>
/// <param name="Breaks">By merchant, terminal, kind, transaction, programme and occurrence.</param>
internal sealed record MatchResult(LineTotals Totals, LineTotals[] ByPlace, FoundBreak[] Breaks)
{
    /// <summary>Refunds are matched as draws are, and what is found is named as a refund's.</summary>
    public MatchResult OfRefunds() => this with { Breaks = Array.ConvertAll(Breaks, found => found with { Kind = BreakKinds.OfRefund(found.Kind) }) };
}

internal static class BreakKinds
{
    private const int Refunds = BreakKind.RefundMissingAtMerchant - BreakKind.MissingAtMerchant;

    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<BreakKind> OfDraws { get; } = [.. Enum.GetValues<BreakKind>().Where(kind => !IsRefund(kind))];

    public static bool IsRefund(BreakKind kind) => kind >= BreakKind.RefundMissingAtMerchant;

    public static BreakKind OfRefund(BreakKind kind) => kind + Refunds;

    public static bool IsDuplicate(BreakKind kind) => kind is BreakKind.Duplicate or BreakKind.RefundDuplicate;
}
