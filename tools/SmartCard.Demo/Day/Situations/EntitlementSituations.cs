using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Households that ask for more than is theirs, or for what is theirs at another time.</summary>
internal sealed class EntitlementSituations(Scene scene)
{
    public IReadOnlyList<Situation> All =>
    [
        new("four days of bread at once", FourDaysAtOnceAsync),
        new("groceries beyond the month", BeyondTheMonthAsync),
        new("more oil than a card may have", BeyondCapAsync),
        new("a household without groceries", NotEntitledAsync),
        new("bread points at a grocer", BreadPointsAsync),
    ];

    private async Task FourDaysAtOnceAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take(household => household.Members.Count is 2 or 3);
        scene.Expect(await scene.Bakery.ServeAsync(card, scene.Baskets.BreadOf((uint)(4 * 5 * members)), cancellation), DeclineReason.OutsideDrawWindow);
    }

    private async Task BeyondTheMonthAsync(CancellationToken cancellation)
    {
        var (card, _) = scene.Take(household => household.Members.Count == 1 && Scene.HasGroceries(household));
        scene.Expect(await scene.Grocer.ServeAsync(card, scene.Baskets.GroceriesOf(commodity => commodity.Caps.Count == 0 && commodity.UnitPriceMinor >= 1_000, 6, ProgrammeCode.Groceries), cancellation), DeclineReason.BeyondEntitlement);
    }

    private async Task BeyondCapAsync(CancellationToken cancellation)
    {
        var (card, _) = scene.Take(household => household.Members.Count >= 4 && Scene.HasGroceries(household));
        scene.Expect(await scene.Grocer.ServeAsync(card, scene.Baskets.GroceriesOf(commodity => commodity.Caps.Count > 0 && commodity.UnitPriceMinor >= 2_000, 5, ProgrammeCode.Groceries), cancellation), DeclineReason.BeyondCap);
    }

    private async Task NotEntitledAsync(CancellationToken cancellation)
    {
        if (scene.World.Households.FirstOrDefault(household => !Scene.HasGroceries(household)) is not { } breadOnly)
            return;
        scene.Expect(await scene.Grocer.ServeAsync(scene.World.Cards[breadOnly.Household], scene.Baskets.Groceries(1), cancellation), DeclineReason.HouseholdNotEntitled);
    }

    private async Task BreadPointsAsync(CancellationToken cancellation)
    {
        var (card, _) = scene.Take(Scene.HasGroceries);
        var points = scene.World.Rules.Programmes[ProgrammeCode.BreadPoints];
        var quota = scene.World.Rules.Quotas.Single(rule => rule.Code == points.Quota);
        await scene.World.Disbursements.CreditAsync(
            DeterministicId.Of("points", card.Household.Value), card.Household, points.Quota, quota.PeriodOf(scene.Day.Date), 5_000, cancellation);
        var bought = await scene.Grocer.ServeAsync(card, scene.Baskets.GroceriesOf(commodity => commodity.Caps.Count == 0, 1, ProgrammeCode.BreadPoints), cancellation);

        // Points are spent in the first week of the month after: on other days the tap must say so.
        if (quota.DayLimit(1, scene.Day.Date) > 0)
            scene.Expect(bought, TapOutcomeKind.Approved);
        else
            scene.Expect(bought, DeclineReason.OutsideDrawWindow);
    }
}
