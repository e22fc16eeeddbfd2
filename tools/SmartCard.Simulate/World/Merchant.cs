using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.World;

/// <summary>A merchant with one outlet and one terminal in it.</summary>
internal sealed record Merchant(MerchantKind Kind, TerminalId Terminal, MerchantId Id, OutletId Outlet, IReadOnlyList<ProgrammeCode> Programmes)
{
    /// <summary>A bakery, a grocer, and one who has everything.</summary>
    public static IReadOnlyList<Merchant> All { get; } =
    [
        new(MerchantKind.Bakery, TerminalId.Parse("BAKERY01"), new MerchantId(501), new OutletId(601), [ProgrammeCode.Bread]),
        new(MerchantKind.Grocer, TerminalId.Parse("GROCER01"), new MerchantId(502), new OutletId(602), [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints]),
        new(MerchantKind.Cooperative, TerminalId.Parse("COOP0001"), new MerchantId(503), new OutletId(603), [ProgrammeCode.Bread, ProgrammeCode.Groceries, ProgrammeCode.BreadPoints]),
    ];

    public string Name => Terminal.Value;
}
