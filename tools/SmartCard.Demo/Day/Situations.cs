using Google.Protobuf;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Tap;
using BasketLine = SmartCard.Protocol.Transactions.BasketLine;

namespace SmartCard.Demo.Day;

/// <summary>What happens at a counter besides ordinary draws: each plays with a household of its own and says how its tap must end.</summary>
internal sealed class Situations
{
    private readonly DemoWorld _world;
    private readonly BusinessDay _day;
    private readonly BasketPlanner _baskets;
    private readonly List<HouseholdRegistration> _free;
    private readonly List<string> _surprises = [];

    public Situations(DemoWorld world, BusinessDay day, IReadOnlyList<HouseholdRegistration> households, int seed)
    {
        _world = world;
        _day = day;
        _free = [.. households];
        _baskets = new BasketPlanner(world.Rules, new Random(seed));
        All =
        [
            ("four days of bread at once", FourDaysAtOnceAsync),
            ("groceries beyond the month", BeyondTheMonthAsync),
            ("more oil than a card may have", BeyondCapAsync),
            ("a household without groceries", NotEntitledAsync),
            ("a merchant whose programme was withdrawn", MerchantWithdrawnAsync),
            ("a suspended merchant", MerchantSuspendedAsync),
            ("a till with prices of its own", OwnPricesAsync),
            ("a till with goods of its own", OwnGoodsAsync),
            ("a card reported lost", LostCardAsync),
            ("a replaced card and its successor", ReplacedCardAsync),
            ("a copied card", CopiedCardAsync),
            ("a terminal that changes the amount", TamperedRecordAsync),
            ("a terminal that changes the signature", TamperedSignatureAsync),
            ("a terminal that swaps the basket", SwappedBasketAsync),
            ("a record sent through another terminal", BorrowedRecordAsync),
            ("a terminal whose clock is wrong", WrongClockAsync),
            ("an answer that is lost, and its reversal", LostAnswerAsync),
            ("goods given back at the counter", CancelledDrawAsync),
            ("bread points at a grocer", BreadPointsAsync),
        ];
    }

    public IReadOnlyList<(string Name, Func<CancellationToken, Task> PlayAsync)> All { get; }

    /// <summary>Situations that did not end as they must, in words.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    private Shop Bakery => _day.Shops.First(shop => shop.Merchant.IsBakery);

    private Shop OtherBakery => _day.Shops.Where(shop => shop.Merchant.IsBakery).ElementAt(1);

    private Shop Grocer => _day.Shops.First(shop => !shop.Merchant.IsBakery);

    private async Task FourDaysAtOnceAsync(CancellationToken cancellation)
    {
        var (card, members) = Take(household => household.Members.Count is 2 or 3);
        Expect(await Bakery.ServeAsync(card, _baskets.BreadOf((uint)(4 * 5 * members)), cancellation), DeclineReason.OutsideDrawWindow);
    }

    private async Task BeyondTheMonthAsync(CancellationToken cancellation)
    {
        var (card, _) = Take(household => household.Members.Count == 1 && HasGroceries(household));
        Expect(await Grocer.ServeAsync(card, _baskets.GroceriesOf(commodity => commodity.Caps.Count == 0 && commodity.UnitPriceMinor >= 1_000, 6, ProgrammeCode.Groceries), cancellation), DeclineReason.BeyondEntitlement);
    }

    private async Task BeyondCapAsync(CancellationToken cancellation)
    {
        var (card, _) = Take(household => household.Members.Count >= 4 && HasGroceries(household));
        Expect(await Grocer.ServeAsync(card, _baskets.GroceriesOf(commodity => commodity.Caps.Count > 0 && commodity.UnitPriceMinor >= 2_000, 5, ProgrammeCode.Groceries), cancellation), DeclineReason.BeyondCap);
    }

    private async Task NotEntitledAsync(CancellationToken cancellation)
    {
        if (_world.Households.FirstOrDefault(household => !HasGroceries(household)) is not { } breadOnly)
            return;
        Expect(await Grocer.ServeAsync(_world.Cards[breadOnly.Household], _baskets.Groceries(1), cancellation), DeclineReason.HouseholdNotEntitled);
    }

    private async Task MerchantWithdrawnAsync(CancellationToken cancellation)
    {
        var (card, members) = Take(HasGroceries);
        var shop = _day.Shops.Last(candidate => !candidate.Merchant.IsBakery);
        var merchant = shop.Merchant.Merchant;
        await RegisterAsync(merchant with { Programmes = [ProgrammeCode.BreadPoints] }, cancellation);
        Expect(await shop.ServeAsync(card, _baskets.Groceries(members), cancellation), DeclineReason.MerchantNotAllowed);
        await RegisterAsync(merchant, cancellation);
    }

