namespace SmartCard.Protocol.Transactions;

/// <summary>Packed binary coded decimal, two digits a byte, most significant first (EMV book 3, 4.3, format n).</summary>
public static class Bcd
{
    /// <summary>Reads at most nine bytes (18 digits); false where a nibble is above 9.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bcd, out ulong value)
    {
        value = 0;
        if (bcd.Length > 9)
            return false;
        foreach (var octet in bcd)
        {
            var high = octet >> 4;
            var low = octet & 0x0F;
            if (high > 9 || low > 9)
                return false;
            value = (value * 100) + (ulong)((high * 10) + low);
        }
        return true;
    }

    /// <summary>Writes <paramref name="value"/> right-aligned, zero-filled; a value that does not fit is a caller's bug.</summary>
    public static void Encode(ulong value, Span<byte> destination)
    {
        for (var index = destination.Length - 1; index >= 0; index--)
        {
            var pair = (int)(value % 100);
            destination[index] = (byte)(((pair / 10) << 4) | (pair % 10));
            value /= 100;
        }
        if (value != 0)
            throw new ArgumentOutOfRangeException(nameof(value), "The number has more digits than the field.");
    }

    /// <summary>Reads YYMMDD as a date of the years 2000 to 2099 (EMV tags 9A, 5F24, 5F25).</summary>
    public static bool TryDecodeDate(ReadOnlySpan<byte> yymmdd, out DateOnly date)
    {
        date = default;
        if (yymmdd.Length != 3 || !TryDecode(yymmdd, out var digits))
            return false;
        var (year, month, day) = ((int)(digits / 10_000), (int)(digits / 100 % 100), (int)(digits % 100));
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(2000 + year, month))
            return false;
        date = new DateOnly(2000 + year, month, day);
        return true;
    }

    public static void EncodeDate(DateOnly date, Span<byte> yymmdd)
    {
        if (date.Year is < 2000 or > 2099)
            throw new ArgumentOutOfRangeException(nameof(date), "A card's date has a two-digit year of this century.");
        Encode((ulong)(((date.Year - 2000) * 10_000) + (date.Month * 100) + date.Day), yymmdd[..3]);
    }

    /// <summary>Reads HHMMSS (EMV tag 9F21); seconds only, no leap second.</summary>
    public static bool TryDecodeTime(ReadOnlySpan<byte> hhmmss, out TimeOnly time)
    {
        time = default;
        if (hhmmss.Length != 3 || !TryDecode(hhmmss, out var digits))
            return false;
        var (hour, minute, second) = ((int)(digits / 10_000), (int)(digits / 100 % 100), (int)(digits % 100));
        if (hour > 23 || minute > 59 || second > 59)
            return false;
        time = new TimeOnly(hour, minute, second);
        return true;
    }

    public static void EncodeTime(TimeOnly time, Span<byte> hhmmss) =>
        Encode((ulong)((time.Hour * 10_000) + (time.Minute * 100) + time.Second), hhmmss[..3]);
}
