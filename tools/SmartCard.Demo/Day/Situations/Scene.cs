using SmartCard.Backend.Registry.Contracts;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Where the day's situations are played: its shops, households that nobody else uses, and the list of what did not end as it must.</summary>
internal sealed class Scene(DemoWorld world, BusinessDay day, IReadOnlyList<HouseholdRegistration> households, int seed)
{
    private readonly List<HouseholdRegistration> _free = [.. households];
    private readonly List<string> _surprises = [];
    private string _playing = "";

    public DemoWorld World => world;
    public BusinessDay Day => day;
    public BasketPlanner Baskets { get; } = new(world.Rules, new Random(seed));

    public Shop Bakery => day.Shops.First(shop => shop.Merchant.IsBakery);

    public Shop OtherBakery => day.Shops.Where(shop => shop.Merchant.IsBakery).ElementAt(1);

    public Shop Grocer => day.Shops.First(shop => !shop.Merchant.IsBakery);

    /// <summary>Situations that did not end as they must, in words.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    public async Task PlayAsync(Situation situation, CancellationToken cancellation)
    {
        _playing = situation.Name;
        await situation.PlayAsync(cancellation);
    }

    /// <summary>The card of a household that has not drawn today and will not be taken again.</summary>
    public (DemoCard Card, int Members) Take(Predicate<HouseholdRegistration>? which = null)
    {
        var index = _free.FindIndex(which ?? (_ => true));
        if (index < 0)
            throw new InvalidOperationException($"The population has no household for '{_playing}': ask for more households.");
        var household = _free[index];
        _free.RemoveAt(index);
        return (world.Cards[household.Household], household.Members.Count);
    }

    public static bool HasGroceries(HouseholdRegistration household) => household.Programmes.Contains(ProgrammeCode.Groceries.Value);

    public void Expect(TapResult tap, DeclineReason reason)
    {
        if (tap.Outcome.Kind != TapOutcomeKind.Declined || tap.Outcome.Decline != reason)
            Surprise($"expected {reason}, got {tap.Outcome}");
    }

    public void Expect(TapResult tap, TapOutcomeKind kind)
    {
        if (tap.Outcome.Kind != kind)
            Surprise($"expected {kind}, got {tap.Outcome}");
    }

    /// <summary>Declines that the backend gave when the citizens were gone; they are counted with the others.</summary>
    public void ExpectLater(IReadOnlyList<DeclineReason> declines, params IReadOnlyList<DeclineReason> expected)
    {
        foreach (var reason in declines)
            day.Tally.CountLater(reason);
        if (!declines.SequenceEqual(expected))
            Surprise($"expected {string.Join(", ", expected)} later, got {string.Join(", ", declines)}");
    }

    /// <summary>Everything that the terminal kept back is taken over by the backend now, and nothing of it is declined.</summary>
    public async Task ExpectAllSentAsync(Shop shop, CancellationToken cancellation)
    {
        var sent = await shop.Terminal.SendUnsentAsync(cancellation);
        if (!sent.IsAllSent || sent.PresentedDeclined > 0)
            Surprise($"not everything was sent and taken: {sent}");
    }

    public void Surprise(string what) => _surprises.Add($"{_playing}: {what}");
}
