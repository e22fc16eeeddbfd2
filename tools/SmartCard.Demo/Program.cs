using System.CommandLine;
using SmartCard.Demo;
using SmartCard.Demo.Report;
using Spectre.Console;

var once = new Option<bool>("--once") { Description = "Run the day, print the summary and end." };
var pcsc = new Option<bool>("--pcsc") { Description = "Tap through pcscd and its virtual readers instead of the in-process reader." };
var database = new Option<DemoDatabase>("--database") { Description = "Where the backend keeps its tables.", DefaultValueFactory = _ => DemoDatabase.Sqlite };
var households = new Option<int>("--households") { Description = $"How many households, {DemoOptions.HouseholdsMin} to {DemoOptions.HouseholdsMax}.", DefaultValueFactory = _ => 1_000 };
var seed = new Option<int>("--seed") { Description = "The same seed makes the same population and the same day.", DefaultValueFactory = _ => 1 };
var data = new Option<string>("--data") { Description = "Folder for everything that the demonstration writes; made anew at each run.", DefaultValueFactory = _ => Path.Combine(".data", "demo") };
households.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < DemoOptions.HouseholdsMin or > DemoOptions.HouseholdsMax)
        result.AddError($"--households is a number from {DemoOptions.HouseholdsMin} to {DemoOptions.HouseholdsMax}: fewer have no family of every size that the day needs.");
});

var command = new RootCommand("The main job from end to end: a population, its cards, a business day, its reconciliation.") { once, pcsc, database, households, seed, data };
command.SetAction(async (parsed, cancellation) =>
{
    var options = new DemoOptions
    {
        Once = parsed.GetValue(once),
        Pcsc = parsed.GetValue(pcsc),
        Database = parsed.GetValue(database),
        Households = parsed.GetValue(households),
        Seed = parsed.GetValue(seed),
        DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
        PostgresServer = Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES"),
    };
    var result = await new Demonstration(options, AnsiConsole.Console).RunAsync(cancellation);
    await using (result.World)
    {
        foreach (var surprise in result.Surprises)
            Console.Error.WriteLine("not as it must be: " + surprise);
        if (!options.Once)
            await StayUpAsync(result, cancellation);
        Console.WriteLine(result.Summary.ToLine());
        return result.Surprises.Count == 0 ? 0 : 1;
    }
});
return await command.Parse(args).InvokeAsync();

static async Task StayUpAsync(DemoResult result, CancellationToken cancellation)
{
    Console.WriteLine($"""
        The backend stays up until Ctrl-C:
          gRPC over mutual TLS   {result.World.Backend.Address}
          its root certificate   {result.World.RootPath}
          the contract           protocol/proto/subsidy/v1
        """);
    try
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }
    catch (OperationCanceledException)
    {
        // Ctrl-C.
    }
}
