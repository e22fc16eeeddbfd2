using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;
using BasketLine = SmartCard.Protocol.Transactions.BasketLine;

namespace SmartCard.Demo.Day.Situations;

/// <summary>Merchants that may not sell, and tills that sell what or at what they please.</summary>
internal sealed class MerchantSituations(Scene scene)
{
    /// <summary>Nobody publishes a price for it.</summary>
    private static readonly BasketLine Soap = new(ProgrammeCode.Groceries, new CommodityCode(9_999), 1, 1_000);

    public IReadOnlyList<Situation> All =>
    [
        new("a merchant whose programme was withdrawn", MerchantWithdrawnAsync),
        new("a suspended merchant", MerchantSuspendedAsync),
        new("a revoked terminal", RevokedTerminalAsync),
        new("a cashier with prices of his own", OwnPricesAsync),
        new("a cashier with goods of his own", OwnGoodsAsync),
        new("a till whose prices were edited", EditedPricesAsync),
        new("a till on whose list goods were added", AddedGoodsAsync),
    ];

    private async Task MerchantWithdrawnAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take(Scene.HasGroceries);
        var shop = scene.Day.Shops.Last(candidate => !candidate.Merchant.IsBakery);
        var merchant = shop.Merchant.Merchant;
        await RegisterAsync(merchant with { Programmes = [ProgrammeCode.BreadPoints] }, cancellation);
        scene.Expect(await shop.ServeAsync(card, scene.Baskets.Groceries(members), cancellation), DeclineReason.MerchantNotAllowed);
        await RegisterAsync(merchant, cancellation);
    }

    private async Task MerchantSuspendedAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var merchant = scene.OtherBakery.Merchant.Merchant.Merchant;
        Changed(await scene.World.MerchantRegister.SuspendAsync(merchant, "inspection", cancellation));
        scene.Expect(await scene.OtherBakery.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation), DeclineReason.MerchantSuspended);
        Changed(await scene.World.MerchantRegister.ReinstateAsync(merchant, cancellation));
    }

    private async Task RevokedTerminalAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var owner = scene.Bakery.Merchant;
        var spare = owner with { Terminal = TerminalId.Parse("EGSPARE1"), TerminalFolder = owner.TerminalFolder + "-spare" };
        await scene.World.EnrolAsync(spare, cancellation);
        await using var shop = await Shop.OpenAsync(spare, scene.Day.PlaceOf(owner), scene.World.Clock, scene.Day.Tally, cancellation);
        Changed(await scene.World.MerchantRegister.RevokeTerminalAsync(spare.Terminal, "stolen", cancellation));
        scene.Expect(await shop.ServeAsync(card, scene.Baskets.BreadOf((uint)members), cancellation), TapOutcomeKind.TerminalRefused);
    }

    private async Task OwnPricesAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        scene.Expect(await scene.Bakery.ServeAsync(card, [DearerBread(members)], cancellation), TapOutcomeKind.BasketRefused);
    }

    private async Task OwnGoodsAsync(CancellationToken cancellation)
    {
        var (card, _) = scene.Take(Scene.HasGroceries);
        scene.Expect(await scene.Grocer.ServeAsync(card, [Soap], cancellation), TapOutcomeKind.BasketRefused);
    }

    private async Task EditedPricesAsync(CancellationToken cancellation)
    {
        var (card, members) = scene.Take();
        var bread = DearerBread(members);
        var tap = await ServeFromEditedListAsync(scene.Bakery, RaisePrice, card, bread, cancellation);
        scene.Expect(tap, DeclineReason.PriceMismatch);

        void RaisePrice(ICollection<Price> prices)
        {
            foreach (var price in prices.Where(price => price.Commodity == bread.Commodity.Value))
                price.UnitPriceMinor = bread.UnitPriceMinor;
        }
    }

    private async Task AddedGoodsAsync(CancellationToken cancellation)
    {
        var (card, _) = scene.Take(Scene.HasGroceries);
        var tap = await ServeFromEditedListAsync(scene.Grocer, AddSoap, card, Soap, cancellation);
        scene.Expect(tap, DeclineReason.UnknownCommodity);

        static void AddSoap(ICollection<Price> prices)
        {
            var soap = prices.First(price => price.Programme == ProgrammeCode.Groceries.Value).Clone();
            (soap.Commodity, soap.UnitPriceMinor) = (Soap.Commodity.Value, Soap.UnitPriceMinor);
            prices.Add(soap);
        }
    }

    /// <summary>A tap at a till whose price list somebody edited: its card signs what the till says. Afterwards the till has the published list again.</summary>
    private async Task<TapResult> ServeFromEditedListAsync(
        Shop shop, Action<ICollection<Price>> edit, DemoCard card, BasketLine line, CancellationToken cancellation)
    {
        var till = await scene.Day.ReopenAsync(shop, scene.World.Clock, cancellation, merchant => StoredPriceList.Edit(merchant, edit));
        var tap = await till.ServeAsync(card, [line], cancellation);
        await scene.Day.ReopenAsync(till, scene.World.Clock, cancellation, StoredPriceList.Outdate);
        return tap;
    }

    private async Task RegisterAsync(MerchantRegistration merchant, CancellationToken cancellation) =>
        Changed(await scene.World.MerchantRegister.RegisterAsync(merchant, cancellation));

    private static void Changed(MerchantOutcome outcome)
    {
        if (outcome is MerchantOutcome.Refused refused)
            throw new InvalidOperationException($"A merchant's change was refused: {refused.Reason}.");
    }

    private BasketLine DearerBread(int loaves)
    {
        var line = scene.Baskets.BreadOf((uint)loaves)[0];
        return line with { UnitPriceMinor = line.UnitPriceMinor + 5 };
    }
}
