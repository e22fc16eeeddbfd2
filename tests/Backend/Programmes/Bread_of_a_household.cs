using SmartCard.Backend.Programmes.Contracts;

namespace SmartCard.Backend.Tests.Programmes;

/// <summary>
/// Cases (decision 0003): the month; one day at once; days ahead; days missed; the month's end under both rule versions; short
/// and long months; what becomes of the rest.
/// </summary>
public sealed class Bread_of_a_household
{
    private static readonly DateOnly SomeDay = new(2026, 11, 10);

    [Theory]
    [InlineData(1, 150)]
    [InlineData(4, 600)]
    [InlineData(9, 1350)]
    public void Is_150_loaves_a_person_a_month(int members, long loaves) =>
        Assert.Equal(loaves, BreadOn(SomeDay).PeriodLimit(members, SomeDay));

    [Theory]
    [InlineData(1, 15)]
    [InlineData(3, 45)]
    [InlineData(4, 40)]
    [InlineData(7, 70)]
    public void Is_three_days_at_once_up_to_three_members_and_two_beyond(int members, long loavesAtOnce) =>
        Assert.Equal(loavesAtOnce, BreadOn(SomeDay).DayLimit(members, SomeDay));

    [Theory]
    [InlineData(1, 2, 30)] // days 1 to 3
    [InlineData(10, 2, 120)]
    [InlineData(28, 2, 300)]
    [InlineData(30, 2, 300)] // never beyond the month
    [InlineData(1, 5, 50)] // days 1 and 2
    [InlineData(29, 5, 750)]
    public void Is_never_drawn_further_ahead_than_the_window(int day, int members, long loavesByEvening)
    {
        var date = new DateOnly(2026, 11, day);

        Assert.Equal(loavesByEvening, BreadOn(date).LimitByEndOf(members, date));
    }

    [Fact]
    public void Catches_up_after_missed_days_one_window_a_day()
    {
        var bread = BreadOn(SomeDay);
        var drawnUntilYesterday = 0L;

        var availableNow = Math.Min(bread.LimitByEndOf(4, SomeDay) - drawnUntilYesterday, bread.DayLimit(4, SomeDay));

        Assert.Equal(2 * 5 * 4, availableNow);
    }

    [Fact]
    public void Is_one_window_on_the_first_day_and_one_day_on_the_next_for_who_always_takes_all()
    {
        var drawn = 0L;
        var takenByDay = new List<long>();
        for (var date = new DateOnly(2026, 11, 1); date.Month == 11; date = date.AddDays(1))
        {
            var bread = BreadOn(date);
            var taken = Math.Min(Math.Min(bread.LimitByEndOf(2, date), bread.PeriodLimit(2, date)) - drawn, bread.DayLimit(2, date));
            takenByDay.Add(taken);
            drawn += taken;
        }

        Assert.Equal([30, 10, 10], takenByDay[..3]);
        Assert.Equal([10, 0, 0], takenByDay[^3..]);
        Assert.Equal(300, drawn);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(30)]
    public void Was_one_day_at_once_in_the_last_three_days_of_a_month_under_the_earlier_rule(int day)
    {
        var (earlier, now) = (new DateOnly(2024, 11, day), new DateOnly(2026, 11, day));

        Assert.Equal(5 * 2, BreadOn(earlier).DayLimit(2, earlier));
        Assert.Equal(day * 5 * 2, BreadOn(earlier).LimitByEndOf(2, earlier));
        Assert.Equal(3 * 5 * 2, BreadOn(now).DayLimit(2, now));
    }

    [Fact]
    public void Had_its_whole_window_on_the_fourth_last_day_under_the_earlier_rule()
    {
        var date = new DateOnly(2024, 11, 27);

        Assert.Equal(3 * 5 * 2, BreadOn(date).DayLimit(2, date));
    }

    [Theory]
    [InlineData(2026, 2, 28, 1, 150)]
    [InlineData(2026, 2, 28, 4, 580)] // 29 days' worth: a window of two does not reach a 30th
    [InlineData(2026, 12, 31, 4, 600)]
    public void Keeps_its_monthly_limit_whatever_the_length_of_the_month(int year, int month, int day, int members, long loaves)
    {
        var date = new DateOnly(year, month, day);

        Assert.Equal(loaves, BreadOn(date).LimitByEndOf(members, date));
        Assert.Equal(150 * members, BreadOn(date).PeriodLimit(members, date));
    }

    [Fact]
    public void Leaves_ten_piastres_of_points_for_each_loaf_that_was_not_drawn() =>
        Assert.Equal(new UnusedRest(Egypt.BreadPoints, 10), BreadOn(SomeDay).Unused);

    [Fact]
    public void Gives_nothing_to_a_household_without_members()
    {
        Assert.Equal(0, BreadOn(SomeDay).PeriodLimit(0, SomeDay));
        Assert.Equal(0, BreadOn(SomeDay).DayLimit(0, SomeDay));
    }

    private static QuotaRule BreadOn(DateOnly date) => Egypt.Quota(Egypt.Bread, date);
}
