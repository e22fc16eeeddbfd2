using Microsoft.Data.Sqlite;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Readers;
using SmartCard.TerminalAgent.Tap;
using SmartCard.Testing.Cards;
using LocalTerminalId = SmartCard.Protocol.Transactions.TerminalId;

namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>A shop on a November morning in Giza: a terminal, its reader, its ministry, and cards that the ministry issued.</summary>
public sealed class Shop : IAsyncDisposable
{
    private readonly InProcessCardReader _reader = new("Test reader");
    private readonly List<Terminal> _dead = [];
    private readonly string _root = Directory.CreateTempSubdirectory("shop-").FullName;
    private string _folder;
    private Terminal? _terminal;

    public Shop()
    {
        _folder = NewFolder();
        Backend = new FakeBackend(Bureau, Clock);
    }

    /// <summary>09:30 in Cairo.</summary>
    public ManualClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 7, 30, 0, TimeSpan.Zero));

    public TestBureau Bureau { get; } = new();

    public FakeBackend Backend { get; }

    public TestPinPad PinPad { get; } = new();

    public string Folder => _folder;

    public Terminal Terminal => _terminal ?? throw new InvalidOperationException("The terminal is not open.");

    public static IReadOnlyList<BasketLine> Loaves(uint loaves) => [new(ProgrammeCode.Bread, FakeBackend.Bread, loaves, 20)];

    public static IReadOnlyList<BasketLine> Oil(uint bottles) => [new(ProgrammeCode.Groceries, FakeBackend.Oil, bottles, 3000)];

    /// <summary>An enrolled terminal, open.</summary>
    public static async Task<Shop> OpenAsync(Action<FakeBackend>? prepare = null)
    {
        var shop = new Shop();
        prepare?.Invoke(shop.Backend);
        var outcome = await shop.EnrolAsync();
        Assert.IsType<EnrolmentOutcome.Enrolled>(outcome);
        await shop.StartAsync();
        return shop;
    }

    public Task<EnrolmentOutcome> EnrolAsync(string code = FakeBackend.ActivationCode) => Enrolment.EnrolAsync(
        new EnrolmentOrder(_folder, new Uri("https://localhost"), Backend.Root, LocalTerminalId.Parse(FakeBackend.TerminalId), code),
        new BackendLink(Backend.Invoker, new BackendDeadlines()), CancellationToken.None);

    public async Task StartAsync(Func<TerminalOptions, TerminalOptions>? change = null)
    {
        var options = new TerminalOptions { DataFolder = _folder, PinPad = PinPad };
        _terminal = await Terminal.OpenAsync(change?.Invoke(options) ?? options, _reader, Clock, Backend.Invoker, CancellationToken.None);
    }

    /// <summary>The process ends, whatever state it is in, and starts again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await Terminal.DisposeAsync();
        await StartAsync();
    }

    /// <summary>
    /// The process dies where it stands: a new one starts on the files as they are at this moment. The old one never gets to close anything before.
    /// </summary>
    public async Task DieAndRestartAsync()
    {
        var image = NewFolder();
        foreach (var file in new[] { "identity.json", "terminal.db", "terminal.db-wal" })
            File.Copy(Path.Combine(_folder, file), Path.Combine(image, file));
        _dead.Add(Terminal);
        _folder = image;
        await StartAsync();
    }

    public CardOnReader Insert(TestCard card)
    {
        _reader.Remove();
        var onReader = new CardOnReader(card);
        _reader.Insert(onReader, Atr.VirtualCard, onReader.Reset);
        return onReader;
    }

    public void Insert(ICardChannel card)
    {
        _reader.Remove();
        _reader.Insert(card, Atr.VirtualCard);
    }

    public void RemoveCard() => _reader.Remove();

    public async Task<TapResult> TapAsync(TestCard card, IReadOnlyList<BasketLine> basket)
    {
        Insert(card);
        return await Terminal.TapAsync(basket);
    }

    /// <summary>Lends the card something for work without a line, as an issuer script through some terminal would.</summary>
    public TestCard CardWithAllowance(uint loaves = 20, uint piastres = 20_000, uint counter = 1, CardRiskLimits? limits = null)
    {
        var card = Bureau.MakeCard(limits);
        using var session = card.OpenIssuerSession(application: Aid.Subsidy);
        Assert.True(session.Transmit(IssuerScript.ToCommand(card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, loaves, loaves, counter))).Status.IsSuccess);
        Assert.True(session.Transmit(IssuerScript.ToCommand(
            card.Grant(ProgrammeCode.Groceries, QuantityUnit.MinorCurrency, piastres, piastres, counter + 1))).Status.IsSuccess);
        return card;
    }

    public async ValueTask DisposeAsync()
    {
        if (_terminal is not null)
            await _terminal.DisposeAsync();
        foreach (var terminal in _dead)
            await terminal.DisposeAsync();
        _reader.Dispose();
        Backend.Dispose();
        Bureau.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>While the terminal is closed, something happens to its database; then it is opened again.</summary>
    public async Task RestartAsync(Action<SqliteConnection> whileClosed)
    {
        await Terminal.DisposeAsync();
        using (var database = new SqliteConnection($"Data Source={Path.Combine(_folder, "terminal.db")};Pooling=False"))
        {
            database.Open();
            whileClosed(database);
        }

        await StartAsync();
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"terminal-{Directory.GetDirectories(_root).Length}")).FullName;
}

/// <summary>Enters what the test says; gives up where it says nothing.</summary>
public sealed class TestPinPad : IPinPad
{
    public string? Pin { get; set; }

    public List<int> TriesShown { get; } = [];

    public ValueTask<char[]?> AskAsync(int triesLeft, CancellationToken cancellationToken)
    {
        TriesShown.Add(triesLeft);
        return ValueTask.FromResult(Pin?.ToCharArray());
    }
}
