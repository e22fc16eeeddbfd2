using System.Text;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Programmes.Profiles;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Programmes;

/// <summary>The embedded profile of Egypt, as the tests of its rules read it.</summary>
internal static class Egypt
{
    public static readonly QuotaCode Bread = new(1);
    public static readonly QuotaCode Groceries = new(2);
    public static readonly QuotaCode BreadPoints = new(3);
    public static readonly QuotaCode OilCap = new(201);
    public static readonly QuotaCode SugarCap = new(202);

    public static ReadOnlySpan<byte> Json => EmbeddedProfiles.Read("EG");

    public static IProgrammes Programmes { get; } = ProfileCalendar.Load(EmbeddedProfiles.Read("EG"));

    /// <summary>The same, but cards are lent EGP 50 of groceries too: lending knows money, though Egypt's policy lends bread alone.</summary>
    public static IProgrammes LendingGroceries { get; } = ProfileCalendar.Load(
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(EmbeddedProfiles.Read("EG")).Replace("\"groceriesLent\": 0", "\"groceriesLent\": 5000", StringComparison.Ordinal)));

    public static QuotaRule Quota(QuotaCode code, DateOnly date) => Programmes.RulesOn(date).Quotas.Single(rule => rule.Code == code);

    public static Commodity Commodity(ushort code, DateOnly date) => Programmes.RulesOn(date).Commodities[new CommodityCode(code)];
}
