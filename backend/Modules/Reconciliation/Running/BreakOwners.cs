using SmartCard.Backend.Reconciliation.Contracts;

namespace SmartCard.Backend.Reconciliation.Running;

/// <summary>Who settles a break when nobody has said otherwise: decision 0004.</summary>
internal static class BreakOwners
{
    public const string Merchant = "merchant";
    public const string Operations = "operations";
    public const string Fraud = "fraud";

    public static string Of(BreakKind kind) => kind switch
    {
        // The merchant's book lacks what a card signed: the merchant completes it, and is paid meanwhile.
        BreakKind.MissingAtMerchant => Merchant,
        // Claimed twice: the merchant withdraws one.
        BreakKind.Duplicate => Merchant,
        // No card signed what is claimed, as far as is known.
        BreakKind.MissingAtMinistry => Fraud,
        // Both sides know the draw and disagree about it.
        BreakKind.AmountDiffers => Operations,
        BreakKind.Late => Operations,
        // The merchant gave its subsidy up and its book does not say so: the merchant completes it.
        BreakKind.RefundMissingAtMerchant => Merchant,
        BreakKind.RefundDuplicate => Merchant,
        // Nobody gains by a refund that only the merchant knows of; a household lacks its quota.
        BreakKind.RefundMissingAtMinistry => Operations,
        BreakKind.RefundAmountDiffers => Operations,
        BreakKind.RefundLate => Operations,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of break."),
    };
}
