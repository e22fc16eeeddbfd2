using System.Security.Cryptography;
using Google.Protobuf;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>
/// A terminal's parameters, put together from the modules. Their version is a hash of their content, so that it changes when, and
/// only when, something in them does, whoever changed it.
/// </summary>
internal sealed class TerminalParameters(IMerchants merchants, IProgrammes programmes, ICertificateAuthority authority, BusinessCalendar calendar)
{
    /// <summary>Prices reach so far ahead that a terminal without a line knows of a decree before its day.</summary>
    private const int DaysAhead = 31;

    private const int VersionBytes = 16;

    public async Task<Wire.GetParametersResponse> OfAsync(TerminalStanding terminal, CancellationToken cancellation)
    {
        var merchant = await merchants.FindMerchantAsync(terminal.Merchant, cancellation)
            ?? throw new InvalidOperationException($"Terminal {terminal.Terminal} belongs to merchant {terminal.Merchant}, which does not exist.");
        var outlet = merchant.Outlets.FirstOrDefault(outlet => outlet.Outlet == terminal.Outlet)
            ?? throw new InvalidOperationException($"Terminal {terminal.Terminal} stands in outlet {terminal.Outlet}, which merchant {terminal.Merchant} does not have.");

        var rules = programmes.RulesOn(calendar.Today);
        var response = new Wire.GetParametersResponse
        {
            TerminalId = terminal.Terminal.Value,
            MerchantId = terminal.Merchant.Value,
            OutletId = terminal.Outlet.Value,
            MerchantName = merchant.Name.ToWire(),
            OutletName = outlet.Name.ToWire(),
            Profile = programmes.Profile.Code,
            TimeZone = programmes.Profile.IanaZone,
            Currency = programmes.Profile.Currency,
            CurrencyDigits = (uint)programmes.Profile.CurrencyDigits,
            Offline = ToWire(rules.Offline),
            CardAuthorityCertificate = authority.CardAuthorityCertificate.ToWire(),
            AcknowledgementPublicKey = authority.AcknowledgementPublicKey.ToWire(),
        };
        var served = terminal.Programmes.Where(rules.Programmes.ContainsKey).Order().ToArray();
        response.Programmes.AddRange(served.Select(code => ToWire(rules.Programmes[code])));
        response.Prices.AddRange(PricesOf(served));
        response.Version = Convert.ToHexStringLower(SHA256.HashData(response.ToByteArray()).AsSpan(0, VersionBytes));
        return response;
    }

    /// <summary>
    /// The prices in force from the first day of last month (the oldest record that a terminal may still hold), and each change until
    /// <see cref="DaysAhead"/> days from now. The window starts on a first of a month so that the version does not change every midnight.
    /// </summary>
    private List<Wire.Price> PricesOf(IReadOnlyCollection<ProgrammeCode> served)
    {
        var today = calendar.Today;
        var first = new DateOnly(today.Year, today.Month, 1).AddMonths(-1);
        var prices = new List<Wire.Price>();
        var inForce = new Dictionary<(CommodityCode, ProgrammeCode), (long Price, long Subsidy)>();
        string? version = null;
        for (var date = first; date <= today.AddDays(DaysAhead); date = date.AddDays(1))
        {
            var rules = programmes.RulesOn(date);
            if (rules.Version == version)
                continue;
            version = rules.Version;
            foreach (var commodity in rules.Commodities.Values.OrderBy(commodity => commodity.Code))
            {
                foreach (var programme in commodity.PaidBy.Where(served.Contains).Order())
                {
                    if (inForce.TryGetValue((commodity.Code, programme), out var known) && known == (commodity.UnitPriceMinor, commodity.SubsidyMinor))
                        continue;
                    inForce[(commodity.Code, programme)] = (commodity.UnitPriceMinor, commodity.SubsidyMinor);
                    prices.Add(ToWire(commodity, programme, date));
                }
            }
        }
        return prices;
    }

    private static Wire.Price ToWire(Commodity commodity, ProgrammeCode programme, DateOnly validFrom) => new()
    {
        Commodity = commodity.Code.Value,
        Programme = programme.Value,
        Name = commodity.Name.ToWire(),
        UnitPriceMinor = (uint)commodity.UnitPriceMinor,
        ValidFrom = validFrom.ToWire(),
        Grams = (uint)commodity.Grams,
        UnitSubsidyMinor = (uint)commodity.SubsidyMinor,
    };

    private static Wire.Programme ToWire(Programme programme) => new()
    {
        Code = programme.Code.Value,
        Name = programme.Name.ToWire(),
        Unit = (Wire.QuantityUnit)programme.Unit,
        CitizenPays = programme.Funding == ProgrammeFunding.CitizenPaysCardPrice,
    };

    private static Wire.OfflineLimits ToWire(OfflinePolicy policy) => new()
    {
        ValueMinorMax = policy.ValueMinorMax,
        RecordsMax = (uint)policy.RecordsMax,
        HoursMax = (uint)policy.HoursMax,
        PinAboveMinor = policy.PinAboveMinor,
    };
}
