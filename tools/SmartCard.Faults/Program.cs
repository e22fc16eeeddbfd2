using System.CommandLine;
using SmartCard.Faults;
using SmartCard.Faults.Terminals;

var rounds = new Option<int>("--rounds") { Description = "Rounds, each with one fault; the kinds come in rotation.", DefaultValueFactory = _ => 7 };
var seed = new Option<int>("--seed") { Description = "The same seed makes the same households, draws and moments of the faults, as far as processes keep time.", DefaultValueFactory = _ => 1 };
var draws = new Option<int>("--draws") { Description = "Draws in a round.", DefaultValueFactory = _ => 240 };
var data = new Option<string>("--data") { Description = "Folder for everything that the campaign writes; made anew at each run.", DefaultValueFactory = _ => Path.Combine(".data", "faults") };
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
        result.AddError("--rounds is a number from 1 to 10000.");
});
draws.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 20 or > 10_000)
        result.AddError("--draws is a number from 20 to 10000.");
});

// The campaign starts itself as a terminal's process.
var folder = new Option<string>("--folder") { Required = true };
var card = new Option<string[]>("--card") { Required = true };
var settle = new Option<bool>("--settle");
var terminal = new Command("terminal", "What the terminal's own process does.") { folder, card, settle };
terminal.Hidden = true;
terminal.SetAction((parsed, cancellation) => TerminalProgram.RunAsync(parsed.GetValue(folder)!, parsed.GetValue(card)!, parsed.GetValue(settle), cancellation));

var command = new RootCommand("Faults against the real thing: processes killed, disks full, connections cut, and every acknowledged draw there afterwards, once.") { rounds, seed, draws, data, terminal };
command.SetAction(async (parsed, cancellation) =>
{
    var options = new CampaignOptions(parsed.GetValue(rounds), parsed.GetValue(seed), parsed.GetValue(draws), Path.GetFullPath(parsed.GetValue(data)!));
    var (summary, wrong) = await new Campaign(options).RunAsync(cancellation);
    foreach (var sentence in wrong)
        Console.Error.WriteLine("not as it must be: " + sentence);
    Console.WriteLine(summary.ToLine());
    return wrong.Count == 0 ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
