using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>
/// Cairo in 2026: no 00:00 to 00:59 on 24 April, and 23:00 to 23:59 twice on 29 October. A business date has to have 23 and 25
/// hours then, and no instant may belong to two dates or to none.
/// </summary>
public sealed class Business_dates_in_Cairo
{
    private static readonly BusinessCalendar Cairo = new(TimeProvider.System, "Africa/Cairo");

    private static readonly DateOnly NightWithoutMidnight = new(2026, 4, 24);
    private static readonly DateOnly NightWithTwoLastHours = new(2026, 10, 29);

    [Fact]
    public void Begin_at_one_where_midnight_does_not_exist()
    {
        var start = Cairo.StartOf(NightWithoutMidnight);

        Assert.Equal(new DateTimeOffset(2026, 4, 23, 22, 0, 0, TimeSpan.Zero), start);
        Assert.Equal(1, Cairo.LocalOf(start).Hour);
        Assert.Equal(NightWithoutMidnight, Cairo.DateOf(start));
        Assert.Equal(NightWithoutMidnight.AddDays(-1), Cairo.DateOf(start.AddTicks(-1)));
        Assert.Equal(TimeSpan.FromHours(23), Cairo.StartOf(NightWithoutMidnight.AddDays(1)) - start);
    }

    [Fact]
    public void Last_through_both_eleventh_hours_of_the_evening_when_clocks_go_back()
    {
        var start = Cairo.StartOf(NightWithTwoLastHours);
        var end = Cairo.StartOf(NightWithTwoLastHours.AddDays(1));

        Assert.Equal(TimeSpan.FromHours(25), end - start);
        Assert.Equal(23, Cairo.LocalOf(end.AddMinutes(-90)).Hour);
        Assert.Equal(23, Cairo.LocalOf(end.AddMinutes(-30)).Hour);
        Assert.Equal(NightWithTwoLastHours, Cairo.DateOf(end.AddMinutes(-90)));
        Assert.Equal(NightWithTwoLastHours, Cairo.DateOf(end.AddMinutes(-30)));
    }

    [Fact]
    public void Follow_each_other_without_gap_or_overlap_all_year()
    {
        for (var date = new DateOnly(2026, 1, 1); date.Year == 2026; date = date.AddDays(1))
        {
            Assert.Equal(date, Cairo.DateOf(Cairo.StartOf(date)));
            Assert.Equal(date.AddDays(-1), Cairo.DateOf(Cairo.StartOf(date).AddTicks(-1)));
        }
    }

    [Fact]
    public void Are_the_zones_and_not_the_machines()
    {
        var lateEveningUtc = new DateTimeOffset(2026, 11, 21, 22, 30, 0, TimeSpan.Zero);

        Assert.Equal(new DateOnly(2026, 11, 22), Cairo.DateOf(lateEveningUtc));
    }
}
