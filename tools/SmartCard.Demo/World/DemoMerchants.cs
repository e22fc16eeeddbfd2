using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Demo.Population;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.World;

/// <summary>The day's merchants: three bakeries for every two grocers, each with one outlet and one terminal.</summary>
internal static class DemoMerchants
{
    public static IReadOnlyList<(MerchantRegistration Merchant, TerminalId Terminal)> Make(int count)
    {
        var merchants = new (MerchantRegistration, TerminalId)[count];
        for (var index = 0; index < count; index++)
            merchants[index] = (Merchant(index), TerminalId.Parse($"EG{index + 1:D6}"));
        return merchants;
    }

    private static MerchantRegistration Merchant(int index)
    {
        var isBakery = index % 5 < 3;
        var names = isBakery ? ArabicNames.Bakeries : ArabicNames.Grocers;
        var arabic = names[index % names.Length] + (index / names.Length is var again and > 0 ? $" {again + 1}" : "");
        var label = new Label(arabic, (isBakery ? "Boulangerie " : "Épicerie ") + (index + 1), (isBakery ? "Bakery " : "Grocer ") + (index + 1));
        IReadOnlyList<ProgrammeCode> programmes = isBakery ? [ProgrammeCode.Bread] : [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints];
        var governorate = Governorate.All[index % Governorate.All.Length].Code;
        return new MerchantRegistration(
            new MerchantId(5_001 + index),
            isBakery ? MerchantKind.Bakery : MerchantKind.Grocer,
            label,
            programmes,
            [new OutletRegistration(new OutletId(7_001 + index), label, governorate)]);
    }
}
