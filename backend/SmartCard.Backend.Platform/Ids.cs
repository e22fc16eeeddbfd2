namespace SmartCard.Backend.Platform;

/// <summary>The unit that is entitled: a household with its ration card. Pseudonymous; names live in the registry alone.</summary>
public readonly record struct HouseholdId(long Value)
{
    /// <summary>Shards by which the hot tables are keyed; fixed for ever, see backend/docs/decisions.</summary>
    public const int Buckets = 1024;

    /// <summary>
    /// The household's bucket, 0 to 1,023: leads every hot key, so that a household's rows live on one shard. A Fibonacci
    /// hash of the id: consecutive ids spread.
    /// </summary>
    public short Bucket => unchecked((short)(((ulong)Value * 0x9E37_79B9_7F4A_7C15UL) >> 54));

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A merchant: who is owed money. May have several outlets.</summary>
public readonly record struct MerchantId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A merchant's shop.</summary>
public readonly record struct OutletId(long Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A quota: what a household may draw of something in a period. The numbers are the country profile's.</summary>
public readonly record struct QuotaCode(ushort Value) : IComparable<QuotaCode>
{
    public int CompareTo(QuotaCode other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A quota's period: yyyymm00 for a month, yyyymmdd for a day. Periods of one quota are ordered by their number.</summary>
public readonly record struct PeriodId(int Value) : IComparable<PeriodId>
{
    public static PeriodId MonthOf(DateOnly date) => new((date.Year * 10_000) + (date.Month * 100));

    public DateOnly FirstDay => new(Value / 10_000, Value / 100 % 100, 1);

    public DateOnly LastDay => FirstDay.AddMonths(1).AddDays(-1);

    public int CompareTo(PeriodId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A label in the three languages of the users.</summary>
public sealed record Label(string Ar, string Fr, string En);
