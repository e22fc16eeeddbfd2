using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.Audit;

/// <summary>Egypt's rules once more, in the auditor's own words and numbers: what a line takes of which quota, and how much bread a day may have.</summary>
internal static class Counting
{
    private const int OilBottles = 201;
    private const int SugarGrams = 202;

    /// <summary>Quota and amount.</summary>
    public static IEnumerable<(int Quota, long Amount)> Of(BasketLine line)
    {
        // The quota that counts a whole programme has the programme's number.
        yield return (line.Programme.Value, line.Programme == ProgrammeCode.Bread ? line.Quantity : (long)line.Quantity * line.UnitPriceMinor);
        if (line.Commodity.Value is 100 or 101)
            yield return (OilBottles, line.Quantity);
        if (line.Commodity.Value == 102)
            yield return (SugarGrams, 1_000L * line.Quantity);
    }

    /// <summary>5 loaves a head and day; up to three persons may fetch three days' at once, larger households two.</summary>
    public static long LoavesOfADayMax(int membersMax)
    {
        // A household that grew may have had the larger window while it was small.
        var most = 0;
        for (var members = 1; members <= membersMax; members++)
            most = Math.Max(most, 5 * members * (members <= 3 ? 3 : 2));
        return most;
    }
}
