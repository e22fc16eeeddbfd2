using System.Globalization;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.TerminalAgent.Readers;
using ContextFactory = PCSC.ContextFactory;

namespace SmartCard.Demo.Readers;

/// <summary>A virtual reader of a real pcscd: the card connects to the reader's port, the terminal speaks PC/SC.</summary>
internal sealed class PcscReaderSlot(string name, int port) : IReaderSlot
{
    /// <summary>Where tools/lib/pcscd.sh says which readers there are: NAME=PORT;NAME=PORT;...</summary>
    public const string ReadersVariable = "SMARTCARD_VIRTUAL_READERS";

    private static readonly TimeSpan RemovalPatience = TimeSpan.FromSeconds(10);

    public ICardReader Reader { get; } = new PcscCardReader(name, ContextFactory.Instance, TimeProvider.System);

    /// <summary>The readers of the pcscd that this process was started under; none where it was started without.</summary>
    public static IReadOnlyList<PcscReaderSlot> FromEnvironment() =>
    [
        .. (Environment.GetEnvironmentVariable(ReadersVariable) ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.LastIndexOf('=') is var equals and > 0
                ? new PcscReaderSlot(entry[..equals], int.Parse(entry[(equals + 1)..], CultureInfo.InvariantCulture))
                : throw new FormatException($"{ReadersVariable} has an entry that is not NAME=PORT: '{entry}'.")),
    ];

    public IAsyncDisposable Present(Card card) => new Presentation(this, VpcdCardLink.Connect(card, "127.0.0.1", port));

    public void Dispose() => Reader.Dispose();

    private sealed class Presentation : IAsyncDisposable
    {
        private readonly PcscReaderSlot _slot;
        private readonly VpcdCardLink _link;
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;

        public Presentation(PcscReaderSlot slot, VpcdCardLink link)
        {
            (_slot, _link) = (slot, link);
            _thread = new Thread(() => link.Run(_stop.Token)) { IsBackground = true, Name = "card at " + slot.Reader.Name };
            _thread.Start();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _thread.Join();
            _link.Dispose();
            _stop.Dispose();
            // pcscd looks for the card a few times a second: the next one must not be taken for this one.
            using var patience = new CancellationTokenSource(RemovalPatience);
            await _slot.Reader.WaitForRemovalAsync(patience.Token);
        }
    }
}
