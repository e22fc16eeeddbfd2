namespace SmartCard.Demo.Report;

internal static class Percentiles
{
    /// <summary>The smallest value that <paramref name="percent"/> of the values do not exceed (nearest rank); 0 of none.</summary>
    public static double NearestRank(IReadOnlyCollection<double> values, int percent)
    {
        if (values.Count == 0)
            return 0;
        var sorted = values.Order().ToArray();
        var rank = (int)Math.Ceiling(percent / 100.0 * sorted.Length);
        return Math.Round(sorted[Math.Max(rank, 1) - 1], 3);
    }
}
