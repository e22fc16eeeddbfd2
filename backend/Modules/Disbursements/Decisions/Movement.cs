using System.Runtime.CompilerServices;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Whose account. The numbers are in the ledger: never reuse one.</summary>
internal enum AccountKind : short
{
    /// <summary>The programme's fund: where entitlements and subsidies come from. Owner: programme code.</summary>
    Fund = 1,

    /// <summary>What a household may draw. Owner: household id.</summary>
    Household = 2,

    /// <summary>What is lent to a card for use without a line. Owner: card number.</summary>
    Card = 3,

    /// <summary>What a merchant handed over, or is owed for it. Owner: merchant id.</summary>
    Merchant = 4,
}

internal readonly record struct Account(AccountKind Kind, long Owner)
{
    public static Account Fund(ProgrammeCode programme) => new(AccountKind.Fund, programme.Value);

    public static Account Household(HouseholdId household) => new(AccountKind.Household, household.Value);

    public static Account Card(CardNumber card) => new(AccountKind.Card, (long)card.Value);

    public static Account Merchant(MerchantId merchant) => new(AccountKind.Merchant, merchant.Value);
}

/// <summary>
/// One double-entry movement: <paramref name="Amount"/> leaves the debit account and reaches the credit account. Never changed and
/// never deleted; a correction is a new movement that names the entry it undoes.
/// </summary>
/// <param name="Entry">The disbursement, lending, credit or reversal that it belongs to.</param>
/// <param name="Undoes">The entry that a correction names.</param>
/// <param name="Amount">1 or more, in <paramref name="Unit"/>.</param>
internal readonly record struct Movement(
    long Entry, short Ordinal, long? Undoes, Account Debit, Account Credit, QuotaCode Quota, PeriodId Period, QuantityUnit Unit, long Amount);

/// <summary>What has to be true whatever happened; a broken one is a bug, stops the batch, and never reaches the disk.</summary>
internal sealed class LedgerInvariantException(string invariant, Exception? shownBy = null) : InvalidOperationException("Broken invariant of the ledger: " + invariant, shownBy);

internal static class Invariant
{
    public static void Holds(bool condition, string invariant)
    {
        if (!condition)
            throw new LedgerInvariantException(invariant);
    }

    /// <summary>The same in words that are put together only where it does not hold: it is asked several times for each draw.</summary>
    public static void Holds(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref BrokenInvariant invariant)
    {
        if (!condition)
            throw new LedgerInvariantException(invariant.ToString());
    }
}

/// <summary>An interpolated string that is not made as long as the invariant holds.</summary>
[InterpolatedStringHandler]
internal ref struct BrokenInvariant
{
    private DefaultInterpolatedStringHandler _text;

    public BrokenInvariant(int literalLength, int formattedCount, bool condition, out bool isBroken)
    {
        isBroken = !condition;
        _text = isBroken ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToStringAndClear();
}
