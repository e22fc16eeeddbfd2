using SmartCard.CardOs.Memory;

namespace SmartCard.Testing.Cards;

/// <summary>The power is gone. Nothing that the card does may catch it.</summary>
public sealed class PowerCutException : Exception
{
    public PowerCutException()
        : base("The power was cut.")
    {
    }
}

/// <summary>A medium whose power fails in the middle of a write: the first bytes are there, the rest is as it was, and nothing works afterwards.</summary>
public sealed class PowerCutMedium(IStorageMedium inner) : IStorageMedium
{
    private int _cutAtWrite = -1;
    private int _bytesThatPass;
    private bool _dead;

    /// <summary>Writes since <see cref="Arm"/>, or since the beginning, and how long each was.</summary>
    public List<int> Writes { get; } = [];

    /// <summary>
    /// True when the write that was cut is there whole: because all of it passed, or because what lay there before happened to end in the same bytes.
    /// </summary>
    public bool CutWriteArrived { get; private set; }

    public long Length => inner.Length;

    /// <param name="write">0 for the next write, 1 for the one after.</param>
    /// <param name="bytesThatPass">How much of it reaches the medium; as many as it has bytes: all of it, and then the power goes.</param>
    public void Arm(int write, int bytesThatPass)
    {
        Writes.Clear();
        (_cutAtWrite, _bytesThatPass) = (write, bytesThatPass);
    }

    public int Read(long offset, Span<byte> destination) => _dead ? throw new PowerCutException() : inner.Read(offset, destination);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (_dead)
            throw new PowerCutException();
        if (Writes.Count == _cutAtWrite)
        {
            inner.Write(offset, bytes[..Math.Min(_bytesThatPass, bytes.Length)]);
            _dead = true;
            var there = new byte[bytes.Length];
            inner.Read(offset, there);
            CutWriteArrived = bytes.SequenceEqual(there);
            throw new PowerCutException();
        }

        Writes.Add(bytes.Length);
        inner.Write(offset, bytes);
    }

    public void Flush()
    {
        if (_dead)
            throw new PowerCutException();
        inner.Flush();
    }

    public void Dispose()
    {
        // The medium inside goes on living.
    }
}
