using NodaTime;

namespace SmartCard.Backend.Platform;

/// <summary>
/// Business dates of a country profile. NodaTime carries its own time-zone data, so a date does not depend on what the
/// machine has installed; Cairo's odd nights (23 hours in April, 25 in October) are the zone's, not ours.
/// </summary>
public sealed class BusinessCalendar(TimeProvider time, string ianaZone)
{
    private readonly DateTimeZone _zone = DateTimeZoneProviders.Tzdb[ianaZone];

    public string IanaZone => _zone.Id;

    public DateTimeOffset UtcNow => time.GetUtcNow();

    public DateOnly Today => DateOf(time.GetUtcNow());

    public DateOnly DateOf(DateTimeOffset instant) => LocalOf(instant).Date.ToDateOnly();

    public LocalDateTime LocalOf(DateTimeOffset instant) => Instant.FromDateTimeOffset(instant).InZone(_zone).LocalDateTime;

    /// <summary>The first instant of a business date: midnight, or what follows where midnight does not exist.</summary>
    public DateTimeOffset StartOf(DateOnly date) =>
        _zone.AtStartOfDay(LocalDate.FromDateOnly(date)).ToDateTimeOffset();
}
