using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// A draw with everything wrong that can be wrong together, put right one thing at a time: each time the next reason of the list is given.
/// Then each reason by itself, where being first would hide it. No database: the decisions are values.
/// </summary>
public sealed class Declining_for_the_first_reason_that_applies
{
    private static readonly BasketLine[] Lines = [Tapping.Loaves(10)];
    private static readonly TestCard Card = new(CardNumber.FromPayload(111), new HouseholdId(7)) { Atc = 4 };
    private static readonly FakeClock Clock = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
    private static readonly RecordClock RecordClock = new(new BusinessCalendar(Clock, "Africa/Cairo"));

    [Fact]
    public void Gives_the_reasons_of_an_online_draw_in_their_order()
    {
        var everythingWrong = new Situation
        {
            Terminal = LedgerWorld.Bakery with { State = TerminalState.Revoked, Terminal = TerminalId.Parse("OTHER001"), MerchantSuspended = true, Programmes = [] },
            CardExists = false,
            Cryptogram = false,
            Signature = false,
            ChainBefore = new RecordChain(99),
            Card = Card.Standing with { State = CardState.Ordered },
            Time = new TimeOnly(3, 0),
            Lines = [Tapping.Loaves(9)],
            ListedLines = [Tapping.Loaves(9) with { Commodity = new CommodityCode(9_999), UnitPriceMinor = 21 }],
            Household = null,
            Consumed = 450,
            DayConsumed = 40,
        };

        // What is put right, and the reason that was hidden behind it.
        (Func<Situation, Situation> Mend, DeclineReason Next)[] steps =
        [
            (wrong => wrong, DeclineReason.TerminalNotEnrolled),
            (wrong => wrong with { Terminal = wrong.Terminal with { State = TerminalState.Enrolled } }, DeclineReason.TerminalMismatch),
            (wrong => wrong with { Terminal = wrong.Terminal with { Terminal = LedgerWorld.Bakery.Terminal } }, DeclineReason.UnknownCard),
            (wrong => wrong with { CardExists = true }, DeclineReason.WrongCryptogram),
            (wrong => wrong with { Cryptogram = true }, DeclineReason.WrongSignature),
            (wrong => wrong with { Signature = true }, DeclineReason.ChainForked),
            (wrong => wrong with { ChainBefore = null }, DeclineReason.CardNotActive),
            (wrong => wrong with { Card = Card.Standing with { State = CardState.Blocked } }, DeclineReason.CardBlocked),
            (wrong => wrong with { Card = Card.Standing with { State = CardState.Replaced } }, DeclineReason.CardReplaced),
            (wrong => wrong with { Card = Card.Standing }, DeclineReason.MerchantSuspended),
            (wrong => wrong with { Terminal = wrong.Terminal with { MerchantSuspended = false } }, DeclineReason.MerchantNotAllowed),
            (wrong => wrong with { Terminal = wrong.Terminal with { Programmes = [ProgrammeCode.Bread] } }, DeclineReason.DateOutOfRange),
            (wrong => wrong with { Time = new TimeOnly(10, 0) }, DeclineReason.BasketMismatch),
            (wrong => wrong with { Lines = wrong.ListedLines!, ListedLines = null }, DeclineReason.UnknownCommodity),
            (wrong => wrong with { Lines = [Tapping.Loaves(9) with { UnitPriceMinor = 21 }] }, DeclineReason.PriceMismatch),
            (wrong => wrong with { Lines = Lines }, DeclineReason.HouseholdNotEntitled),
            (wrong => wrong with { Household = new HouseholdShape(Card.Household, 3, [1], 1) }, DeclineReason.OutsideDrawWindow),
            (wrong => wrong with { DayConsumed = 0, Consumed = 445, Time = new TimeOnly(10, 0), Date = new DateOnly(2026, 11, 30) }, DeclineReason.BeyondEntitlement),
        ];

        var situation = everythingWrong;
        var given = new List<DeclineReason>();
        foreach (var (mend, _) in steps)
        {
            situation = mend(situation);
            given.Add(Assert.IsType<DrawOutcome.Declined>(situation.Decide()).Reason);
        }

        Assert.Equal(steps.Select(step => step.Next), given);
        Assert.Equal(given.Order(), given);
        Assert.IsType<DrawOutcome.Approved>((situation with { Consumed = 0 }).Decide());
    }

