using SmartCard.Simulate.Campaigns;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.World;

namespace SmartCard.Simulation.Tests;

/// <summary>Keys, cards and terminals for all tests of a class.</summary>
public sealed class Ministry : IDisposable
{
    private const int Cards = 5;

    internal Bureau Bureau { get; } = NewBureau();

    internal static Bureau NewBureau() => new(Cards, Merchant.All);

    internal static SimulationResult Run(Bureau bureau, long seed, Plants? plants = null, MemoryLedger? ledger = null, TextWriter? trace = null, long turns = CampaignOptions.TurnsDefault,
        bool isCalm = false)
    {
        ledger ??= new MemoryLedger(plants?.Store ?? StorePlants.None);
        return Simulation(bureau, seed, ledger, ledger, plants, trace, turns, isCalm);
    }

    internal static SimulationResult Simulation(
        Bureau bureau, long seed, Backend.Disbursements.Batches.ILedgerStore store, ILedgerContents contents, Plants? plants = null, TextWriter? trace = null,
        long turns = CampaignOptions.TurnsDefault, bool isCalm = false) =>
        Simulate.Campaigns.Simulation.Run(new SimulationSetup(bureau, store, contents, plants ?? Plants.None, TraceTo: trace, IsCalm: isCalm), seed, turns);

    public void Dispose() => Bureau.Dispose();
}
