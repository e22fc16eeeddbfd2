using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>What one household has drawn of one quota in one period; changed only by <see cref="HouseholdState.Apply"/>.</summary>
internal sealed class Balance(QuotaCode quota, PeriodId period)
{
    public QuotaCode Quota { get; } = quota;
    public PeriodId Period { get; } = period;
    public long Consumed { get; set; }

    /// <summary>Reserved for the household's cards: lent and neither presented nor given back.</summary>
    public long Lent { get; set; }
    public long Credited { get; set; }

    /// <summary>The limit that held when consumed + lent last grew.</summary>
    public long Limit { get; set; }

    /// <summary>The latest business date with a draw, yyyymmdd; 0 before the first.</summary>
    public int Day { get; set; }
    public long DayConsumed { get; set; }

    /// <summary>Never moved: looked at, perhaps.</summary>
    public bool IsEmpty => Consumed == 0 && Lent == 0 && Credited == 0 && Limit == 0;

    public void AssertSound() => Invariant.Holds(
        Consumed >= 0 && Lent >= 0 && Credited >= 0 && DayConsumed >= 0 && Consumed + Lent <= Limit,
        $"0 <= consumed + lent <= limit for quota {Quota} in {Period}: {Consumed} + {Lent} against {Limit}, {DayConsumed} on {Day}");
}

/// <summary>What was lent to one card of one quota in one period; totals of the period, so they only grow.</summary>
internal sealed class LentAllowance(CardNumber card, QuotaCode quota, PeriodId period)
{
    public CardNumber Card { get; } = card;
    public QuotaCode Quota { get; } = quota;
    public PeriodId Period { get; } = period;
    public long Granted { get; set; }

    /// <summary>Of <see cref="Granted"/>: presented by terminals or given back.</summary>
    public long Settled { get; set; }

    /// <summary>Counter of the script that carries <see cref="Granted"/> to the card.</summary>
    public uint ScriptCounter { get; set; }
    public long Outstanding => Granted - Settled;

    /// <summary>Nothing was ever lent: looked at, perhaps.</summary>
    public bool IsEmpty => Granted == 0;

    public void AssertSound() => Invariant.Holds(Settled >= 0 && Settled <= Granted, $"0 <= settled <= granted for quota {Quota} in {Period}: {Settled} of {Granted}");
}
