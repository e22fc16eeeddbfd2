using System.Text;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Programmes.Profiles;
using SmartCard.Simulate.Scheduling;

namespace SmartCard.Simulate.World;

/// <summary>When and where a simulation takes place: the rules in force, and the moment at which it begins.</summary>
internal sealed record Season(string Name, IProgrammes Programmes, DateTimeOffset Start)
{
    /// <summary>Egypt's profile as it is.</summary>
    private static readonly IProgrammes Egypt = ProfileCalendar.Load(EmbeddedProfiles.Read("EG"));

    /// <summary>
    /// The same rules on Morocco's clocks, which go back for Ramadan and forward after it. There is no profile of Morocco yet; its zone is what is wanted here.
    /// </summary>
    private static readonly IProgrammes OnMoroccosClocks = ProfileCalendar.Load(
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(EmbeddedProfiles.Read("EG")).Replace("Africa/Cairo", "Africa/Casablanca", StringComparison.Ordinal)));

    /// <summary>Most begin shortly before something that calendars get wrong.</summary>
    public static IReadOnlyList<Season> All { get; } =
    [
        new("an ordinary Sunday", Egypt, Utc(2026, 11, 22, 6)),
        new("the middle of a month", Egypt, Utc(2027, 3, 9, 8)),
        new("the evening before a new month", Egypt, Utc(2026, 11, 30, 19)),
        new("the end of the year", Egypt, Utc(2026, 12, 31, 20)),
        new("the end of February", Egypt, Utc(2028, 2, 29, 20)),
        // 24 April 2026: 00:00 does not exist in Cairo, the day begins at 01:00.
        new("the night of 23 hours", Egypt, Utc(2026, 4, 23, 20)),
        // 29 October 2026: 23:00 to 24:00 comes twice in Cairo.
        new("the night of 25 hours", Egypt, Utc(2026, 10, 29, 18)),
        // 15 February 2026 at 03:00: Ramadan time begins in Casablanca.
        new("the beginning of Ramadan time", OnMoroccosClocks, Utc(2026, 2, 14, 23)),
        // 22 March 2026 at 02:00: it ends.
        new("the end of Ramadan time", OnMoroccosClocks, Utc(2026, 3, 21, 23)),
        // 31 October and 1 November on one night of changed clocks are near enough for a terminal that is a day off.
        new("a month's end after changed clocks", Egypt, Utc(2026, 10, 30, 20)),
    ];

    public bool IsRamadan => Programmes.Profile.IanaZone == "Africa/Casablanca";

    public static Season Of(Chance chance) => chance.Pick(All);

    private static DateTimeOffset Utc(int year, int month, int day, int hour) => new(year, month, day, hour, 0, 0, TimeSpan.Zero);
}
