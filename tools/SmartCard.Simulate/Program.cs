using System.CommandLine;
using SmartCard.Simulate.Campaigns;
using Spectre.Console;

var seeds = new Option<string>("--seeds") { Description = "First and last seed, such as 1..10000.", DefaultValueFactory = _ => "1..100" };
var steps = new Option<long>("--steps") { Description = "Turns of each seed before its world comes to rest.", DefaultValueFactory = _ => CampaignOptions.TurnsDefault };
var database = new Option<CampaignDatabase>("--database") { Description = "Where the ledger is: in memory, or the real thing." };
var keep = new Option<string>("--keep") { Description = "Folder, new or empty, in which the real ledger stays.", DefaultValueFactory = _ => Path.Combine(".data", "simulation") };
var trace = new Option<bool>("--trace") { Description = "Print every event of every seed; seeds then run one after another." };
seeds.Validators.Add(result =>
{
    if (!TryParse(result.GetValueOrDefault<string>(), out _, out _))
        result.AddError("--seeds is a range of numbers, such as 1..10000 or 42..42.");
});
steps.Validators.Add(result =>
{
    if (result.GetValueOrDefault<long>() is < 1 or > 1_000_000)
        result.AddError("--steps is a number from 1 to 1000000.");
});

var command = new RootCommand("Terminals, cards, network and backends in one process, under a clock and a chance that a seed decides; everything that can break does.")
{
    seeds, steps, database, keep, trace,
};
command.SetAction(async (parsed, cancellation) =>
{
    if (!TryParse(parsed.GetValue(seeds), out var first, out var last))
        return 2;
    var options = new CampaignOptions
    {
        FirstSeed = first,
        LastSeed = last,
        Turns = parsed.GetValue(steps),
        Database = parsed.GetValue(database),
        Keep = Path.GetFullPath(parsed.GetValue(keep)!),
        PostgresServer = Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES"),
        TraceTo = parsed.GetValue(trace) ? Console.Out : null,
    };
    var campaign = new Campaign(options);
    var screen = new Screen(options, AnsiConsole.Console);
    var summary = await screen.RunAsync(campaign, cancellation);
    screen.Show(campaign.Failures, summary, Console.Out);
    Console.WriteLine(summary.ToLine());
    return summary.IsSound ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();

static bool TryParse(string? range, out long first, out long last)
{
    last = 0;
    var parts = range?.Split("..") ?? [];
    return long.TryParse(parts[0], out first) && (parts.Length == 1 ? (last = first) == first : parts.Length == 2 && long.TryParse(parts[1], out last)) && first >= 0 && last >= first;
}
