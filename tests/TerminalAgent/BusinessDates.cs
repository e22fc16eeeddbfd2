using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tests.Support;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>The shop's date and time come from the profile's zone, whatever the machine is set to.</summary>
public sealed class BusinessDates
{
    [Theory]
    [InlineData("2026-11-22T21:59:59Z", 20261122, "23:59:59")]
    [InlineData("2026-11-22T22:00:00Z", 20261123, "00:00:00")]
    [InlineData("2026-04-23T21:59:59Z", 20260423, "23:59:59")] // the night without 00:00 to 00:59
    [InlineData("2026-04-23T22:00:00Z", 20260424, "01:00:00")]
    [InlineData("2026-10-29T20:30:00Z", 20261029, "23:30:00")] // 23:00 to 23:59 comes twice
    [InlineData("2026-10-29T21:30:00Z", 20261029, "23:30:00")]
    [InlineData("2026-10-29T22:00:00Z", 20261030, "00:00:00")]
    public void Follow_Cairo_through_its_odd_nights(string instant, int date, string time) => AssertMoment("Africa/Cairo", instant, date, time);

    [Theory]
    [InlineData("2026-02-14T23:30:00Z", 20260215, "00:30:00")]
    [InlineData("2026-02-15T23:30:00Z", 20260215, "23:30:00")] // Ramadan
    [InlineData("2026-03-22T23:30:00Z", 20260323, "00:30:00")]
    public void Follow_Casablanca_through_Ramadan(string instant, int date, string time) => AssertMoment("Africa/Casablanca", instant, date, time);

    private static void AssertMoment(string zone, string instant, int date, string time)
    {
        var clock = new BusinessClock(new ManualClock(DateTimeOffset.Parse(instant)), zone);

        Assert.Equal((date, TimeOnly.Parse(time)), (LocalMoment.Number(clock.Now.Date), clock.Now.Time));
    }
}
