using System.CommandLine;
using SmartCard.Benchmarks.Taps;

var taps = new Option<int>("--taps") { Description = "Draws to measure at the machine's speed.", DefaultValueFactory = _ => 200 };
var siliconTaps = new Option<int>("--silicon-taps") { Description = "Draws to measure at the speed of silicon.", DefaultValueFactory = _ => 60 };
var data = new Option<string>("--data") { Description = "Folder for everything that the benchmark writes; made anew at each run.", DefaultValueFactory = _ => Path.Combine(".data", "bench") };

var tap = new Command("tap", "A draw through pcscd and its virtual reader, card present to receipt; ends with one line, TAP-BENCH {json}.") { taps, siliconTaps, data };
tap.SetAction((parsed, cancellation) =>
    new TapBenchmark(Path.GetFullPath(parsed.GetValue(data)!), parsed.GetValue(taps), parsed.GetValue(siliconTaps)).RunAsync(cancellation));

return await new RootCommand("Benchmarks. Run them alone: two of them at once measure each other.") { tap }.Parse(args).InvokeAsync();
