using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;

namespace SmartCard.Cardctl;

/// <summary>serve: puts a card into pcscd's virtual reader until it is stopped. When the reader goes away, it comes back to it.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    public static Command Define(TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "The card." };
        var reader = new Option<string>("--vpcd")
        {
            Description = $"Where the virtual reader (vpcd) listens, such as 127.0.0.1:{VpcdCardLink.DefaultPort}.",
            Required = true,
            HelpName = "HOST:PORT",
        };
        var timing = new Option<string>("--timing")
        {
            Description = "silicon: as slow as a security controller; none: as fast as this machine.",
            DefaultValueFactory = _ => "none",
        };
        timing.AcceptOnlyFromAmong("silicon", "none");
        var command = new Command("serve", "Puts a card into a virtual reader, for any PC/SC program. Ends with Ctrl-C; the card remembers what was done.")
        {
            file, reader, timing,
        };
        command.SetAction(async (result, stop) =>
        {
            var (host, port) = ParseEndpoint(result.GetValue(reader)!);
            var silicon = result.GetValue(timing) == "silicon";
            using var card = CardFile.Open(result.GetValue(file)!, () => silicon ? CardTiming.Silicon() : CardTiming.None());
            return await ServeAsync(output, card.Card, host, port, stop);
        });
        return command;
    }

    private static async Task<int> ServeAsync(TextWriter output, Card card, string host, int port, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var link = await ConnectAsync(card, host, port, stop);
            if (link is null)
                break;
            output.WriteLine($"The card is in the reader at {host}:{port}.");
            var end = await Task.Factory.StartNew(() => link.Run(stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (end == VpcdLinkEnd.ProtocolError)
                throw new CardctlException(ExitCode.Reader, $"{host}:{port} does not speak vpcd's protocol.");
            if (end == VpcdLinkEnd.ReaderGone)
                output.WriteLine("The reader went away; waiting for it.");
        }

        return (int)ExitCode.Success;
    }

    /// <summary>Null when it was stopped while it waited.</summary>
    private static async Task<VpcdCardLink?> ConnectAsync(Card card, string host, int port, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited < GiveUpAfter && !stop.IsCancellationRequested; waited += RetryEvery)
        {
            try
            {
                return VpcdCardLink.Connect(card, host, port);
            }
            catch (SocketException)
            {
                await Task.Delay(RetryEvery, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        return stop.IsCancellationRequested
            ? null
            : throw new CardctlException(ExitCode.Reader, $"No virtual reader at {host}:{port} for {GiveUpAfter.TotalSeconds:0} seconds. Is pcscd running with vpcd?");
    }

    private static (string Host, int Port) ParseEndpoint(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? (text[..colon].Trim('[', ']'), port)
            : throw new CardctlException(ExitCode.Usage, $"--vpcd takes HOST:PORT, not '{text}'.");
    }
}
