using PCSC;
using SmartCard.Protocol.Apdus;
using SmartCard.TerminalAgent.Readers;
using SmartCard.Testing.VirtualReaders;

namespace SmartCard.TerminalAgent.Tests.Readers;

/// <summary>Tests that take pcscd away from everybody, so they run alone, after the others.</summary>
[CollectionDefinition(nameof(CardServiceOutages), DisableParallelization = true)]
public sealed class CardServiceOutagesRunAlone;

// pcscd is killed and started again: under a waiting reader, under an open connection, before a wait, under a monitor.
[Collection(nameof(CardServiceOutages))]
public sealed class CardServiceOutages : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly VirtualReader _virtual = VirtualReader.Take();
    private readonly PcscCardReader _reader;

    public CardServiceOutages() => _reader = new PcscCardReader(_virtual.Name, ContextFactory.Instance, TimeProvider.System);

    [Fact]
    public async Task A_waiting_reader_outlives_the_service_and_sees_the_next_card()
    {
        var wait = _reader.WaitForCardAsync(CancellationToken.None);

        await CardService.KillAsync();
        await CardService.StartAsync();
        using var card = await InsertAsync();

        Assert.Equal(Atr.VirtualCard, await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_wait_begun_without_the_service_ends_once_it_is_there()
    {
        await CardService.KillAsync();
        var wait = _reader.WaitForCardAsync(CancellationToken.None);

        await CardService.StartAsync();
        using var card = await InsertAsync();

        Assert.Equal(Atr.VirtualCard, await wait.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_connection_says_that_the_service_is_gone_and_the_next_tap_works()
    {
        using (await InsertAsync())
        {
            await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
            using var connection = _reader.Connect();
            await CardService.KillAsync();

            Assert.Equal(ReaderFailure.ServiceGone, Assert.Throws<CardReaderException>(() => Select(connection)).Failure);
            Assert.Equal(ReaderFailure.ServiceGone, Assert.Throws<CardReaderException>(_reader.Connect).Failure);
        }
        await CardService.StartAsync();
        using var card = await InsertAsync();
        await _reader.WaitForCardAsync(CancellationToken.None).WaitAsync(Patience);
        using var next = _reader.Connect();

        Assert.Equal(StatusWord.Success, Select(next).Status);
    }

    [Fact]
    public async Task A_monitor_sees_the_readers_go_and_come_back()
    {
        using var end = new CancellationTokenSource(Patience);
        await using var changes = new ReaderMonitor(ContextFactory.Instance, TimeProvider.System).WatchAsync(end.Token).GetAsyncEnumerator(end.Token);

        await SeenAsync(new ReaderChange(_virtual.Name, IsPresent: true));
        await CardService.KillAsync();
        await SeenAsync(new ReaderChange(_virtual.Name, IsPresent: false));
        await CardService.StartAsync();
        await SeenAsync(new ReaderChange(_virtual.Name, IsPresent: true));

        async Task SeenAsync(ReaderChange expected)
        {
            do
            {
                Assert.True(await changes.MoveNextAsync());
            }
            while (changes.Current != expected);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _virtual.Dispose();
    }

    private Task<ScriptedCard> InsertAsync() => ScriptedCard.InsertAsync(_virtual, _ => [0x90, 0x00]);

    private static ResponseApdu Select(ICardChannel card) => card.Transmit(new CommandApdu(0x00, 0xA4, 0x04, 0x00, Aid.Subsidy.ToArray(), 256));
}
