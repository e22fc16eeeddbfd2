using SmartCard.Backend.Platform;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.Terminals;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Campaigns;

/// <summary>
/// The people of a simulation: citizens tap, merchants send and close, the ministry blocks, revokes and credits, operators kill and restart; at moments that the
/// seed decides, and with time passing in seconds, hours and days between them.
/// </summary>
internal sealed class Driver
{
    private static readonly QuotaCode BreadPoints = new(3);

    private readonly SimulatedWorld _world;
    private readonly Chance _chance;
    private readonly BusinessCalendar _calendar;
    private readonly (int Weight, Action Play)[] _plays;
    private DateOnly _date;
    private TimeSpan _zoneOffset;
    private int _clones;

    public Driver(SimulatedWorld world)
    {
        (_world, _chance) = (world, world.Chance);
        _calendar = new BusinessCalendar(new SimulatedTime(world.Scheduler), world.Season.Programmes.Profile.IanaZone);
        (_date, _zoneOffset) = (_calendar.Today, ZoneOffset());
        _plays =
        [
            (30, Tap),
            (25, Rush),
            (8, () => Somewhere(station => station.Send())),
            (2, () => Somewhere(station => station.Refresh())),
            (2, () => Somewhere(station => station.CloseBatch(evenIfUnsent: _chance.Next(3) == 0))),
            (10, () => If(FaultKind.LineDown, ToggleLine)),
            (2, () => If(FaultKind.TerminalDiesAtAnyTime, KillTerminal)),
            (2, () => If(FaultKind.BackendDiesAtAnyTime, KillBackend)),
            (3, () => If(FaultKind.TerminalClockStepped, StepClock)),
            (1, () => If(FaultKind.CardCloned, CloneCard)),
            (1, () => If(FaultKind.CardBlocked, BlockCard)),
            (1, () => If(FaultKind.TerminalRevoked, RevokeTerminal)),
            (2, () => If(FaultKind.HouseholdReshaped, Reshape)),
            (3, CreditPoints),
            (4, SettlePeriods),
        ];
    }

    /// <summary>Until the simulation has taken its turns.</summary>
    public async Task RunAsync(SimulatedProcess people, long turns)
    {
        foreach (var backend in _world.Backends)
            backend.Start();
        foreach (var station in _world.Terminals)
            station.Start();
        await people.PauseAsync(TimeSpan.FromSeconds(5));
        while (_world.Scheduler.Turns < turns)
        {
            await people.PauseAsync(NextPause());
            NoteTheCalendar();
            Restart();
            PickPlay()();
        }
    }

