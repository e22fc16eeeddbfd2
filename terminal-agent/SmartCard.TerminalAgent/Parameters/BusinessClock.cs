using NodaTime;

namespace SmartCard.TerminalAgent.Parameters;

/// <summary>
/// The profile's local date and time. The zone's rules are NodaTime's own data, so a business date never depends on what the
/// machine has installed or is set to.
/// </summary>
public sealed class BusinessClock(TimeProvider time, string ianaZone)
{
    private readonly DateTimeZone _zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(ianaZone)
        ?? throw new ArgumentException($"'{ianaZone}' is no time zone of the IANA database.", nameof(ianaZone));

    public DateTimeOffset UtcNow => time.GetUtcNow();

    public LocalMoment Now => At(time.GetUtcNow());

    public LocalMoment At(DateTimeOffset instant)
    {
        var local = Instant.FromDateTimeOffset(instant).InZone(_zone).LocalDateTime;
        return new LocalMoment(local.Date.ToDateOnly(), new TimeOnly(local.Hour, local.Minute, local.Second));
    }

    public static bool IsZone(string ianaZone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(ianaZone) is not null;
}

/// <summary>A business date with the time of day on the shop's wall, whole seconds.</summary>
public readonly record struct LocalMoment(DateOnly Date, TimeOnly Time)
{
    /// <summary>yyyymmdd.</summary>
    public static int Number(DateOnly date) => (date.Year * 10_000) + (date.Month * 100) + date.Day;

    public static DateOnly FromNumber(int yyyymmdd) => new(yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}
