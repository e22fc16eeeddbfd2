using Dapper;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;

namespace SmartCard.TerminalAgent.Tests;

public sealed class TheJournal : IAsyncLifetime
{
    private Shop _shop = null!;

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public void Flushes_every_commit_to_the_disk()
    {
        // SQLite's own numbers: synchronous 2 is FULL.
        Assert.Equal(2, _shop.Terminal.Database.Read(connection => connection.ExecuteScalar<int>("pragma synchronous")));
        Assert.Equal("wal", _shop.Terminal.Database.Read(connection => connection.ExecuteScalar<string>("pragma journal_mode")));
    }

    [Fact]
    public async Task Is_written_three_times_in_an_online_tap_and_twice_without_a_line()
    {
        var card = _shop.CardWithAllowance();
        await _shop.TapAsync(card, Shop.Loaves(1));

        Assert.Equal(3, await CommitsOfAsync(() => _shop.TapAsync(card, Shop.Loaves(1))));
        _shop.Backend.IsDown = true;
        await _shop.TapAsync(card, Shop.Loaves(1));
        Assert.Equal(2, await CommitsOfAsync(() => _shop.TapAsync(card, Shop.Loaves(1))));
    }

    [Fact]
    public void Can_be_read_by_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in new[] { "terminal.db", "terminal.db-wal", "identity.json" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_shop.Folder, file)));
    }

    [Fact]
    public async Task Refuses_a_step_that_does_not_follow()
    {
        await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(1));
        var entry = _shop.Terminal.Journal.FindLast()!;

        Assert.Throws<InvalidOperationException>(() => _shop.Terminal.Journal.RecordTorn(entry, "no"));
    }

    [Fact]
    public async Task Refuses_a_step_from_a_state_that_is_no_longer_the_entrys()
    {
        await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(1));
        var stale = _shop.Terminal.Journal.FindLast()! with { State = EntryState.Intent };

        Assert.Throws<InvalidOperationException>(() => _shop.Terminal.Journal.RecordTorn(stale, "no"));
        Assert.Equal(EntryState.Approved, _shop.Terminal.Journal.FindLast()!.State);
    }

    [Fact]
    public async Task Gives_back_every_field_after_a_restart()
    {
        await _shop.TapAsync(_shop.Bureau.MakeCard(), [.. Shop.Oil(2), .. Shop.Loaves(10)]);
        var before = _shop.Terminal.Journal.FindLast()!;

        await _shop.RestartAsync();

        var after = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal(before.Lines, after.Lines);
        Assert.Equal(before.Remaining, after.Remaining);
        Assert.Equal(before.Outcome, after.Outcome);
        Assert.Equal(before.Record!.Encoded.ToArray(), after.Record!.Encoded.ToArray());
        Assert.Equal((before.Card, before.AtcBefore, before.TransactionId, before.State), (after.Card, after.AtcBefore, after.TransactionId, after.State));
    }

    [Fact]
    public async Task Numbers_receipts_one_after_the_other()
    {
        for (var tap = 1; tap <= 3; tap++)
            Assert.Equal(tap, (await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(1))).Receipt.Number);
    }

    [Fact]
    public async Task Holds_no_name()
    {
        await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(1));
        await _shop.Terminal.DisposeAsync();

        var name = System.Text.Encoding.UTF8.GetBytes("أمينة");
        Assert.Equal(-1, File.ReadAllBytes(Path.Combine(_shop.Folder, "terminal.db")).AsSpan().IndexOf(name));
        await _shop.StartAsync();
    }

    [Fact]
    public async Task Belongs_to_one_open_terminal_at_a_time()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _shop.StartAsync());

        Assert.Contains("open already", refused.Message);
    }

    private async Task<long> CommitsOfAsync(Func<Task<TapResult>> tap)
    {
        var before = Commits();
        await tap();
        return Commits() - before;

        // Frames that end a transaction in the write-ahead log carry the database's size in bytes 4 to 7 of their header (SQLite file format, 4.1).
        long Commits()
        {
            const int logHeader = 32, frameHeader = 24, page = 4096;
            using var log = new FileStream(Path.Combine(_shop.Folder, "terminal.db-wal"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[log.Length];
            log.ReadExactly(bytes);
            var count = 0;
            for (var frame = logHeader; frame + frameHeader + page <= bytes.Length; frame += frameHeader + page)
                count += System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(frame + 4)) != 0 ? 1 : 0;
            return count;
        }
    }
}
