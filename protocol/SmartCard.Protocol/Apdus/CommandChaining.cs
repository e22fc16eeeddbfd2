namespace SmartCard.Protocol.Apdus;

/// <summary>
/// Command chaining (ISO 7816-4, 5.3.3): data that no single short APDU holds travels in parts, all but the last with bit 5 of CLA set.
/// <see cref="Split"/> is the host's half; an instance collects on the card, one chain at a time, at most <see cref="DataBytesMax"/> bytes.
/// </summary>
public sealed class CommandChaining
{
    public const int DataBytesMax = 2048;

    private readonly byte[] _data = new byte[DataBytesMax];
    private int _length;
    private (byte Cla, byte Ins, byte P1, byte P2)? _open;

    /// <summary>True between the first part of a chain and its last.</summary>
    public bool IsOpen => _open is not null;

    /// <summary>The parts of a command in order; the command itself when it needs none. Le goes with the last part.</summary>
    public static IEnumerable<CommandApdu> Split(CommandApdu command)
    {
        var rest = command.Data;
        while (rest.Length > CommandApdu.ShortDataBytesMax)
        {
            yield return command with
            {
                Cla = (byte)(command.Cla | ClassByte.ChainingBit),
                Data = rest[..CommandApdu.ShortDataBytesMax],
                Le = null,
            };
            rest = rest[CommandApdu.ShortDataBytesMax..];
        }

        yield return command with { Data = rest };
    }

    /// <summary>
    /// Takes one command as received. True: <paramref name="whole"/> is a complete command, its CLA without the chaining bit.
    /// False: <paramref name="answer"/> goes back at once: 9000 when more parts are awaited, 6883 when another command broke
    /// into a chain, 6700 when the chain grew too long; in the last two cases the chain is dropped.
    /// </summary>
    public bool TryCollect(CommandApdu part, out CommandApdu whole, out StatusWord answer)
    {
        whole = part;
        answer = StatusWord.Success;
        var chained = ClassByte.IsChained(part.Cla);
        if (!chained && _open is null)
            return true;

        var header = ((byte)(part.Cla & ~ClassByte.ChainingBit), part.Ins, part.P1, part.P2);
        if (_open is { } open && open != header)
            return Refuse(StatusWord.LastCommandOfChainExpected, out answer);
        if (_length + part.Data.Length > DataBytesMax)
            return Refuse(StatusWord.WrongLength, out answer);

        part.Data.Span.CopyTo(_data.AsSpan(_length));
        _length += part.Data.Length;
        _open = header;
        if (chained)
            return false;

        whole = part with { Data = _data.AsMemory(0, _length).ToArray() };
        Reset();
        return true;
    }

    /// <summary>Forgets an open chain: after a reset of the card, a selection, the end of a session.</summary>
    public void Reset()
    {
        // A chain may have carried key material.
        _data.AsSpan(0, _length).Clear();
        _length = 0;
        _open = null;
    }

    private bool Refuse(StatusWord status, out StatusWord answer)
    {
        Reset();
        answer = status;
        return false;
    }
}
