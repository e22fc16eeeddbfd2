using System.Buffers.Binary;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// What a card may still give of one programme without a line. Cumulative numbers only: replaying an old grant gives nothing.
/// </summary>
/// <param name="Unit">What the three quantities count.</param>
/// <param name="Period">The profile's period id, such as 20261100; it only moves forward.</param>
/// <param name="NotBefore">First business date on which the card draws on it.</param>
/// <param name="NotAfter">Last such date.</param>
/// <param name="Granted">Everything lent to the card in this period; at most <see cref="int.MaxValue"/>.</param>
/// <param name="Spent">Everything drawn offline in this period.</param>
/// <param name="CapPerTransaction">Most that one draw may take.</param>
public readonly record struct Allowance(
    ProgrammeCode Programme, QuantityUnit Unit, uint Period, DateOnly NotBefore, DateOnly NotAfter, uint Granted, uint Spent, uint CapPerTransaction)
{
    /// <summary>programme 2 | unit 1 | period 4 | not before 3 | not after 3 | granted 4 | spent 4 | cap 4, big endian, dates YYMMDD in BCD.</summary>
    public const int EncodedLength = 25;

    public uint Remaining => Granted > Spent ? Granted - Spent : 0;

    /// <summary>Whether a draw of the programme is within it; the card's other rules are about the card and not about the programme (protocol/spec/apdu/generate-ac.md).</summary>
    /// <param name="quantity">In <paramref name="unit"/>.</param>
    public bool Covers(uint quantity, QuantityUnit unit, DateOnly date) =>
        unit == Unit && date >= NotBefore && date <= NotAfter && quantity <= CapPerTransaction && quantity <= Remaining;

    public void Encode(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Programme.Value);
        destination[2] = (byte)Unit;
        BinaryPrimitives.WriteUInt32BigEndian(destination[3..], Period);
        Bcd.EncodeDate(NotBefore, destination[7..]);
        Bcd.EncodeDate(NotAfter, destination[10..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[13..], Granted);
        BinaryPrimitives.WriteUInt32BigEndian(destination[17..], Spent);
        BinaryPrimitives.WriteUInt32BigEndian(destination[21..], CapPerTransaction);
    }

    /// <summary>False on another length, a date that is none, a unit that is none, or a quantity above <see cref="int.MaxValue"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Allowance allowance)
    {
        allowance = default;
        if (bytes.Length != EncodedLength
            || (QuantityUnit)bytes[2] is QuantityUnit.None or > QuantityUnit.Gram
            || !Bcd.TryDecodeDate(bytes[7..10], out var notBefore)
            || !Bcd.TryDecodeDate(bytes[10..13], out var notAfter))
        {
            return false;
        }

        allowance = new Allowance(
            new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(bytes)),
            (QuantityUnit)bytes[2],
            BinaryPrimitives.ReadUInt32BigEndian(bytes[3..]),
            notBefore,
            notAfter,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[13..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[17..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[21..]));
        return allowance is { Granted: <= int.MaxValue, Spent: <= int.MaxValue, CapPerTransaction: <= int.MaxValue };
    }
}
