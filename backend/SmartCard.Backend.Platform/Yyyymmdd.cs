namespace SmartCard.Backend.Platform;

/// <summary>Business dates as numbers, yyyymmdd: the same on both databases, in order, and readable by an auditor.</summary>
public static class Yyyymmdd
{
    public static int Of(DateOnly date) => (date.Year * 10_000) + (date.Month * 100) + date.Day;

    public static DateOnly ToDate(int yyyymmdd) => new(yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}
