using SmartCard.Testing;

namespace SmartCard.Decisions.Tests;

/// <summary>A record's local time, without a zone: the boundaries of the tolerance and of the age, and Cairo's two odd nights, in which a time is two instants or none.</summary>
public sealed class A_records_clock
{
    private static readonly DateTimeOffset s_ten = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private readonly RecordClock _clock = ClockAt(s_ten);

    [Theory]
    [InlineData(-10 * 60, true)]
    [InlineData((-10 * 60) - 1, false)]
    [InlineData(10 * 60, true)]
    [InlineData((10 * 60) + 1, false)]
    public void Is_believed_online_as_far_as_the_tolerance_goes(int secondsOff, bool isBelieved) =>
        Assert.Equal(isBelieved, _clock.IsNow(RecordAt("2026-11-22", "10:00"), Country.Policy, s_ten.AddSeconds(secondsOff)));

    [Theory]
    [InlineData(-10 * 60, true)]
    [InlineData((-10 * 60) - 1, false)]
    [InlineData(5 * 24 * 3600, true)]
    public void Is_believed_offline_unless_it_is_from_the_future(int secondsLater, bool isBelieved) =>
        Assert.Equal(isBelieved, _clock.IsPresentable(RecordAt("2026-11-22", "10:00"), Country.Policy, s_ten.AddSeconds(secondsLater)));

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    public void Is_too_old_after_so_many_business_dates(int days, bool isPresentable) =>
        Assert.Equal(isPresentable, _clock.IsPresentable(RecordAt("2026-11-22", "23:59"), Country.Policy, s_ten.AddDays(days)));

    [Fact]
    public void Means_both_instants_where_the_hour_comes_twice()
    {
        // On 30 October 2026, the night's last hour comes twice: at UTC+3, then at UTC+2.
        var record = RecordAt("2026-10-29", "23:30");
        var first = new DateTimeOffset(2026, 10, 29, 20, 30, 0, TimeSpan.Zero);

        Assert.True(_clock.IsNow(record, Country.Policy, first));
        Assert.True(_clock.IsNow(record, Country.Policy, first.AddHours(1)));
        Assert.False(_clock.IsNow(record, Country.Policy, first.AddMinutes(30)));
        Assert.True(_clock.IsSurelyAfter(record, first));
        Assert.False(_clock.IsSurelyAfter(record, first.AddMinutes(1)));
        Assert.True(_clock.IsPresentable(record, Country.Policy, first));
    }

    [Fact]
    public void Means_either_reading_where_the_hour_does_not_come_at_all()
    {
        // On 24 April 2026 the clocks go from 00:00 to 01:00: 00:30 is 22:30 UTC by winter's offset, 21:30 UTC by summer's.
        var record = RecordAt("2026-04-24", "00:30");
        var early = new DateTimeOffset(2026, 4, 23, 21, 30, 0, TimeSpan.Zero);

        Assert.True(_clock.IsNow(record, Country.Policy, early));
        Assert.True(_clock.IsNow(record, Country.Policy, early.AddHours(1)));
        Assert.False(_clock.IsNow(record, Country.Policy, early.AddMinutes(30)));
        Assert.True(_clock.IsSurelyAfter(record, early));
        Assert.False(_clock.IsSurelyAfter(record, early.AddSeconds(1)));
    }

    [Fact]
    public void Is_surely_after_an_instant_from_that_instant_on()
    {
        Assert.True(_clock.IsSurelyAfter(RecordAt("2026-11-22", "10:00"), s_ten));
        Assert.False(_clock.IsSurelyAfter(RecordAt("2026-11-22", "10:00"), s_ten.AddSeconds(1)));
    }

    [Theory]
    // Twice the tolerance after midnight in Cairo, which is 22:00 UTC.
    [InlineData("2026-11-22T22:19:59Z", "2026-11-22")]
    [InlineData("2026-11-22T22:20:00Z", "2026-11-23")]
    public void Leaves_a_day_open_until_the_slowest_clock_that_is_believed_has_passed_midnight(string now, string settled) =>
        Assert.Equal(DateOnly.Parse(settled), ClockAt(DateTimeOffset.Parse(now)).SettledToday(Country.Only));

    [Fact]
    public void Says_what_time_it_is()
    {
        Assert.Equal((s_ten, Household.Sunday), (_clock.UtcNow, _clock.Today));
        Assert.Equal(20261122, Yyyymmdd.Of(Household.Sunday));
        Assert.Equal(Household.Sunday, Yyyymmdd.ToDate(20261122));
    }

    private static RecordClock ClockAt(DateTimeOffset now) => new(new BusinessCalendar(new FakeClock(now), "Africa/Cairo"));

    private static TransactionRecord RecordAt(string date, string time)
    {
        var household = new Household();
        return household.NewCard().Draw(household.DrawingOf(CryptogramKind.Online, Country.Loaves(1)) with { Date = DateOnly.Parse(date), Time = TimeOnly.Parse(time) }).Record;
    }
}
