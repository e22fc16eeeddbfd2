using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Messages;

namespace SmartCard.TerminalAgent.Parameters;

/// <summary>A programme that this terminal's merchant may serve.</summary>
/// <param name="Unit">What a draw of the programme counts.</param>
/// <param name="CitizenPays">True: the citizen pays the card price; false: the entitlement pays it.</param>
public sealed record ServedProgramme(ProgrammeCode Code, Text Name, QuantityUnit Unit, bool CitizenPays);

/// <summary>An article at its card price.</summary>
/// <param name="UnitPriceMinor">Of a piece, minor currency units.</param>
/// <param name="SubsidyMinor">What the fund adds for a piece.</param>
/// <param name="Grams">Weight of a piece; 0 where it is no matter.</param>
public sealed record PricedArticle(
    CommodityCode Commodity, ProgrammeCode Programme, Text Name, uint UnitPriceMinor, uint SubsidyMinor, uint Grams, DateOnly ValidFrom);

/// <summary>What the terminal may do without a line.</summary>
public sealed record OfflinePolicy(long ValueMinorMax, int RecordsMax, TimeSpan ContactAgeMax, long PinAboveMinor);

/// <summary>
/// Everything for a day's work, checked once on arrival: what is inside can be relied on. Immutable; a newer version replaces it whole.
/// </summary>
public sealed class TerminalParameters
{
    private readonly List<PricedArticle> _articles;

    private TerminalParameters(GetParametersResponse message, CardVerifiableCertificate cardAuthority, EcPublicKey acknowledgementKey, List<PricedArticle> articles)
    {
        Message = message;
        CardAuthority = CertificateAuthority.FromCertificate(cardAuthority);
        AcknowledgementKey = acknowledgementKey;
        Terminal = TerminalId.Parse(message.TerminalId);
        MerchantName = ToText(message.MerchantName);
        OutletName = ToText(message.OutletName);
        Programmes = message.Programmes.ToDictionary(
            programme => new ProgrammeCode((ushort)programme.Code),
            programme => new ServedProgramme(
                new ProgrammeCode((ushort)programme.Code), ToText(programme.Name), (QuantityUnit)programme.Unit, programme.CitizenPays));
        Offline = new OfflinePolicy(
            message.Offline.ValueMinorMax,
            (int)message.Offline.RecordsMax,
            TimeSpan.FromHours(message.Offline.HoursMax),
            message.Offline.PinAboveMinor);
        _articles = articles;
    }

    public string Version => Message.Version;
    public TerminalId Terminal { get; }
    public long MerchantId => Message.MerchantId;
    public Text MerchantName { get; }
    public Text OutletName { get; }

    /// <summary>IANA name of the zone that business dates are taken in.</summary>
    public string TimeZone => Message.TimeZone;

    /// <summary>ISO 4217 numeric code.</summary>
    public ushort Currency => (ushort)Message.Currency;
    public int CurrencyDigits => (int)Message.CurrencyDigits;
    public IReadOnlyDictionary<ProgrammeCode, ServedProgramme> Programmes { get; }
    public OfflinePolicy Offline { get; }

    /// <summary>Who certifies cards.</summary>
    public CertificateAuthority CardAuthority { get; }

    /// <summary>Verifies what the backend acknowledges.</summary>
    public EcPublicKey AcknowledgementKey { get; }

    internal GetParametersResponse Message { get; }

    /// <summary>Every article that may be sold on a business date, each at the price in force.</summary>
    public IReadOnlyList<PricedArticle> ArticlesOn(DateOnly date) =>
    [
        .. _articles
            .Where(article => article.ValidFrom <= date)
            .GroupBy(article => (article.Programme, article.Commodity))
            .Select(versions => versions.MaxBy(article => article.ValidFrom)!)
            .OrderBy(article => article.Programme.Value).ThenBy(article => article.Commodity.Value),
    ];

