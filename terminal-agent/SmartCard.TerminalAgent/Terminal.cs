using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Readers;
using SmartCard.TerminalAgent.Receipts;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent;

/// <summary>
/// One enrolled terminal: its reader, its journal and its line to the backend. Many may live in one process, each with its own folder. Taps are taken one at
/// a time; everything else may be called meanwhile, from any thread.
/// </summary>
public sealed partial class Terminal : IAsyncDisposable
{
    private readonly TerminalOptions _options;
    private readonly ICardReader _reader;
    private readonly TimeProvider _time;
    private readonly FolderLock _folder;
    private readonly TerminalDatabase _database;
    private readonly TapJournal _journal;
    private readonly TerminalStore _store;
    private readonly BatchBook _batches;
    private readonly LineState _line;
    private readonly UnsentSender _sender;
    private readonly SemaphoreSlim _oneTap = new(1, 1);
    private readonly SemaphoreSlim _oneUpkeep = new(1, 1);
    private readonly CallInvoker? _givenInvoker;
    private DateTimeOffset? _savedContact;
    private volatile Connection _connection;
    private volatile TerminalParameters? _parameters;
    private volatile BusinessClock? _clock;

    private Terminal(
        TerminalOptions options, ICardReader reader, TimeProvider time, TerminalIdentity identity, FolderLock folder, TerminalDatabase database,
        CallInvoker? invoker)
    {
        (_options, _reader, _time, _folder, _database, _givenInvoker) = (options, reader, time, folder, database, invoker);
        _journal = new TapJournal(database, time);
        _store = new TerminalStore(database);
        _batches = new BatchBook(database, _journal, time);
        _savedContact = _store.LastContact;
        _line = new LineState(time, options.LineHoldDown, _savedContact);
        _sender = new UnsentSender(_journal, _line);
        _connection = Connect(identity);
        Recovery = _journal.Recover();
        Use(_store.LoadParameters());
    }

    public TerminalId Id => _connection.Identity.Terminal;

    /// <summary>What was found cut off when the terminal was opened.</summary>
    public RecoveryReport Recovery { get; }

    /// <summary>Null until the backend has given some.</summary>
    public TerminalParameters? Parameters => _parameters;

    /// <summary>The business date and time on the shop's wall; null without parameters.</summary>
    public LocalMoment? Now => _clock?.Now;

    internal TapJournal Journal => _journal;

    internal TerminalStore Store => _store;

    internal TerminalDatabase Database => _database;

    /// <summary>
    /// Opens an enrolled terminal: recovers its journal, then refreshes parameters and denylist where the line allows. Without a line it opens with what it has.
    /// </summary>
    /// <exception cref="InvalidOperationException">The folder holds no identity: enrol first. Or another process has it open.</exception>
    /// <exception cref="InvalidDataException">The folder's identity is damaged.</exception>
    public static Task<Terminal> OpenAsync(
        TerminalOptions options, ICardReader reader, TimeProvider time, CancellationToken cancellationToken = default) =>
        OpenAsync(options, reader, time, invoker: null, cancellationToken);

    internal static async Task<Terminal> OpenAsync(
        TerminalOptions options, ICardReader reader, TimeProvider time, CallInvoker? invoker, CancellationToken cancellationToken)
    {
        var identity = TerminalIdentity.Load(options.DataFolder)
            ?? throw new InvalidOperationException($"'{options.DataFolder}' holds no terminal. Enrol it first.");
        var folder = FolderLock.Take(options.DataFolder);
        var database = TerminalDatabase.Open(Path.Combine(options.DataFolder, "terminal.db"));
        var terminal = new Terminal(options, reader, time, identity, folder, database, invoker);
        await terminal.RefreshAsync(cancellationToken);
        return terminal;
    }

    /// <summary>What a screen shows all the time.</summary>
    public TerminalStatus Status() => new(
        Id, _journal.CountUnsent(), _journal.CountTorn(), _line.IsUp, _line.LastContact, _parameters?.Version ?? "", _store.DenylistVersion,
        _store.CountDenied(), _connection.Identity.NotAfter, _batches.Current() ?? 0, _journal.CountRefundsDue());

    /// <summary>A tap with a basket that is ready.</summary>
    public Task<TapResult> TapAsync(IReadOnlyList<BasketLine> basket, CancellationToken cancellationToken = default) =>
        TapAsync((_, _) => ValueTask.FromResult<IReadOnlyList<BasketLine>?>(basket), cancellationToken);

    /// <summary>
    /// Serves the card that lies on the reader, from card present to receipt. Never throws for what a card, a person or the line does: that is an outcome. The
    /// calling thread does the card's blocking work. Cancelling counts until the card is asked to commit.
    /// </summary>
    /// <param name="chooseBasket">Called once the card has proved itself and what is left is known.</param>
    public async Task<TapResult> TapAsync(BasketChoice chooseBasket, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        await _oneTap.WaitAsync(cancellationToken);
        try
        {
            if (Tools() is not { } tools)
                return Unready(started);
            var result = await TapAsync(tools, chooseBasket, started, cancellationToken);
            SaveContact();
            if (result.Outcome.Kind is TapOutcomeKind.NoAnswer or TapOutcomeKind.ApprovedOffline)
                WakeSender();
            return result;
        }
        finally
        {
            _oneTap.Release();
        }
    }