    private TimeSpan NextPause() => _chance.Next(20) switch
    {
        < 12 => _chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4)),
        < 16 => _chance.Between(TimeSpan.Zero, TimeSpan.FromMinutes(2)),
        < 18 => _chance.Between(TimeSpan.Zero, TimeSpan.FromMinutes(40)),
        18 => _chance.Between(TimeSpan.Zero, TimeSpan.FromHours(6)),
        _ => _chance.Between(TimeSpan.Zero, TimeSpan.FromDays(1.5)),
    };

    /// <summary>Nobody leaves a counter or a server dead for long.</summary>
    private void Restart()
    {
        foreach (var backend in _world.Backends.Where(backend => !backend.IsAlive && _chance.Next(2) == 0))
            backend.Start();
        foreach (var station in _world.Terminals.Where(station => !station.IsAlive && _chance.Next(2) == 0))
            station.Start();
    }

    private Action PickPlay()
    {
        var lot = _chance.Next(_plays.Sum(play => play.Weight));
        foreach (var (weight, play) in _plays)
        {
            if ((lot -= weight) < 0)
                return play;
        }

        throw new InvalidOperationException("The weights have a sum.");
    }

    private void Tap() => Tap(_world.Cards, hurries: false);

    /// <summary>The cards of one household at several counters at once: an original and its clone, or those of two of its members.</summary>
    private void Rush()
    {
        var crowded = _world.Cards.GroupBy(card => _world.Registers.HouseholdOf(card.Number)).Where(own => own.Count() > 1).Select(own => own.ToArray()).ToArray();
        var household = _chance.Pick(crowded);
        foreach (var _ in household)
            Tap(household, hurries: true);
    }

    private void Tap(IReadOnlyList<SimulatedCard> cards, bool hurries)
    {
        var free = cards.Where(card => !card.IsInUse).ToArray();
        var open = _world.Terminals.Where(station => station.IsOpen && !station.IsServing).ToArray();
        if (free.Length == 0 || open.Length == 0)
            return;
        var (card, station) = (_chance.Pick(free), _chance.Pick(open));
        station.Tap(card, view => Shopping.BasketFor(station.Merchant, view, _chance), hurries, givesUpAfterwards: _chance.Next(12) == 0);
    }

    private void Somewhere(Action<TerminalStation> act)
    {
        if (_world.Terminals.Where(station => station.IsOpen).ToArray() is { Length: > 0 } open)
            act(_chance.Pick(open));
    }

    private void If(FaultKind kind, Action play)
    {
        if (_world.Faults.Chosen.Contains(kind))
            play();
        else
            Tap();
    }

    private void ToggleLine()
    {
        var station = _chance.Pick(_world.Terminals);
        if (_chance.Next(2) == 0)
            _world.Network.Cut(station.Name);
        else
            _world.Network.Mend(station.Name);
    }

    private void KillTerminal()
    {
        var alive = _world.Terminals.Where(station => station.IsAlive).ToArray();
        if (alive.Length == 0)
            return;
        var station = _chance.Pick(alive);
        _world.Faults.Note(FaultKind.TerminalDiesAtAnyTime, station.Name);
        station.Kill();
    }

    private void KillBackend()
    {
        var alive = _world.Backends.Where(backend => backend.IsAlive).ToArray();
        if (alive.Length == 0)
            return;
        var backend = _chance.Pick(alive);
        _world.Faults.Note(FaultKind.BackendDiesAtAnyTime, backend.Name);
        backend.Kill();
    }

    /// <summary>By minutes, hours or days, forwards and backwards, and back again.</summary>
    private void StepClock()
    {
        var station = _chance.Pick(_world.Terminals);
        TimeSpan[] steps = [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(25), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(9)];
        station.ClockOffset = _chance.Pick(steps) * (_chance.Next(2) == 0 ? 1 : -1);
        _world.Faults.Note(FaultKind.TerminalClockStepped, $"{station.Name}");
    }

    private void CloneCard()
    {
        if (_clones >= 1)
            return;
        var card = _chance.Pick(_world.Cards);
        if (card.IsInUse)
            return;
        _clones++;
        _world.Cards.Add(card.Clone($"{card.Name}'"));
        _world.Faults.Note(FaultKind.CardCloned, card.Name);
    }

    private void BlockCard()
    {
        var card = _chance.Pick(_world.Cards);
        if (_world.Registers.IsBlocked(card.Number))
            return;
        _world.Registers.Block(card.Number, _world.Scheduler.Now);
        _world.Faults.Note(FaultKind.CardBlocked, card.Name);
    }

    /// <summary>One at most: a world without terminals has nothing to tell.</summary>
    private void RevokeTerminal()
    {
        var station = _chance.Pick(_world.Terminals);
        if (_world.Terminals.Any(other => _world.Registers.IsRevoked(other.Merchant.Terminal)))
            return;
        _world.Registers.Revoke(station.Merchant.Terminal);
        _world.Faults.Note(FaultKind.TerminalRevoked, station.Name);
    }

    private void Reshape()
    {
        var household = _chance.Pick(_world.Registers.Households.ToArray());
        _world.Registers.Reshape(household, _chance.Between(1, 6));
        _world.Faults.Note(FaultKind.HouseholdReshaped, $"household {household}");
    }

    /// <summary>What a month's rollover would credit; sometimes by two backends at once, which must not double it.</summary>
    private void CreditPoints()
    {
        var alive = _world.Backends.Where(backend => backend.IsAlive).ToArray();
        if (alive.Length == 0)
            return;
        var household = _chance.Pick(_world.Registers.Households.ToArray());
        var period = PeriodId.MonthOf(_calendar.Today);
        var id = new Guid(period.Value, 0, 0, [.. BitConverter.GetBytes(household.Value)]);
        // The amount follows from household and period, as it does in a rollover: the same credit is the same every time.
        var amount = 500 + (household.Value * 100 % 3_000);
        _world.Trace.Add("rollover", $"credits household {household}");
        _chance.Pick(alive).Credit(id, household, BreadPoints, period, amount, () => { });
        if (!_world.Faults.Chosen.Contains(FaultKind.CreditRepeated))
            return;
        _chance.Pick(alive).Credit(id, household, BreadPoints, period, amount, () => _world.Faults.Note(FaultKind.CreditRepeated, $"household {household}"));
    }

    /// <summary>By one backend, or by all at once.</summary>
    private void SettlePeriods()
    {
        var all = _chance.Next(2) == 0;
        foreach (var backend in _world.Backends.Where(backend => backend.IsAlive && (all || _chance.Next(2) == 0)))
            backend.SettlePeriods();
    }

    /// <summary>What the calendar did since the last look.</summary>
    private void NoteTheCalendar()
    {
        var (date, offset) = (_calendar.Today, ZoneOffset());
        if (offset != _zoneOffset)
            _world.Faults.Note(_world.Season.IsRamadan ? FaultKind.RamadanTime : FaultKind.DaylightSavingNight, "calendar");
        if ((date.Year, date.Month) != (_date.Year, _date.Month))
            _world.Faults.Note(FaultKind.PeriodTurned, "calendar");
        (_date, _zoneOffset) = (date, offset);
    }

    private TimeSpan ZoneOffset() => _calendar.LocalOf(_calendar.UtcNow).ToDateTimeUnspecified() - _calendar.UtcNow.UtcDateTime;
}
