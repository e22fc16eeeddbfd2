using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Merchants.Registering;

/// <summary>What a registration may hold; the first fault is told.</summary>
internal static class RegistrationChecks
{
    public const int NameLengthMax = 100;
    public const int OutletsMax = 1_000;
    public const int ReasonLengthMax = 200;

    public static MerchantOutcome.Refused? FirstFault(MerchantRegistration merchant)
    {
        if (merchant.Merchant.Value <= 0)
            return new("merchant", "id_not_positive", "Give a merchant number of 1 or more.");
        if (!Enum.IsDefined(merchant.Kind))
            return new("kind", "kind_unknown", "Give a bakery, a grocer or a cooperative.");
        if (FaultOf(merchant.Name, "name") is { } ofName)
            return ofName;
        if (merchant.Programmes.Count == 0 || merchant.Programmes.Any(programme => programme.Value == 0))
            return new("programmes", "programmes_missing", "Give at least one programme, each with its code.");
        if (merchant.Outlets.Count is 0 or > OutletsMax)
            return new("outlets", "outlets_missing", $"Give 1 to {OutletsMax} outlets.");
        if (merchant.Outlets.DistinctBy(outlet => outlet.Outlet).Count() != merchant.Outlets.Count)
            return new("outlets", "outlet_twice", "Give each outlet once.");
        return merchant.Outlets.Select(FaultOf).FirstOrDefault(fault => fault is not null);
    }

    public static MerchantOutcome.Refused? FaultOfReason(string reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLengthMax
            ? new("reason", "reason_missing", $"Say why, in at most {ReasonLengthMax} characters.")
            : null;

    private static MerchantOutcome.Refused? FaultOf(OutletRegistration outlet, int index)
    {
        if (outlet.Outlet.Value <= 0)
            return new($"outlets[{index}].outlet", "id_not_positive", "Give an outlet number of 1 or more.");
        if (outlet.Governorate <= 0)
            return new($"outlets[{index}].governorate", "governorate_missing", "Give the governorate's code.");
        return FaultOf(outlet.Name, $"outlets[{index}].name");
    }

    private static MerchantOutcome.Refused? FaultOf(Label name, string field)
    {
        var isMissing = new[] { name.Ar, name.Fr, name.En }.Any(text => string.IsNullOrWhiteSpace(text) || text.Length > NameLengthMax);
        return isMissing ? new(field, "name_missing", $"Give the name in Arabic, French and English, each at most {NameLengthMax} characters.") : null;
    }
}