    /// <summary>Waits until a card is presented.</summary>
    public Task WaitForCardAsync(CancellationToken cancellationToken) => _reader.WaitForCardAsync(cancellationToken);

    /// <summary>Waits until no card is on the reader.</summary>
    public Task WaitForRemovalAsync(CancellationToken cancellationToken) => _reader.WaitForRemovalAsync(cancellationToken);

    /// <summary>The text of a receipt in the terminal's language, digits and paper.</summary>
    public string Print(Receipt receipt) => ReceiptText.Render(receipt, new ReceiptStyle(_options.Language, _options.Digits, _options.PaperColumns));

    /// <summary>The text of an X report, or of a Z report where the batch is closed.</summary>
    public string Print(BatchReport report, bool? isBalanced = null) => ReceiptText.Render(
        report, _parameters ?? throw new InvalidOperationException("Without parameters there is no batch."),
        new ReceiptStyle(_options.Language, _options.Digits, _options.PaperColumns), _clock!.Now, isBalanced);

    /// <summary>The last draw's receipt, or that of a number, marked as a copy; null where there is none.</summary>
    public Receipt? Reprint(long? number = null)
    {
        var entry = number is { } wanted ? _journal.Find(wanted) : _journal.FindLast();
        return entry is not null && _parameters is { } parameters ? ReceiptBuilder.Copy(entry, parameters) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopSendingAsync();
        _connection.Dispose();
        _sender.Dispose();
        _database.Dispose();
        _folder.Dispose();
        _oneTap.Dispose();
        _oneUpkeep.Dispose();
    }

    private async Task<TapResult> TapAsync(TapTools tools, BasketChoice chooseBasket, long started, CancellationToken cancellationToken)
    {
        ICardConnection card;
        try
        {
            card = _reader.Connect();
        }
        catch (CardTransportException)
        {
            return WithoutCard(tools.Parameters, tools.Clock.Now, TapOutcomeKind.CardRemoved, started);
        }

        using (card)
        using (var flow = new TapFlow(tools, card, chooseBasket, cancellationToken))
            return await flow.RunAsync(started);
    }

    /// <summary>Null: the terminal may not serve, with or without a line.</summary>
    private TapTools? Tools()
    {
        var identity = _connection.Identity;
        return _parameters is { } parameters && _clock is { } clock && identity.NotAfter > _time.GetUtcNow() && parameters.Terminal == identity.Terminal
            ? new TapTools(parameters, identity, _journal, _store, _connection.Link, _line, clock, _options.PinPad, _options.Random)
            : null;
    }

    private TapResult Unready(long started)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var at = Now ?? new LocalMoment(DateOnly.FromDateTime(now), TimeOnly.FromDateTime(now));
        return WithoutCard(_parameters, at, TapOutcomeKind.TerminalNotReady, started);
    }

    private TapResult WithoutCard(TerminalParameters? parameters, LocalMoment at, TapOutcomeKind kind, long started)
    {
        var outcome = TapOutcome.Of(kind);
        return new TapResult
        {
            Outcome = outcome,
            Receipt = parameters is null
                ? ReceiptBuilder.WithoutParameters(outcome, Id, at)
                : ReceiptBuilder.WithoutDraw(outcome, parameters, at, card: null, remaining: []),
            Timings = new TapTimings(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.Zero, 0),
        };
    }

    private void Use(TerminalParameters? parameters)
    {
        if (parameters is null)
            return;
        _clock = new BusinessClock(_time, parameters.TimeZone);
        _parameters = parameters;
    }

    private Connection Connect(TerminalIdentity identity)
    {
        var channel = _givenInvoker is null
            ? BackendChannel.Open(_options.Backend ?? identity.Backend, identity.Root, identity, _time, _options.WrapHandler)
            : null;
        return new Connection(identity, channel, new BackendLink(_givenInvoker ?? channel!.CreateCallInvoker(), _options.Deadlines));
    }

    /// <summary>An identity and the channel that speaks for it: they change together.</summary>
    private sealed record Connection(TerminalIdentity Identity, GrpcChannel? Channel, BackendLink Link) : IDisposable
    {
        public void Dispose()
        {
            Channel?.Dispose();
            Identity.Dispose();
        }
    }
}

/// <summary>What a screen shows all the time.</summary>
/// <param name="Unsent">Records that the backend has not taken over; shown even when it is 0.</param>
/// <param name="Torn">Draws that were cut off and whose card has not come back.</param>
/// <param name="LastContact">When the backend last answered; null when it never did.</param>
/// <param name="OpenBatch">0 where none is open.</param>
/// <param name="RefundsDue">Refunds that the backend has not answered: their citizens wait for their money.</param>
public sealed record TerminalStatus(
    TerminalId Terminal, int Unsent, int Torn, bool IsOnline, DateTimeOffset? LastContact, string ParametersVersion, long DenylistVersion, int DeniedCards,
    DateTimeOffset CertificateNotAfter, int OpenBatch, int RefundsDue);
