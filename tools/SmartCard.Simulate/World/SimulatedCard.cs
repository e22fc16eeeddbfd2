using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.World;

/// <summary>One piece of plastic: the real card on a memory of its own. A clone is another piece with the same number.</summary>
internal sealed class SimulatedCard(string name, CardNumber number, ReadOnlySpan<byte> memory) : IDisposable
{
    private readonly RamMedium _medium = new(memory);

    public string Name => name;

    public CardNumber Number => number;

    /// <summary>Lies on a reader.</summary>
    public bool IsInUse { get; set; }

    public SimulatedCard Clone(string cloneName) => new(cloneName, number, _medium.ToArray());

    public UnreliableMedium Medium() => new(_medium);

    public void Dispose() => _medium.Dispose();

    /// <summary>What it committed to, newest first: read out of its memory, as no terminal could.</summary>
    public IEnumerable<LogRecord> Log()
    {
        var state = CardStateCodec.Decode(JournalledMemory.Open(_medium).Read());
        foreach (var entry in state.Files.Records(FileId.TransactionLog))
        {
            yield return LogRecord.TryDecode(entry, out var record, out var refusal)
                ? record
                : throw new InvalidDataException($"The log of {name} is damaged: {refusal}.");
        }
    }
}

/// <summary>The power is gone. Nothing that the card does may catch it.</summary>
internal sealed class PowerCutException() : Exception("The power was cut.");

/// <summary>A card's medium whose power may fail in the middle of a write: the first bytes are there, the rest is as it was.</summary>
internal sealed class UnreliableMedium(IStorageMedium inner) : IStorageMedium
{
    private int _writesThatPass = int.MaxValue;
    private double _shareThatPasses;

    public long Length => inner.Length;

    /// <param name="writes">Writes that pass before the one that is cut.</param>
    /// <param name="share">0 to 1: how much of that one arrives.</param>
    public void CutAfter(int writes, double share) => (_writesThatPass, _shareThatPasses) = (writes, share);

    public int Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (_writesThatPass-- > 0)
        {
            inner.Write(offset, bytes);
            return;
        }

        inner.Write(offset, bytes[..(int)(bytes.Length * _shareThatPasses)]);
        throw new PowerCutException();
    }

    public void Flush() => inner.Flush();

    public void Dispose()
    {
        // The medium inside goes on living.
    }
}
