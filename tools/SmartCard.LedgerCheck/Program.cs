using System.CommandLine;
using System.Data.Common;
using SmartCard.LedgerCheck;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Reports;

const int Held = 0;
const int Broken = 1;
const int CannotRead = 2;

var sqlite = new Option<string?>("--sqlite") { Description = "The ledger's file, such as data/smartcard.db.", HelpName = "FILE" };
var postgres = new Option<string?>("--postgres") { Description = "The ledger's database, as an Npgsql connection string; a role that may only read is enough.", HelpName = "CONNECTION-STRING" };
var prices = new Option<string?>("--prices") { Description = "The country profile with the published prices; without it prices and subsidies are not compared.", HelpName = "FILE" };
var journals = new Option<string[]>("--journal") { Description = "A terminal's database file, to be compared with the ledger; may be given again.", HelpName = "FILE", DefaultValueFactory = _ => [] };
var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
var rows = new Option<int>("--rows") { Description = "Offending rows shown of each check; all are counted.", HelpName = "N", DefaultValueFactory = _ => CheckRequest.RowsDefault };
rows.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 100_000)
        result.AddError("--rows is a number from 1 to 100000.");
});

var command = new RootCommand("Recomputes the ledger from its movements and reports each of its invariants as held, broken or not applicable. Reads only.")
{
    sqlite, postgres, prices, journals, json, rows,
};
command.Validators.Add(result =>
{
    if (result.GetValue(sqlite) is null == result.GetValue(postgres) is null)
        result.AddError("Give either --sqlite FILE or --postgres CONNECTION-STRING.");
});
command.SetAction(async (parsed, cancellation) =>
{
    try
    {
        var ledger = parsed.GetValue(sqlite) is { } file
            ? await SqliteLedger.OpenAsync(file, cancellation)
            : await PostgresLedger.OpenAsync(parsed.GetValue(postgres)!, cancellation);
        await using (ledger)
        {
            var request = new CheckRequest { RowsMax = parsed.GetValue(rows), PricesFile = parsed.GetValue(prices), JournalFiles = parsed.GetValue(journals)! };
            var report = await LedgerChecker.RunAsync(ledger, request, TimeProvider.System, cancellation);
            if (parsed.GetValue(json))
                JsonReport.Write(report, Console.Out);
            else
                TextReport.Write(report, Console.Out);
            Console.WriteLine(SummaryJson.LineOf(report));
            return report.Holds ? Held : Broken;
        }
    }
    catch (UnreadableLedgerException unreadable)
    {
        Console.Error.WriteLine(unreadable.Message);
        return CannotRead;
    }
    catch (DbException lost)
    {
        Console.Error.WriteLine($"The ledger could not be read to its end: {lost.Message}");
        return CannotRead;
    }
});
var invocation = command.Parse(args);
return invocation.Errors.Count > 0 ? Usage(invocation) : await invocation.InvokeAsync();

static int Usage(ParseResult wrong)
{
    foreach (var error in wrong.Errors)
        Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine("tools/ledgercheck --help lists the options.");
    return CannotRead;
}
