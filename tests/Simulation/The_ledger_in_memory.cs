using SmartCard.Simulate.Campaigns;
using SmartCard.Simulate.Stores;

namespace SmartCard.Simulation.Tests;

/// <summary>
/// The simulation's own ledger store has to be what the real ones are, or it proves nothing about them: on the same seed, with the same faults, it leads to the same
/// events at the same moments, and to the same rows.
/// </summary>
public sealed class The_ledger_in_memory(Ministry ministry) : IClassFixture<Ministry>, IDisposable
{
    private static readonly string[] Tables =
        ["households", "balances", "allowances", "disbursements", "disbursement_lines", "movements", "lendings", "reversals", "credits", "refunds", "refund_lines", "expiries", "fraud_cases", "refused_records"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smartcard-simulation-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Leads_to_the_same_events_and_rows_as_SQLite(long seed)
    {
        var memory = new MemoryLedger(writersMax: 1);
        await using var sqlite = await DatabaseLedger.OpenAsync(
            new CampaignOptions { FirstSeed = seed, LastSeed = seed, Database = CampaignDatabase.Sqlite, Keep = _folder.FullName }, CancellationToken.None);

        var inMemory = Ministry.Run(ministry.Bureau, seed, ledger: memory);
        var onDisk = Ministry.Simulation(ministry.Bureau, seed, sqlite, sqlite);

        Assert.Null(onDisk.Violation);
        Assert.Equal(inMemory.Digest, onDisk.Digest);
        foreach (var table in Tables)
            Assert.Equal(Contents(memory, table), Contents(sqlite, table));
    }

    /// <summary>Without what differs by nature: signatures, which are other bytes each time.</summary>
    private static IEnumerable<string> Contents(ILedgerContents ledger, string table) => ledger.Rows(table).Select(row => row.ToString()).Order(StringComparer.Ordinal);
}