    /// <summary>The article at the price in force on a business date, or null.</summary>
    public PricedArticle? FindArticle(ProgrammeCode programme, CommodityCode commodity, DateOnly date)
    {
        PricedArticle? found = null;
        foreach (var article in _articles)
        {
            if (article.Programme == programme && article.Commodity == commodity && article.ValidFrom <= date
                && (found is null || article.ValidFrom > found.ValidFrom))
                found = article;
        }

        return found;
    }

    /// <summary>The name of an article at whatever price, for a receipt that is printed again; its number where the list no longer has it.</summary>
    public Text NameOf(CommodityCode commodity) =>
        _articles.Find(article => article.Commodity == commodity)?.Name ?? SameInAll(commodity.ToString());

    public Text NameOf(ProgrammeCode programme) =>
        Programmes.TryGetValue(programme, out var served) ? served.Name : SameInAll(programme.ToString());

    /// <summary>Reads the backend's answer. False where it cannot be worked with; <paramref name="fault"/> then names the field.</summary>
    public static bool TryRead(GetParametersResponse message, [NotNullWhen(true)] out TerminalParameters? parameters, out string fault)
    {
        parameters = null;
        fault = FaultOf(message);
        if (fault.Length > 0)
            return false;
        if (!CardVerifiableCertificate.TryDecode(message.CardAuthorityCertificate.Span, out var cardAuthority, out _)
            || cardAuthority.Role != CertificateRole.CardAuthority)
        {
            fault = "card_authority_certificate";
            return false;
        }

        if (!EcPublicKey.TryFromPoint(message.AcknowledgementPublicKey.Span, out var acknowledgementKey))
        {
            fault = "acknowledgement_public_key";
            return false;
        }

        parameters = new TerminalParameters(message, cardAuthority, acknowledgementKey, [.. message.Prices.Select(ToArticle)]);
        return true;
    }

    internal static bool TryRead(ReadOnlySpan<byte> stored, [NotNullWhen(true)] out TerminalParameters? parameters) =>
        TryRead(GetParametersResponse.Parser.ParseFrom(stored), out parameters, out _);

    internal byte[] ToStored() => Message.ToByteArray();

    private static string FaultOf(GetParametersResponse message)
    {
        if (message.Version.Length == 0)
            return "version";
        if (!TerminalId.TryParse(message.TerminalId, out _))
            return "terminal_id";
        if (!BusinessClock.IsZone(message.TimeZone))
            return "time_zone";
        if (message.Currency is 0 or > 999)
            return "currency";
        if (message.CurrencyDigits > 4)
            return "currency_digits";
        if (message.Offline is null)
            return "offline";
        if (message.Programmes.Any(programme => programme.Code is 0 or > ushort.MaxValue || programme.Name is null
            || programme.Unit is < Wire.QuantityUnit.Loaf or > Wire.QuantityUnit.Gram))
            return "programmes";
        return message.Prices.All(IsPrice) ? "" : "prices";
    }

    private static bool IsPrice(Price price) =>
        price.Commodity is > 0 and <= ushort.MaxValue && price.Programme is > 0 and <= ushort.MaxValue && price.Name is not null
        && price.ValidFrom is { Yyyymmdd: >= 2000_01_01 and <= 2099_12_31 } from
        && DateOnly.TryParseExact(from.Yyyymmdd.ToString("D8"), "yyyyMMdd", out _);

    private static PricedArticle ToArticle(Price price) => new(
        new CommodityCode((ushort)price.Commodity),
        new ProgrammeCode((ushort)price.Programme),
        ToText(price.Name),
        price.UnitPriceMinor,
        price.UnitSubsidyMinor,
        price.Grams,
        LocalMoment.FromNumber((int)price.ValidFrom.Yyyymmdd));

    private static Text ToText(Label? label) => label is null ? SameInAll("") : new Text(label.Ar, label.Fr, label.En);

    private static Text SameInAll(string text) => new(text, text, text);
}
