namespace SmartCard.Decisions.Tests;

/// <summary>
/// Two cards of one household, and whatever comes: draws with a line and without, twice, reversed before and after, refunded in parts, credits, expiries, rollovers, new members, new days, new pages.
/// After each step: every balance is the replay of the movements, no card was settled beyond what it was lent, consumed + lent is within what the household may have, and what
/// is consumed is what somebody carried home or turned in.
/// </summary>
public sealed class Any_sequence_of_decisions
{
    private const int Steps = 60;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Adds_up(int seed)
    {
        var play = new Play(new Random(seed));
        for (var step = 0; step < Steps; step++)
        {
            play.Step();
            play.AssertAddsUp($"seed {seed}, step {step}");
        }
    }

    [Fact]
    public void Comes_to_approvals_declines_reversals_refunds_and_credits()
    {
        var plays = Enumerable.Range(1, 40).Select(seed => new Play(new Random(seed))).ToArray();
        foreach (var play in plays)
        {
            for (var step = 0; step < Steps; step++)
                play.Step();
        }

        // A property that nothing ever touches proves nothing.
        Assert.All(Enum.GetValues<Event>(), kind => Assert.True(plays.Sum(play => play.Count(kind)) >= 20, kind.ToString()));
    }

    private enum Event
    {
        Approved,
        ApprovedOffline,
        Declined,
        Undone,
        Buried,
        Refunded,
        Credited,
        RolledOver,
        Expired,
    }

    private sealed class Play(Random random)
    {
        private readonly Household _household = new();
        private readonly Dictionary<Event, int> _events = [];
        private readonly List<Draw> _draws = [];
        private readonly List<TestCard> _cards = [];
        private readonly Dictionary<(QuotaCode Quota, PeriodId Period), long> _home = [];
        private readonly Dictionary<PeriodId, int> _membersMax = [];
        private int _ids;

        public int Count(Event kind) => _events.GetValueOrDefault(kind);

        public void Step()
        {
            if (_cards.Count == 0)
                _cards.AddRange([_household.NewCard(), _household.NewCard()]);
            var month = PeriodId.MonthOf(_household.Today);
            _membersMax[month] = Math.Max(_household.Members, _membersMax.GetValueOrDefault(month));
            switch (random.Next(16))
            {
                case < 5: Draw(CryptogramKind.Online); break;
                case < 8: Draw(CryptogramKind.Offline); break;
                case 8: Repeat(); break;
                case 9: Reverse(); break;
                case 10: ReverseFirst(); break;
                case 11: Refund(); break;
                case 12: Credit(); break;
                case 13: EndOfPeriod(); break;
                case 14: _household.TurnPage(); break;
                default: Pass(); break;
            }
        }

        public void AssertAddsUp(string where)
        {
            foreach (var group in _household.Movements.GroupBy(movement => (movement.Quota, movement.Period)))
            {
                var balance = _household.State.BalanceOf(group.Key.Quota, group.Key.Period);
                var consumed = Sum(group, AccountKind.Household, AccountKind.Merchant) + Sum(group, AccountKind.Card, AccountKind.Merchant)
                    + Sum(group, AccountKind.Household, AccountKind.Fund) - Sum(group, AccountKind.Merchant, AccountKind.Household);
                var lent = Sum(group, AccountKind.Household, AccountKind.Card) - Sum(group, AccountKind.Card, AccountKind.Merchant) - Sum(group, AccountKind.Card, AccountKind.Household);
                var credited = Sum(group, AccountKind.Fund, AccountKind.Household);
                Assert.True((consumed, lent, credited) == (balance.Consumed, balance.Lent, balance.Credited), $"{where}: {group.Key} is the replay of its movements");
                Assert.True(consumed >= 0 && lent >= 0, $"{where}: {group.Key} below zero");
                Assert.True(consumed + lent <= RightTo(group.Key) + credited, $"{where}: {group.Key} has {consumed} + {lent} of {RightTo(group.Key)} + {credited}");
                Assert.True(lent == _cards.Sum(card => _household.State.AllowanceOf(card.Number, group.Key.Quota, group.Key.Period).Outstanding), $"{where}: {group.Key} is lent to cards");
                var carried = _home.GetValueOrDefault(group.Key) + Sum(group, AccountKind.Household, AccountKind.Fund);
                // Of a cap an offline draw takes what is left: less than was carried home.
                Assert.True(IsCap(group.Key.Quota) ? consumed <= carried : consumed == carried, $"{where}: {group.Key} consumed {consumed}, carried home {carried}");
            }
            Assert.All(_household.Movements, movement => Assert.True(movement.Amount > 0 && movement.Debit != movement.Credit, where));
            // The fund owes merchants for what was carried home: 164 a loaf.
            var owed = _household.Movements.Where(movement => movement.Quota == Country.Bread).ToArray();
            var loaves = _home.Where(own => own.Key.Quota == Country.Bread).Sum(own => own.Value);
            Assert.True(164 * loaves == Sum(owed, AccountKind.Fund, AccountKind.Merchant) - Sum(owed, AccountKind.Merchant, AccountKind.Fund), $"{where}: subsidy of {loaves} loaves");
        }

