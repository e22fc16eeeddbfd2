using System.Text.Json;
using System.Text.Json.Serialization;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Programmes.Profiles;

/// <summary>A country profile as written (Profiles/*.json); what the fields mean is said in Egypt's.</summary>
internal sealed record ProfileFile(
    string Code, string TimeZone, ushort Currency, int CurrencyDigits,
    IReadOnlyList<ProgrammeEntry> Programmes, IReadOnlyList<QuotaEntry> Quotas, IReadOnlyList<CommodityEntry> Commodities, IReadOnlyList<OfflineEntry> Offline)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <exception cref="InvalidProfileException">The text is no profile; the message says where and why.</exception>
    public static ProfileFile Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<ProfileFile>(utf8, Json)
                ?? throw new InvalidProfileException(["The file is empty."]);
        }
        catch (JsonException exception)
        {
            throw new InvalidProfileException([$"{exception.Path ?? "$"}, line {exception.LineNumber + 1}: {exception.Message}"], exception);
        }
    }
}

internal sealed record ProgrammeEntry(ushort Code, Label Name, QuantityUnit Unit, ProgrammeFunding Funding, ushort Quota);

internal sealed record QuotaEntry(ushort Code, ushort Programme, QuantityUnit Unit, Label Name, IReadOnlyList<QuotaVersion> Versions);

internal enum QuotaKind
{
    DailyRation = 1,
    PerPerson = 2,
    Cap = 3,
    Credited = 4,
}

/// <summary>One version of a quota's rule; which fields it has follows from its kind.</summary>
internal sealed record QuotaVersion(DateOnly ValidFrom, QuotaKind Kind)
{
    public long? PerPersonPerDay { get; init; }
    public long? PerPersonPerPeriod { get; init; }
    public IReadOnlyList<WindowEntry>? Windows { get; init; }
    public int? SingleDayAtEndOfMonth { get; init; }
    public UnusedEntry? Unused { get; init; }
    public IReadOnlyList<TierEntry>? Tiers { get; init; }
    public long? PerHousehold { get; init; }
    public int? SpendableDays { get; init; }
    public string? Assumption { get; init; }
}

/// <param name="MembersMax">Largest household that the window is for; absent in the last.</param>
internal sealed record WindowEntry(int Days, int? MembersMax = null);

internal sealed record TierEntry(int Persons, long Amount);

internal sealed record UnusedEntry(ushort Credits, long PerUnit);

internal sealed record CommodityEntry(ushort Code, IReadOnlyList<ushort> PaidBy, Label Name, int Grams, IReadOnlyList<PriceEntry> Prices)
{
    public IReadOnlyList<CapEntry> Caps { get; init; } = [];
    public DateOnly? WithdrawnFrom { get; init; }
    public string? Assumption { get; init; }
}

internal sealed record CapEntry(ushort Quota, long PerPiece);

internal sealed record PriceEntry(DateOnly ValidFrom, long UnitPrice, long Subsidy)
{
    public string? Assumption { get; init; }
}

internal sealed record OfflineEntry(
    DateOnly ValidFrom, int BreadDaysLent, long GroceriesLent, long ValueMax, int RecordsMax, int HoursMax, long PinAbove,
    byte ConsecutiveLower, byte ConsecutiveUpper, int RecordAgeDaysMax, int ClockToleranceMinutes)
{
    public string? Assumption { get; init; }
}

/// <summary>A profile that must not be served: every problem with its place in the file.</summary>
internal sealed class InvalidProfileException(IReadOnlyList<string> problems, Exception? inner = null)
    : Exception("The country profile is not valid:\n" + string.Join('\n', problems), inner)
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