    private async Task MerchantSuspendedAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var merchant = OtherBakery.Merchant.Merchant.Merchant;
        Changed(await _world.MerchantRegister.SuspendAsync(merchant, "inspection", cancellation));
        Expect(await OtherBakery.ServeAsync(card, _baskets.BreadOf((uint)members), cancellation), DeclineReason.MerchantSuspended);
        Changed(await _world.MerchantRegister.ReinstateAsync(merchant, cancellation));
    }

    private async Task OwnPricesAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        BasketLine[] dearer = [.. _baskets.BreadOf((uint)members).Select(line => line with { UnitPriceMinor = line.UnitPriceMinor + 5 })];
        Expect(await Bakery.ServeAsync(card, dearer, cancellation), TapOutcomeKind.BasketRefused);
    }

    private async Task OwnGoodsAsync(CancellationToken cancellation)
    {
        var (card, _) = Take(HasGroceries);
        var soap = new CommodityCode(9_999);
        Expect(await Grocer.ServeAsync(card, [new BasketLine(ProgrammeCode.Groceries, soap, 1, 1_000)], cancellation), TapOutcomeKind.BasketRefused);
    }

    private async Task LostCardAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        await _world.Bureau.BlockAsync(card.Number, "lost", cancellation);
        Expect(await Bakery.ServeAsync(card, _baskets.Bread(members), cancellation), DeclineReason.CardBlocked);

        // Once the terminal has the denylist, the card gets no further than the counter.
        await OtherBakery.Terminal.RefreshAsync(cancellation);
        Expect(await OtherBakery.ServeAsync(card, _baskets.Bread(members), cancellation), TapOutcomeKind.CardDenylisted);
    }

    private async Task ReplacedCardAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var number = await _world.Bureau.ReplaceAsync(card.Number, "damaged", cancellation);
        Expect(await Bakery.ServeAsync(card, _baskets.Bread(members), cancellation), DeclineReason.CardReplaced);

        var successor = await _world.ProduceCardAsync(card.Household, number, cancellation);
        Expect(await Bakery.ServeAsync(successor, _baskets.Bread(members), cancellation), DeclineReason.CardNotActive);
        await _world.Bureau.ActivateAsync(successor.Number, cancellation);
        Expect(await Bakery.ServeAsync(successor, _baskets.Bread(members), cancellation), TapOutcomeKind.Approved);
    }

    private async Task CopiedCardAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var copy = card with { Path = card.Path + ".copy" };
        File.Copy(card.Path, copy.Path);
        Expect(await Bakery.ServeAsync(card, _baskets.BreadOf((uint)(5 * members)), cancellation), TapOutcomeKind.Approved);

        // The copy uses the same counter for other content, then goes on from a record that the ledger never saw.
        Expect(await OtherBakery.ServeAsync(copy, _baskets.BreadOf((uint)members), cancellation), DeclineReason.AtcReplayed);
        Expect(await OtherBakery.ServeAsync(copy, _baskets.BreadOf((uint)members), cancellation), DeclineReason.ChainForked);
    }

    private async Task TamperedRecordAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        Bakery.Line.TamperNext = request =>
        {
            request.SignedRecord.Record = Changed(request.SignedRecord.Record, index: 17, by: 1); // the amount's last two digits
            return request;
        };
        Expect(await Bakery.ServeAsync(card, _baskets.BreadOf((uint)(5 * members)), cancellation), DeclineReason.WrongCryptogram);
    }

    private async Task TamperedSignatureAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        Bakery.Line.TamperNext = request =>
        {
            request.SignedRecord.Signature = Changed(request.SignedRecord.Signature, index: 40, by: 1);
            return request;
        };
        Expect(await Bakery.ServeAsync(card, _baskets.BreadOf((uint)(5 * members)), cancellation), DeclineReason.WrongSignature);
    }

    private async Task SwappedBasketAsync(CancellationToken cancellation)
    {
        var (card, members) = Take(HasGroceries);
        Grocer.Line.TamperNext = request =>
        {
            request.Lines[0].Quantity++;
            return request;
        };
        Expect(await Grocer.ServeAsync(card, _baskets.Groceries(members), cancellation), DeclineReason.BasketMismatch);
    }

    private async Task BorrowedRecordAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var (other, otherMembers) = Take();
        await Bakery.ServeAsync(card, _baskets.BreadOf((uint)members), cancellation);
        var borrowed = Bakery.Line.LastAuthorise;
        OtherBakery.Line.TamperNext = _ => borrowed!;

        // The backend turns the borrowed record away; to the terminal's own software that is no answer to its own, which it then undoes.
        Expect(await OtherBakery.ServeAsync(other, _baskets.BreadOf((uint)otherMembers), cancellation), TapOutcomeKind.NoAnswer);
        if (!(await OtherBakery.Terminal.SendUnsentAsync(cancellation)).IsAllSent)
            _surprises.Add("the draw behind a borrowed record was not undone");
    }

    private async Task WrongClockAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var shop = OtherBakery;
        var skewed = await _day.ReopenAsync(shop, new SkewedClock(_world.Clock, TimeSpan.FromDays(2)), cancellation);
        Expect(await skewed.ServeAsync(card, _baskets.BreadOf((uint)members), cancellation), DeclineReason.DateOutOfRange);
        await _day.ReopenAsync(skewed, _world.Clock, cancellation);
    }

    private async Task LostAnswerAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var loaves = _baskets.BreadOf((uint)_baskets.BreadAtOnceMax(members));
        Bakery.Line.LoseNextAnswer();
        Expect(await Bakery.ServeAsync(card, loaves, cancellation), TapOutcomeKind.NoAnswer);
        var sent = await Bakery.Terminal.SendUnsentAsync(cancellation);
        if (!sent.IsAllSent)
            _surprises.Add($"a reversal was not acknowledged: {sent}");

        // The household is none the worse: what was undone can be drawn again.
        Expect(await Bakery.ServeAsync(card, loaves, cancellation), TapOutcomeKind.Approved);
    }

    private async Task CancelledDrawAsync(CancellationToken cancellation)
    {
        var (card, members) = Take();
        var drawn = await Bakery.ServeAsync(card, _baskets.BreadOf((uint)members), cancellation);
        Expect(drawn, TapOutcomeKind.Approved);
        if (!await Bakery.Terminal.CancelAsync(drawn.TransactionId!.Value, cancellation) || !(await Bakery.Terminal.SendUnsentAsync(cancellation)).IsAllSent)
            _surprises.Add("a draw that was given back was not reversed");
    }

    private async Task BreadPointsAsync(CancellationToken cancellation)
    {
        var (card, _) = Take(HasGroceries);
        var points = _world.Rules.Programmes[ProgrammeCode.BreadPoints];
        var quota = _world.Rules.Quotas.Single(rule => rule.Code == points.Quota);
        await _world.Disbursements.CreditAsync(
            DeterministicId.Of("points", card.Household.Value), card.Household, points.Quota, quota.PeriodOf(_day.Date), 5_000, cancellation);
        var bought = await Grocer.ServeAsync(card, _baskets.GroceriesOf(commodity => commodity.Caps.Count == 0, 1, ProgrammeCode.BreadPoints), cancellation);

        // Points are spent in the first week of the month after: on other days the tap must say so.
        if (quota.DayLimit(1, _day.Date) > 0)
            Expect(bought, TapOutcomeKind.Approved);
        else
            Expect(bought, DeclineReason.OutsideDrawWindow);
    }

    private (DemoCard Card, int Members) Take(Predicate<HouseholdRegistration>? which = null)
    {
        var index = _free.FindIndex(which ?? (_ => true));
        if (index < 0)
            throw new InvalidOperationException("The population has no household for one of the day's situations: ask for more households.");
        var household = _free[index];
        _free.RemoveAt(index);
        return (_world.Cards[household.Household], household.Members.Count);
    }

    private async Task RegisterAsync(MerchantRegistration merchant, CancellationToken cancellation) =>
        Changed(await _world.MerchantRegister.RegisterAsync(merchant, cancellation));

    private static void Changed(MerchantOutcome outcome)
    {
        if (outcome is MerchantOutcome.Refused refused)
            throw new InvalidOperationException($"A merchant's change was refused: {refused.Reason}.");
    }

    private void Expect(TapResult tap, DeclineReason reason)
    {
        if (tap.Outcome.Kind != TapOutcomeKind.Declined || tap.Outcome.Decline != reason)
            _surprises.Add($"expected {reason}, got {tap.Outcome}");
    }

    private void Expect(TapResult tap, TapOutcomeKind kind)
    {
        if (tap.Outcome.Kind != kind)
            _surprises.Add($"expected {kind}, got {tap.Outcome}");
    }

    private static bool HasGroceries(HouseholdRegistration household) => household.Programmes.Contains(ProgrammeCode.Groceries.Value);

    private static ByteString Changed(ByteString bytes, int index, byte by)
    {
        var changed = bytes.ToByteArray();
        changed[index] ^= by;
        return ByteString.CopyFrom(changed);
    }

    /// <summary>A shop's clock that somebody set wrong.</summary>
    private sealed class SkewedClock(TimeProvider right, TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + skew;
    }
}
