using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheMemory : ACardAndATerminal
{
    [Fact]
    public void Gives_back_the_newest_image()
    {
        var memory = JournalledMemory.Format(new RamMedium(), SystemRandomSource.Instance);
        Assert.Empty(memory.Read());
        for (byte image = 1; image <= 5; image++)
            memory.Write([image, image]);

        Assert.Equal([5, 5], memory.Read());
    }

    [Fact]
    public void Falls_back_to_the_image_before_when_the_newest_is_damaged()
    {
        var medium = new RamMedium();
        var memory = JournalledMemory.Format(medium, SystemRandomSource.Instance);
        memory.Write([1]);
        memory.Write([2]);
        DamageSlot(medium, 1);

        Assert.Equal([1], JournalledMemory.Open(medium).Read());
    }

    [Fact]
    public void After_a_torn_write_writes_over_what_tore_and_never_over_what_is_whole()
    {
        var medium = new RamMedium();
        var memory = JournalledMemory.Format(medium, SystemRandomSource.Instance);
        memory.Write([1]);
        memory.Write([2]);
        DamageSlot(medium, 1);

        memory.Write([3]);
        DamageSlot(medium, 1);

        Assert.Equal([1], memory.Read());
    }

    [Fact]
    public void Says_so_when_both_images_are_damaged()
    {
        var medium = new RamMedium();
        var memory = JournalledMemory.Format(medium, SystemRandomSource.Instance);
        memory.Write([1]);
        memory.Write([2]);
        DamageSlot(medium, 0);
        DamageSlot(medium, 1);

        Assert.Throws<InvalidDataException>(memory.Read);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(4096)]
    public void Is_not_found_in_other_bytes(int length)
    {
        Assert.Throws<InvalidDataException>(() => JournalledMemory.Open(new RamMedium(new byte[length])));
    }

    [Fact]
    public void In_a_file_keeps_a_card_between_runs()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var medium = FileMedium.Create(path))
            {
                medium.Write(0, Card.Medium.ToArray());
                medium.Flush();
            }

            using (var medium = FileMedium.OpenExisting(path))
                Draw(medium);
            using (var medium = FileMedium.OpenExisting(path))
                Draw(medium);
            using (var medium = FileMedium.OpenExisting(path))
                Assert.Equal((2, 2), (new Card(JournalledMemory.Open(medium)).Snapshot() is var card ? card.Atc.Value : 0, card.Log.Count));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void In_a_file_belongs_to_one_process_at_a_time()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var first = FileMedium.Create(path);
            Assert.Throws<IOException>(() => FileMedium.OpenExisting(path));
            Assert.Throws<IOException>(() => FileMedium.Create(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void That_fails_makes_the_card_fall_silent_until_the_next_power_on()
    {
        TapWithAllowances().Dispose();
        var medium = new FailingMedium(Card.Medium);
        var link = Card.Insert(medium);
        using var session = Terminal.Open(link);
        medium.Fails = true;

        Assert.Equal(StatusWord.MemoryFailure, session.Transmit(Terminal.Loaves(5).ToCommand(CryptogramKind.Offline)).Status);
        medium.Fails = false;
        Assert.Equal(StatusWord.MemoryFailure, link.Transmit(Select(Aid.Subsidy)).Status);

        link.Insert();
        Assert.Equal(StatusWord.Success, link.Transmit(Select(Aid.Subsidy)).Status);
        Assert.Equal(0u, Card.Snapshot().Allowances[0].Spent);
    }

    private void Draw(IStorageMedium medium)
    {
        var link = Card.Insert(medium);
        using var session = Terminal.Open(link);
        TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
        link.Remove();
    }

    /// <summary>Changes one byte of a slot: header 48, then slots of 16 KiB.</summary>
    private static void DamageSlot(RamMedium medium, int slot)
    {
        var offset = 48 + (slot * 16 * 1024) + 12;
        var bytes = new byte[1];
        medium.Read(offset, bytes);
        medium.Write(offset, [(byte)(bytes[0] ^ 0xFF)]);
    }

    private sealed class FailingMedium(IStorageMedium inner) : IStorageMedium
    {
        public bool Fails { get; set; }

        public long Length => inner.Length;

        public int Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (Fails)
                throw new IOException("No space left on device.");
            inner.Write(offset, bytes);
        }

        public void Flush() => inner.Flush();

        public void Dispose() => inner.Dispose();
    }
}
