using System.CommandLine;
using SmartCard.Benchmarks.Disbursing;
using SmartCard.Benchmarks.Taps;

var data = new Option<string>("--data") { Description = "Folder for everything that the benchmark writes; made anew at each run.", DefaultValueFactory = _ => Path.Combine(".data", "bench") };

var taps = new Option<int>("--taps") { Description = "Draws to measure at the machine's speed.", DefaultValueFactory = _ => 200 };
var siliconTaps = new Option<int>("--silicon-taps") { Description = "Draws to measure at the speed of silicon.", DefaultValueFactory = _ => 60 };
var tap = new Command("tap", "A draw through pcscd and its virtual reader, card present to receipt; ends with one line, TAP-BENCH {json}.") { taps, siliconTaps, data };
tap.SetAction((parsed, cancellation) =>
    new TapBenchmark(Path.GetFullPath(parsed.GetValue(data)!), parsed.GetValue(taps), parsed.GetValue(siliconTaps)).RunAsync(cancellation));

var seconds = new Option<int>("--seconds") { Description = "Length of each run.", DefaultValueFactory = _ => 10 };
var rounds = new Option<int>("--rounds") { Description = "How often all runs are made, in turn; figures are medians.", DefaultValueFactory = _ => 3 };
var households = new Option<int>("--households") { Description = "Size of the register.", DefaultValueFactory = _ => 1_000_000 };
var only = new Option<string[]>("--only") { Description = "Runs to make instead of all.", AllowMultipleArgumentsPerToken = true };
var disburse = new Command("disburse", "The ledger's ways against pgbench on the same PostgreSQL; ends with one line, DISBURSE-BENCH {json}.") { seconds, rounds, households, only, data };
disburse.SetAction(async (parsed, cancellation) =>
{
    if (Environment.GetEnvironmentVariable("SMARTCARD_POSTGRES") is not { } server || Environment.GetEnvironmentVariable("SMARTCARD_PGBENCH") is not { } program)
    {
        await Console.Error.WriteLineAsync("No PostgreSQL is known: run tools/bench disburse, which starts one.");
        return 1;
    }
    var options = new DisburseOptions(
        Path.GetFullPath(parsed.GetValue(data)!), server, program, parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(households), parsed.GetValue(only) ?? []);
    return await new DisburseBenchmark(options).RunAsync(cancellation);
});

return await new RootCommand("Benchmarks. Run them alone: two of them at once measure each other.") { tap, disburse }.Parse(args).InvokeAsync();