        private void Draw(CryptogramKind kind)
        {
            var draw = _household.Tap(_cards[random.Next(2)], kind, SomeLines());
            var decision = _household.Decide(draw);
            _draws.Add(draw);
            Note(decision.IsApproved ? draw.IsOffline ? Event.ApprovedOffline : Event.Approved : Event.Declined);
            if (decision.IsApproved)
                Carry(draw, draw.Lines, 1);
        }

        private void Repeat()
        {
            if (_draws.Count > 0)
                Assert.Equal(_household.Decide(_draws[^1]).OutcomeBytes.ToArray(), _household.Decide(_draws[^1]).OutcomeBytes.ToArray());
        }

        private void Reverse()
        {
            if (_draws.Count == 0)
                return;
            var draw = _draws[random.Next(_draws.Count)];
            var occupant = _household.StandingAt(draw);
            var result = _household.Reverse(draw);
            if (result != ReversalResult.Undone || occupant.IsReversed)
                return;
            Note(Event.Undone);
            Carry(draw, draw.Lines, -1);
        }

        private void ReverseFirst()
        {
            var draw = _household.Tap(_cards[random.Next(2)], random.Next(2) == 0 ? CryptogramKind.Online : CryptogramKind.Offline, SomeLines());
            Assert.Equal(ReversalResult.NothingToUndo, _household.Reverse(draw));
            _draws.Add(draw);
            Note(Event.Buried);
        }

        private void Refund()
        {
            if (_draws.Count == 0)
                return;
            var draw = _draws[random.Next(_draws.Count)];
            BasketLine[] lines = [draw.Lines[0] with { Quantity = (uint)random.Next(1, (int)draw.Lines[0].Quantity + 1) }];
            if (_household.Refund(draw, ++_ids, lines) is not Backend.Disbursements.Contracts.Refund.Recorded)
                return;
            Note(Event.Refunded);
            Carry(draw, lines, -1);
        }

        private void Credit()
        {
            Assert.True(_household.CreditPoints(++_ids, random.Next(1, 800)));
            Note(Event.Credited);
        }

        /// <summary>Of the month before, which is over.</summary>
        private void EndOfPeriod()
        {
            var before = PeriodId.MonthOf(_household.Today.AddMonths(-1));
            var credits = _household.Changes.Credits.Count;
            _household.RollOver(new Rollover(Country.BreadRule, Country.PointsRule, 10, before, PeriodId.MonthOf(_household.Today)));
            _membersMax[before] = Math.Max(_household.Members, _membersMax.GetValueOrDefault(before));
            if (_household.Changes.Credits.Count > credits)
                Note(Event.RolledOver);
            foreach (var card in _cards)
            {
                var expiries = _household.Changes.Expiries.Count;
                _household.Expire(card, Country.Bread, before, QuantityUnit.Loaf);
                if (_household.Changes.Expiries.Count > expiries)
                    Note(Event.Expired);
            }
        }

        private void Pass()
        {
            _household.GoTo(_household.Today.AddDays(random.Next(1, 12)));
            if (random.Next(3) == 0)
                _household.Members = random.Next(1, 6);
        }

        private BasketLine[] SomeLines() => random.Next(5) switch
        {
            0 => [Country.Loaves((uint)random.Next(1, 8)), Country.Oil((uint)random.Next(1, 3))],
            1 => [Country.Rice((uint)random.Next(1, 6)), Country.Sugar((uint)random.Next(1, 4))],
            2 => [Country.OilForPoints(1), Country.RiceForPoints((uint)random.Next(1, 3))],
            _ => [Country.Loaves((uint)random.Next(1, 8))],
        };

        /// <summary>Counted here, by the goods.</summary>
        private void Carry(Draw draw, IReadOnlyList<BasketLine> lines, int sign)
        {
            var month = PeriodId.MonthOf(draw.Record.Date);
            foreach (var line in lines)
            {
                var (quota, amount) = line.Programme == ProgrammeCode.Bread
                    ? (Country.Bread, (long)line.Quantity)
                    : (line.Programme == ProgrammeCode.Groceries ? Country.Groceries : Country.Points, (long)line.Quantity * line.UnitPriceMinor);
                Add(quota, amount);
                if (line.Commodity.Value == 101)
                    Add(Country.OilCap, line.Quantity);
                if (line.Commodity.Value == 102)
                    Add(Country.SugarCap, line.Quantity * 1_000L);
            }

            void Add(QuotaCode quota, long amount) => _home[(quota, month)] = _home.GetValueOrDefault((quota, month)) + (sign * amount);
        }

        private long RightTo((QuotaCode Quota, PeriodId Period) key) => Country.Only.RulesOn(key.Period.FirstDay).QuotaOf(key.Quota).PeriodLimit(_membersMax.GetValueOrDefault(key.Period), key.Period.FirstDay);

        private void Note(Event kind) => _events[kind] = Count(kind) + 1;

        private static bool IsCap(QuotaCode quota) => quota == Country.OilCap || quota == Country.SugarCap;

        private static long Sum(IEnumerable<Movement> movements, AccountKind debit, AccountKind credit) =>
            movements.Where(movement => movement.Debit.Kind == debit && movement.Credit.Kind == credit).Sum(movement => movement.Amount);
    }
}
