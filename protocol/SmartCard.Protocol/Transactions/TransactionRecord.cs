namespace SmartCard.Protocol.Transactions;

/// <summary>One programme's share of a draw.</summary>
/// <param name="Programme">Which programme is drawn on.</param>
/// <param name="Quantity">How much, in <paramref name="Unit"/>; 1 to <see cref="int.MaxValue"/>.</param>
/// <param name="Unit">What <paramref name="Quantity"/> and <paramref name="OfflineSpent"/> count.</param>
/// <param name="OfflineSpent">The card's cumulative offline spending of this programme in its current period, after this draw.</param>
public readonly record struct ProgrammeDraw(ProgrammeCode Programme, uint Quantity, QuantityUnit Unit, uint OfflineSpent);

/// <summary>
/// What the card signs: everything a backend decides on and an auditor needs, in one canonical encoding
/// (<see cref="TransactionRecordCodec"/>). Two records that differ in any field differ in their bytes.
/// </summary>
public sealed record TransactionRecord
{
    /// <summary>At most this many programmes in one draw, so that the signed record fits one short APDU.</summary>
    public const int ProgrammesMax = 4;

    public required CardNumber Card { get; init; }
    public required Atc Atc { get; init; }
    public required CryptogramKind Kind { get; init; }

    /// <summary>What the citizen pays the merchant, in the minor unit of <see cref="Currency"/>; at most 12 digits.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217 numeric code, such as 818.</summary>
    public required ushort Currency { get; init; }

    /// <summary>The terminal's local business date and time; the card only checks that the date lies in its period.</summary>
    public required DateOnly Date { get; init; }
    public required TimeOnly Time { get; init; }

    /// <summary>EMV tag 9C, the first two digits of the ISO 8583 processing code; 00 is a draw of goods.</summary>
    public required byte Type { get; init; }
    public required TerminalId Terminal { get; init; }

    /// <summary>16 bytes chosen by the terminal for this command.</summary>
    public required ReadOnlyMemory<byte> UnpredictableNumber { get; init; }

    /// <summary>32 bytes, <see cref="Basket.Hash"/> of the lines.</summary>
    public required ReadOnlyMemory<byte> BasketHash { get; init; }
    public required TransactionId TransactionId { get; init; }

    /// <summary>Chain value of the card's record before this one; zero before the first.</summary>
    public required RecordChain PreviousChain { get; init; }

    /// <summary>1 to 4 draws, programme codes strictly ascending.</summary>
    public required IReadOnlyList<ProgrammeDraw> Draws { get; init; }
}

/// <summary>
/// The hash chain through a card's records: chain(n) = the first 8 bytes of SHA-256(chain(n-1) | record(n)).
/// Two records that follow the same chain value prove that a card was copied.
/// </summary>
public readonly record struct RecordChain(ulong Value)
{
    public const int Length = 8;

    public static readonly RecordChain Start;

    public static RecordChain Decode(ReadOnlySpan<byte> bytes) => new(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public void Encode(Span<byte> destination) => System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(destination, Value);

    public RecordChain Append(ReadOnlySpan<byte> encodedRecord)
    {
        Span<byte> input = stackalloc byte[Length + TransactionRecordCodec.LengthMax];
        Encode(input);
        encodedRecord.CopyTo(input[Length..]);
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(input[..(Length + encodedRecord.Length)], hash);
        return Decode(hash);
    }

    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
