using SmartCard.Backend.Platform;
using SmartCard.Demo.Readers;
using SmartCard.Demo.Report;
using SmartCard.Demo.World;

namespace SmartCard.Demo.Day;

/// <summary>The shops of one business day and the hours they go through.</summary>
internal sealed class BusinessDay : IAsyncDisposable
{
    private readonly DemoWorld _world;
    private readonly ReaderPlace[] _places;

    private BusinessDay(DemoWorld world, ReaderPlace[] places)
    {
        _world = world;
        _places = places;
        Date = world.Calendar.Today;
    }

    public DateOnly Date { get; }
    public Tally Tally { get; } = new();
    public IReadOnlyList<Shop> Shops { get; private set; } = [];

    public static async Task<BusinessDay> OpenAsync(DemoWorld world, DemoOptions options, CancellationToken cancellation)
    {
        IReadOnlyList<IReaderSlot> slots = options.Pcsc
            ? PcscReaderSlot.FromEnvironment()
            : [.. world.Merchants.Select(merchant => new InProcessReaderSlot("reader of " + merchant.Terminal))];
        if (slots.Count == 0)
            throw new InvalidOperationException("No virtual reader is known: run tools/demo --pcsc, which starts pcscd with some.");
        var day = new BusinessDay(world, [.. slots.Select(slot => new ReaderPlace(slot))]);
        var shops = new List<Shop>();
        foreach (var merchant in world.Merchants)
            shops.Add(await Shop.OpenAsync(merchant, day.PlaceOf(merchant), world.Clock, day.Tally, cancellation));
        day.Shops = shops;
        return day;
    }

    public ReaderPlace PlaceOf(DemoMerchant merchant) => _places[merchant.Index % _places.Length];

    /// <summary>Sets the clock to an hour of this business day.</summary>
    public void GoTo(TimeSpan hour) => _world.Clock.Set(_world.Calendar.StartOf(Date) + hour);

    public void GoToNextDay(TimeSpan hour) => _world.Clock.Set(_world.Calendar.StartOf(Date.AddDays(1)) + hour);

    /// <summary>Every shop serves its visitors in order, all shops at the same time.</summary>
    public Task ServeAsync(string title, IReadOnlyList<Visit> visits, Stages stages, CancellationToken cancellation) =>
        stages.RunAsync(title, visits.Count, done => Task.WhenAll(visits.GroupBy(visit => visit.Merchant).Select(queue => Task.Run(
            async () =>
            {
                foreach (var visit in queue)
                {
                    await Shops[visit.Merchant].ServeAsync(_world.Cards[visit.Household], visit.Lines, cancellation);
                    done();
                }
            },
            cancellation))));

    /// <summary>Swaps a shop's terminal for the same one under another clock, or after something was done to its folder.</summary>
    public async Task<Shop> ReopenAsync(Shop shop, TimeProvider time, CancellationToken cancellation, Action<DemoMerchant>? whileClosed = null)
    {
        await shop.DisposeAsync();
        whileClosed?.Invoke(shop.Merchant);
        var reopened = await Shop.OpenAsync(shop.Merchant, PlaceOf(shop.Merchant), time, Tally, cancellation);
        Shops = [.. Shops.Select(other => other == shop ? reopened : other)];
        return reopened;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shop in Shops)
            await shop.DisposeAsync();
        foreach (var place in _places)
            place.Dispose();
    }
}
