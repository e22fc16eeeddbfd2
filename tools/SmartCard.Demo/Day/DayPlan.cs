using SmartCard.Backend.Registry.Contracts;
using SmartCard.Demo.World;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.Day;

/// <summary>
/// Who goes where with which basket. The last households of the register are kept apart for the day's situations; the others visit a bakery, and
/// some of them a grocer too.
/// </summary>
internal sealed class DayPlan
{
    /// <summary>Households kept apart.</summary>
    private const int KeptApart = 80;

    /// <summary>Of a hundred households, how many visit a bakery and how many a grocer.</summary>
    private const int BakeryPercent = 86;
    private const int GrocerPercent = 36;

    /// <summary>Of a hundred visits to a bakery, how many are in the morning.</summary>
    private const int MorningPercent = 65;

    private DayPlan(IReadOnlyList<Visit> morning, IReadOnlyList<Visit> afternoon, IReadOnlyList<HouseholdRegistration> apart) =>
        (Morning, Afternoon, Apart) = (morning, afternoon, apart);

    public IReadOnlyList<Visit> Morning { get; }
    public IReadOnlyList<Visit> Afternoon { get; }

    /// <summary>Households without an ordinary visit.</summary>
    public IReadOnlyList<HouseholdRegistration> Apart { get; }

    public static DayPlan Make(DemoWorld world, int seed)
    {
        var random = new Random(seed);
        var baskets = new BasketPlanner(world.Rules, random);
        var bakeries = world.Merchants.Where(merchant => merchant.IsBakery).ToArray();
        var grocers = world.Merchants.Where(merchant => !merchant.IsBakery).ToArray();
        var (morning, afternoon) = (new List<Visit>(), new List<Visit>());
        var ordinary = world.Households.SkipLast(KeptApart).ToArray();
        foreach (var household in ordinary)
        {
            var members = household.Members.Count;
            // One card cannot be at two counters at once: who goes to both goes to one of them in the morning.
            var (first, second) = random.Next(100) < MorningPercent ? (morning, afternoon) : (afternoon, morning);
            if (random.Next(100) < BakeryPercent)
                first.Add(new Visit(household.Household, bakeries[random.Next(bakeries.Length)].Index, baskets.Bread(members)));
            if (household.Programmes.Contains(ProgrammeCode.Groceries.Value) && random.Next(100) < GrocerPercent)
                second.Add(new Visit(household.Household, grocers[random.Next(grocers.Length)].Index, baskets.Groceries(members)));
        }
        return new DayPlan(morning, afternoon, [.. world.Households.TakeLast(KeptApart)]);
    }
}
