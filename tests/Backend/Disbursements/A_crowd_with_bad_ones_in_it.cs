using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

// Each kind of bad draw comes amid thirty good ones, so that they share batches: it is declined for what is wrong with it, takes nothing, and the good
// ones are on disk. From the future, from last year, lines by the hundred, amounts at the end of their range, wrong units, another card under the same
// number, and a card that changed its household, which no honest backend does. A queue of two: early refusals, nothing recorded, nothing lost.
public abstract class A_crowd_with_bad_ones_in_it(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private Drawing _loaves = null!;

    public static TheoryData<string, DeclineReason> BadDraws { get; } = new()
    {
        { "an hour from the future", DeclineReason.DateOutOfRange },
        { "from last year", DeclineReason.DateOutOfRange },
        { "from the year 2099", DeclineReason.DateOutOfRange },
        { "offline, from last year", DeclineReason.DateOutOfRange },
        { "offline, from tomorrow", DeclineReason.DateOutOfRange },
        { "500 lines", DeclineReason.BasketMismatch },
        { "64 lines of the largest quantity and price", DeclineReason.BasketMismatch },
        { "the largest quantity that a card signs", DeclineReason.BasketMismatch },
        { "loaves counted in piastres", DeclineReason.BasketMismatch },
        { "an amount that the lines do not come to", DeclineReason.BasketMismatch },
        { "dollars", DeclineReason.BasketMismatch },
        { "a line of none", DeclineReason.BasketMismatch },
        { "an article that there is not", DeclineReason.UnknownCommodity },
        { "a price of its own", DeclineReason.PriceMismatch },
        { "more than a month's bread", DeclineReason.OutsideDrawWindow },
        { "a refund's type", DeclineReason.MalformedRecord },
    };

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _loaves = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(15));
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadDraws))]
    public async Task Declines_the_bad_one_for_its_reason_and_records_the_others(string what, DeclineReason reason)
    {
        var (bad, drawing) = (_world.Household(members: 3), Spoilt(what));
        var signed = bad.Draw(drawing);

        var (answer, good) = await AmidGoodOnesAsync(() => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, drawing.Lines));

        answer.Declined(reason);
        await AllRecordedAsync(good);
        Assert.Equal(0, (await _world.BalanceAsync(bad, Egypt.Bread)).Consumed);
        Assert.Equal(0, await _world.CountAsync("movements", $"household = {bad.Household.Value}"));
    }

    [Fact]
    public async Task Keeps_the_first_outcome_of_a_key_that_comes_with_other_content()
    {
        var card = _world.Household(members: 3);
        var copy = card.Copied();
        var first = card.Draw(_loaves);
        var outcome = await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, first, _loaves.Lines);
        var other = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10));
        var second = copy.Draw(other);

        var (answer, good) = await AmidGoodOnesAsync(() => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, second, other.Lines));

        Assert.True(answer.Declined(DeclineReason.AtcReplayed).FraudCase);
        await AllRecordedAsync(good);
        Assert.Equal(outcome.OutcomeBytes.ToArray(), (await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, first, _loaves.Lines)).OutcomeBytes.ToArray());
        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {card.Number.Value}"));
    }

    [Fact]
    public async Task Fails_a_card_that_changed_its_household_and_records_the_others()
    {
        var card = _world.Household(members: 3);
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(5))).Approved();
        var neighbour = await NeighbourInBucketAsync(card.Household);
        var moved = _world.Moved(card, neighbour.Household);
        var signed = moved.Draw(_loaves);

        var good = GoodOnes();
        var draws = good.Select(own => _world.TapAsync(own, LedgerWorld.Bakery, _loaves)).ToArray();
        await Assert.ThrowsAsync<LedgerInvariantException>(() => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, _loaves.Lines));

        Assert.All(await Task.WhenAll(draws), answer => answer.Approved());
        await AllRecordedAsync(good);
        Assert.Equal(0, (await _world.BalanceAsync(neighbour, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Is_turned_away_early_by_a_full_queue_and_recorded_when_it_comes_again()
    {
        await using var small = _world.Start(options => (options.QueueMax, options.BatchMax, options.Writers, options.RetryAfterMs) = (2, 1, 1, 77));
        var cards = Enumerable.Range(0, 100).Select(_ => _world.Household(members: 3)).ToArray();
        var waiting = cards.Select(card => card.Draw(_loaves)).ToList();
        var turnedAway = 0;

        for (var round = 0; waiting.Count > 0 && round < 1_000; round++)
        {
            var answers = await Task.WhenAll(waiting.Select(async signed =>
                (Signed: signed, Answer: await small.Ledger.AuthoriseAsync(new DrawRequest(LedgerWorld.Bakery, signed, _loaves.Lines), CancellationToken.None))));
            Assert.All(answers.Select(answer => answer.Answer).OfType<Authorisation.Busy>(), busy => Assert.Equal(77, busy.RetryAfterMs));
            waiting = [.. answers.Where(answer => answer.Answer is Authorisation.Busy).Select(answer => answer.Signed)];
            turnedAway += waiting.Count;
        }

        Assert.Empty(waiting);
        Assert.NotEqual(0, turnedAway);
        await AllRecordedAsync(cards);
    }

    private Drawing Spoilt(string what)
    {
        var lines = what switch
        {
            "500 lines" => [.. Enumerable.Range(0, 500).Select(_ => Tapping.Loaves(1))],
            "64 lines of the largest quantity and price" => [.. Enumerable.Range(0, 64).Select(_ => Tapping.Loaves(uint.MaxValue) with { UnitPriceMinor = uint.MaxValue })],
            "a line of none" => [Tapping.Loaves(15), Tapping.Loaves(0)],
            "an article that there is not" => [Tapping.Loaves(15) with { Commodity = new CommodityCode(9_999) }],
            "a price of its own" => [Tapping.Loaves(15) with { UnitPriceMinor = 19 }],
            "more than a month's bread" => [Tapping.Loaves(5_000)],
            _ => _loaves.Lines,
        };
        var honest = _loaves with
        {
            Lines = lines,
            BasketHash = lines.Count <= Basket.LinesMax ? Basket.Hash(lines) : _loaves.BasketHash,
            Draws = [_loaves.Draws[0] with { Quantity = (uint)Math.Clamp(lines.Sum(line => (long)line.Quantity), 1, int.MaxValue) }],
            AmountMinor = (long)Int128.Min(999_999_999_999, lines.Aggregate(Int128.Zero, (sum, line) => sum + ((Int128)line.Quantity * line.UnitPriceMinor))),
        };
        return what switch
        {
            "an hour from the future" => honest with { Time = honest.Time.AddHours(1) },
            "from last year" => honest with { Date = honest.Date.AddYears(-1) },
            "from the year 2099" => honest with { Date = new DateOnly(2099, 12, 31) },
            "offline, from last year" => honest with { Date = honest.Date.AddYears(-1), Kind = CryptogramKind.Offline },
            "offline, from tomorrow" => honest with { Date = honest.Date.AddDays(1), Kind = CryptogramKind.Offline },
            "the largest quantity that a card signs" => honest with { Draws = [honest.Draws[0] with { Quantity = int.MaxValue }] },
            "loaves counted in piastres" => honest with { Draws = [honest.Draws[0] with { Unit = QuantityUnit.MinorCurrency }] },
            "an amount that the lines do not come to" => honest with { AmountMinor = 999_999_999_999 },
            "dollars" => honest with { Currency = 840 },
            "a refund's type" => honest with { Type = 0x20 },
            _ => honest,
        };
    }

    private TestCard[] GoodOnes() => [.. Enumerable.Range(0, 30).Select(_ => _world.Household(members: 3))];

    private async Task<(Authorisation.Decided Bad, TestCard[] Good)> AmidGoodOnesAsync(Func<Task<Authorisation.Decided>> bad)
    {
        var good = GoodOnes();
        var before = good.Take(15).Select(card => _world.TapAsync(card, LedgerWorld.Bakery, _loaves)).ToArray();
        var answer = bad();
        var after = good.Skip(15).Select(card => _world.TapAsync(card, LedgerWorld.Bakery, _loaves)).ToArray();
        Assert.All(await Task.WhenAll([.. before, .. after]), decided => decided.Approved());
        return (await answer, good);
    }

    private async Task AllRecordedAsync(TestCard[] cards)
    {
        foreach (var card in cards)
            Assert.Equal(15, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    /// <summary>A household that draws, in the same bucket: there the ledger can see what is wrong.</summary>
    private async Task<TestCard> NeighbourInBucketAsync(HouseholdId household)
    {
        while (true)
        {
            var card = _world.Household(members: 3);
            if (card.Household.Bucket != household.Bucket)
                continue;
            Assert.Equal(0, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
            return card;
        }
    }
}

public sealed class A_crowd_with_bad_ones_in_it_on_sqlite(SqliteTestDatabase database) : A_crowd_with_bad_ones_in_it(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_crowd_with_bad_ones_in_it_on_postgres(PostgresTestDatabase database) : A_crowd_with_bad_ones_in_it(database), IClassFixture<PostgresTestDatabase>;
