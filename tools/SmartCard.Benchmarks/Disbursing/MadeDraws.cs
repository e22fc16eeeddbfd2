using Google.Protobuf;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// Draws as their cards made them, in one piece of memory: a million small objects would keep the garbage collector busy, and that would be
/// measured too.
/// </summary>
internal sealed class MadeDraws(int capacity, IReadOnlyList<TerminalStanding> terminals)
{
    private const int CryptogramOffset = TransactionRecordCodec.LengthMax;
    private const int SignatureOffset = CryptogramOffset + SignedRecord.CryptogramLength;
    private const int KeyOffset = SignatureOffset + SignedRecord.SignatureLength;
    private const int Stride = KeyOffset + P256.PointLength;

    private readonly byte[] _bytes = new byte[(long)capacity * Stride];
    private readonly byte[] _lengths = new byte[capacity];
    private readonly ushort[] _terminals = new ushort[capacity];
    private readonly int[] _households = new int[capacity];

    public int Count { get; private set; }

    public int HouseholdAt(int number) => _households[number];

    public TerminalStanding StandingAt(int number) => terminals[_terminals[number]];

    /// <summary>Index among the terminals that the draws were made at.</summary>
    public int TerminalAt(int number) => _terminals[number];

    public Atc AtcAt(int number) => SignedAt(number).Record.Atc;

    public ReadOnlySpan<byte> RecordAt(int number) => RecordMemory(number).Span;

    /// <summary>The card's public key, 65 bytes; zeros where the card did not sign.</summary>
    public ReadOnlySpan<byte> SignatureKeyAt(int number) => _bytes.AsSpan((number * Stride) + KeyOffset, P256.PointLength);

    public void Add(ReadOnlySpan<byte> record, int household, int terminal)
    {
        record.CopyTo(_bytes.AsSpan(Count * Stride));
        (_lengths[Count], _households[Count], _terminals[Count]) = ((byte)record.Length, household, (ushort)terminal);
        Count++;
    }

    public void Sign(int number, ReadOnlySpan<byte> cryptogram, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> key)
    {
        var place = _bytes.AsSpan(number * Stride, Stride);
        cryptogram.CopyTo(place[CryptogramOffset..]);
        signature.CopyTo(place[SignatureOffset..]);
        key.CopyTo(place[KeyOffset..]);
    }

    public SignedRecord SignedAt(int number) =>
        SignedRecord.TryCreate(RecordMemory(number), Part(number, CryptogramOffset, SignedRecord.CryptogramLength), Part(number, SignatureOffset, SignedRecord.SignatureLength), out var signed, out var refusal)
            ? signed
            : throw new InvalidOperationException($"A made record is refused: {refusal}.");

    public Wire.AuthoriseRequest RequestAt(int number) => new()
    {
        SignedRecord = new Wire.SignedRecord
        {
            Record = UnsafeByteOperations.UnsafeWrap(RecordMemory(number)),
            Cryptogram = UnsafeByteOperations.UnsafeWrap(Part(number, CryptogramOffset, SignedRecord.CryptogramLength)),
            Signature = UnsafeByteOperations.UnsafeWrap(Part(number, SignatureOffset, SignedRecord.SignatureLength)),
        },
        Lines = { LineOf(DrawMaker.Lines[0]) },
    };

    private static Wire.BasketLine LineOf(BasketLine line) =>
        new() { Programme = line.Programme.Value, Commodity = line.Commodity.Value, Quantity = line.Quantity, UnitPriceMinor = line.UnitPriceMinor };

    private ReadOnlyMemory<byte> RecordMemory(int number) => Part(number, 0, _lengths[number]);

    private ReadOnlyMemory<byte> Part(int number, int offset, int length) => _bytes.AsMemory((number * Stride) + offset, length);
}
