using NodaTime;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// Whether a record's local date and time may be true. A record says "23:59" without a zone; on the two odd nights of a year that
/// is two instants or none, so it is compared as every instant that it may mean, and the kindest counts.
/// </summary>
internal sealed class RecordClock(BusinessCalendar calendar)
{
    private readonly DateTimeZone _zone = DateTimeZoneProviders.Tzdb[calendar.IanaZone];

    public DateOnly Today => calendar.Today;

    public DateTimeOffset UtcNow => calendar.UtcNow;

    /// <summary>
    /// The date by which the slowest clock that is still believed has arrived: what was due by date yesterday evening is on disk or refused. Work on what is over goes by it.
    /// </summary>
    public DateOnly SettledToday(IProgrammes programmes) =>
        calendar.DateOf(calendar.UtcNow.AddMinutes(-2 * programmes.RulesOn(Today).Offline.ClockToleranceMinutes));

    /// <summary>Online: the terminal's clock is the backend's, give or take the policy's tolerance.</summary>
    public bool IsNow(TransactionRecord record, OfflinePolicy policy, DateTimeOffset now) =>
        InstantsOf(record).Any(instant => (instant - now).Duration() <= TimeSpan.FromMinutes(policy.ClockToleranceMinutes));

    /// <summary>Offline: not from the future, and not older than may still be presented.</summary>
    public bool IsPresentable(TransactionRecord record, OfflinePolicy policy, DateTimeOffset now)
    {
        var ageDays = calendar.DateOf(now).DayNumber - record.Date.DayNumber;
        return ageDays <= policy.RecordAgeDaysMax
            && InstantsOf(record).Any(instant => instant - now <= TimeSpan.FromMinutes(policy.ClockToleranceMinutes));
    }

    /// <summary>True where the record can only be from <paramref name="instant"/> or later.</summary>
    public bool IsSurelyAfter(TransactionRecord record, DateTimeOffset instant) => InstantsOf(record).All(candidate => candidate >= instant);

    private IEnumerable<DateTimeOffset> InstantsOf(TransactionRecord record)
    {
        var local = LocalDate.FromDateOnly(record.Date) + LocalTime.FromTimeOnly(record.Time);
        var mapping = _zone.MapLocal(local);
        return mapping.Count switch
        {
            1 => [mapping.Single().ToDateTimeOffset()],
            2 => [mapping.First().ToDateTimeOffset(), mapping.Last().ToDateTimeOffset()],
            // A clock that was not put forward shows a time that does not exist: read it with either offset.
            _ =>
            [
                local.WithOffset(mapping.EarlyInterval.WallOffset).ToDateTimeOffset(),
                local.WithOffset(mapping.LateInterval.WallOffset).ToDateTimeOffset(),
            ],
        };
    }
}
