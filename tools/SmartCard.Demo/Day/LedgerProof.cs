using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Demo.World;
using SmartCard.LedgerCheck;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Reports;

namespace SmartCard.Demo.Day;

/// <summary>
/// The day's ledger, recomputed by a program that shares no code with the backend (tools/ledgercheck), with every terminal's journal beside it. It reads the database
/// itself, while the backend is still up.
/// </summary>
internal static class LedgerProof
{
    public static async Task<LedgerReport> RunAsync(DemoWorld world, CancellationToken cancellation)
    {
        var request = new CheckRequest
        {
            PricesFile = Path.Combine(AppContext.BaseDirectory, "eg.json"),
            JournalFiles = [.. world.Merchants.Select(merchant => Path.Combine(merchant.TerminalFolder, "terminal.db"))],
        };
        var options = world.Backend.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        await using var ledger = options.ConnectionString is { } server
            ? await PostgresLedger.OpenAsync(server, cancellation)
            : await SqliteLedger.OpenAsync(Path.Combine(options.DataFolder, "smartcard.db"), cancellation);
        return await LedgerChecker.RunAsync(ledger, request, TimeProvider.System, cancellation);
    }
}