    [Fact]
    public void Puts_the_cards_own_refusal_before_its_state() =>
        Assert.Equal(DeclineReason.CardDeclined, Reason(new Situation { Kind = CryptogramKind.Declined, Card = Card.Standing with { State = CardState.Blocked } }));

    [Fact]
    public void Knows_one_type_of_transaction() => Assert.Equal(DeclineReason.MalformedRecord, Reason(new Situation { Type = 20 }));

    [Theory]
    [InlineData(840)]
    [InlineData(1)]
    public void Takes_only_the_profiles_currency(int currency) =>
        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Currency = (ushort)currency }));

    [Fact]
    public void Takes_no_empty_basket() => Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Lines = [] }));

    [Fact]
    public void Takes_no_line_that_the_card_did_not_sign() =>
        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { ListedLines = [Tapping.Loaves(10), Tapping.OfOil(1)] }));

    [Fact]
    public void Takes_no_more_lines_than_a_basket_has() =>
        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { ListedLines = [.. Enumerable.Repeat(Tapping.Loaves(1), 500)] }));

    [Fact]
    public void Takes_no_line_of_a_programme_that_was_not_drawn() =>
        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Lines = [Tapping.Loaves(10), Tapping.OfOil(1)], DrawsBreadAlone = true }));

    [Fact]
    public void Takes_no_line_of_nothing() =>
        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Lines = [Tapping.Loaves(10), Tapping.Loaves(0)] }));

    [Fact]
    public void Takes_no_amount_that_the_lines_do_not_give() => Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { AmountMinor = 199 }));

    [Fact]
    public void Takes_no_quantity_in_the_wrong_unit() => Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Unit = QuantityUnit.Gram }));

    [Fact]
    public void Does_not_overflow_on_the_largest_basket_there_is()
    {
        var monstrous = Enumerable.Repeat(new BasketLine(ProgrammeCode.Groceries, Tapping.Rice, uint.MaxValue, uint.MaxValue), Basket.LinesMax).ToArray();

        Assert.Equal(DeclineReason.BasketMismatch, Reason(new Situation { Lines = monstrous, QuantityOfAll = int.MaxValue, Terminal = LedgerWorld.Cooperative, AmountMinor = 0 }));
    }

    [Fact]
    public void Pays_an_article_from_a_programme_that_pays_for_it() =>
        Assert.Equal(DeclineReason.UnknownCommodity, Reason(new Situation { Lines = [Tapping.OfOil(1) with { Commodity = Tapping.Loaf }], Terminal = LedgerWorld.Cooperative }));

    [Fact]
    public void Takes_the_price_list_of_the_records_date() =>
        Assert.Equal(
            DeclineReason.UnknownCommodity,
            Reason(new Situation { Lines = [new BasketLine(ProgrammeCode.Groceries, new CommodityCode(100), 1, 2500)], Terminal = LedgerWorld.Cooperative }));

    [Fact]
    public void Admits_a_household_to_its_programmes_only() =>
        Assert.Equal(
            DeclineReason.HouseholdNotEntitled,
            Reason(new Situation { Lines = [Tapping.OfOil(1)], Terminal = LedgerWorld.Cooperative, Household = new HouseholdShape(Card.Household, 3, [1], 1) }));

    [Theory]
    [InlineData("09:50:00", true)]
    [InlineData("09:49:59", false)]
    [InlineData("10:10:00", true)]
    [InlineData("10:10:01", false)]
    public void Allows_a_terminals_clock_to_be_off_by_the_policys_minutes(string time, bool allowed) =>
        Assert.Equal(allowed ? null : DeclineReason.DateOutOfRange, Reason(new Situation { Time = TimeOnly.Parse(time, System.Globalization.CultureInfo.InvariantCulture) }));

    private static DeclineReason? Reason(Situation situation) => (situation.Decide() as DrawOutcome.Declined)?.Reason;

    /// <summary>A draw that is approved as it stands.</summary>
    private sealed record Situation
    {
        public TerminalStanding Terminal { get; init; } = LedgerWorld.Bakery;
        public bool CardExists { get; init; } = true;
        public CardStanding Card { get; init; } = Declining_for_the_first_reason_that_applies.Card.Standing;
        public bool Cryptogram { get; init; } = true;
        public bool Signature { get; init; } = true;
        public RecordChain? ChainBefore { get; init; }
        public CryptogramKind Kind { get; init; } = CryptogramKind.Online;
        public byte Type { get; init; }
        public ushort Currency { get; init; } = 818;
        public DateOnly? Date { get; init; }
        public TimeOnly Time { get; init; } = new(10, 0);
        public BasketLine[] Lines { get; init; } = Declining_for_the_first_reason_that_applies.Lines;

        /// <summary>What the caller lists; what was signed where null.</summary>
        public BasketLine[]? ListedLines { get; init; }
        public bool DrawsBreadAlone { get; init; }
        public uint? QuantityOfAll { get; init; }
        public long? AmountMinor { get; init; }
        public QuantityUnit? Unit { get; init; }
        public HouseholdShape? Household { get; init; } = new(Declining_for_the_first_reason_that_applies.Card.Household, 3, [1, 2], 1);
        public long Consumed { get; init; }
        public long DayConsumed { get; init; }

        public DrawOutcome Decide()
        {
            var signed = Sign();
            var reason = Evidence.RefusalOfCaller(signed, Terminal) ?? Evidence.RefusalOfCard(signed, CardExists ? Card : null, new TestCryptography(), out _);
            if (reason is { } early)
                return new DrawOutcome.Declined(signed.Record.TransactionId, early, null, 0, false);

            var now = Date is { } date ? new DateTimeOffset(date.ToDateTime(new TimeOnly(8, 0)), TimeSpan.Zero) : Clock.GetUtcNow();
            var draw = new Draw(signed, ListedLines ?? Lines, Terminal, Card, Household, Rules(signed.Record.Date), Egypt.Programmes.Profile, now, BlockedAt: null);
            return DrawDecision.Decide(draw, DrawAssessment.Of(draw, RecordClock), State(signed.Record), signed.Record.Date, new CountingIds()).Outcome;
        }

        private static ProgrammeRules Rules(DateOnly date) => Egypt.Programmes.RulesOn(date);

        private SignedRecord Sign()
        {
            var draws = Lines.GroupBy(line => line.Programme).OrderBy(own => own.Key).Where(own => !DrawsBreadAlone || own.Key == ProgrammeCode.Bread).Select(own => new ProgrammeDraw(
                own.Key,
                QuantityOfAll ?? (uint)own.Sum(line => own.Key == ProgrammeCode.Bread ? line.Quantity : (long)line.Quantity * line.UnitPriceMinor),
                Unit ?? (own.Key == ProgrammeCode.Bread ? QuantityUnit.Loaf : QuantityUnit.MinorCurrency),
                0)).ToArray();
            return TestCard.Sign(
                new TransactionRecord
                {
                    Card = Card.Card,
                    Atc = new Atc(5),
                    Kind = Kind,
                    AmountMinor = AmountMinor ?? Lines.Where(line => line.Programme == ProgrammeCode.Bread).Sum(line => (long)line.Quantity * line.UnitPriceMinor),
                    Currency = Currency,
                    Date = Date ?? LedgerWorld.Today,
                    Time = Time,
                    Type = Type,
                    Terminal = LedgerWorld.Bakery.Terminal == Terminal.Terminal || Terminal.Terminal.Value == "OTHER001" ? LedgerWorld.Bakery.Terminal : Terminal.Terminal,
                    UnpredictableNumber = new byte[16],
                    BasketHash = Basket.Hash(Lines),
                    TransactionId = new TransactionId(1),
                    PreviousChain = new RecordChain(1),
                    Draws = draws.Length > 0 ? draws : [new ProgrammeDraw(ProgrammeCode.Bread, 10, QuantityUnit.Loaf, 0)],
                },
                Cryptogram,
                Signature);
        }

        private HouseholdState State(TransactionRecord record)
        {
            var state = new HouseholdState(Card.Household, version: 3);
            state.Read(new Balance(Egypt.Bread, PeriodId.MonthOf(record.Date))
            {
                Consumed = Consumed,
                Limit = 450,
                Day = DayConsumed > 0 ? 20261122 : 0,
                DayConsumed = DayConsumed,
            });
            if (ChainBefore is { } chain)
                state.Read(new Occupant(record.Card, new Atc(4), OccupantStatus.Declined, 1, new byte[32], default, chain, new byte[1]));
            return state;
        }
    }

    private sealed class CountingIds : IEntryIds
    {
        private long _last;

        public long Next() => ++_last;
    }
}
