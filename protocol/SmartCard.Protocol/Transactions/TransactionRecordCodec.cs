using System.Buffers.Binary;

namespace SmartCard.Protocol.Transactions;

/// <summary>Why bytes are not a transaction record.</summary>
public enum RecordRefusal
{
    None = 0,
    WrongLength,
    UnknownVersion,
    CardNumber,
    Atc,
    Kind,
    Amount,
    Currency,
    Date,
    Time,
    Type,
    Terminal,
    ProgrammeCount,
    ProgrammeOrder,
    Quantity,
    Unit,

    /// <summary>Around the record: not TLV, or an object is missing, doubled, out of place or of another length.</summary>
    Malformed,

    /// <summary>A card's answer speaks of other programmes than the request.</summary>
    ProgrammeMismatch,

    /// <summary>A card's answer gives a chain value that does not follow from its record.</summary>
    ChainMismatch,
}

/// <summary>
/// The one encoder and the one decoder of <see cref="TransactionRecord"/>, used by card, terminal and backend. Fixed
/// layout, big endian, so that a record has exactly one encoding (protocol/spec/transaction-record.md):
/// <code>
/// version 1 | card 8 | ATC 2 | kind 1 | amount 6 | currency 2 | date 3 | time 3 | type 1 | terminal 8
/// | unpredictable number 16 | basket hash 32 | transaction id 16 | previous chain 8 | count 1
/// | count x (programme 2 | quantity 4 | unit 1 | offline spent 4)
/// </code>
/// </summary>
public static class TransactionRecordCodec
{
    public const byte Version = 1;
    public const int DrawLength = 11;
    public const int LengthMin = FixedLength + DrawLength;
    public const int LengthMax = FixedLength + (TransactionRecord.ProgrammesMax * DrawLength);
    public const int UnpredictableNumberLength = 16;
    public const int BasketHashLength = 32;

    /// <summary>ISO 4217 numeric codes have three digits.</summary>
    public const ushort CurrencyMax = 999;

    private const int FixedLength = 108;
    private const int CardOffset = 1;
    private const int AtcOffset = 9;
    private const int KindOffset = 11;
    private const int AmountOffset = 12;
    private const int CurrencyOffset = 18;
    private const int DateOffset = 20;
    private const int TimeOffset = 23;
    private const int TypeOffset = 26;
    private const int TerminalOffset = 27;
    private const int UnpredictableNumberOffset = 35;
    private const int BasketHashOffset = 51;
    private const int TransactionIdOffset = 83;
    private const int ChainOffset = 99;
    private const int CountOffset = 107;


    public static byte[] Encode(TransactionRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(record.AmountMinor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(record.UnpredictableNumber.Length, UnpredictableNumberLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(record.BasketHash.Length, BasketHashLength);

        var bytes = new byte[FixedLength + (record.Draws.Count * DrawLength)];
        var span = bytes.AsSpan();
        span[0] = Version;
        record.Card.Encode(span[CardOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(span[AtcOffset..], record.Atc.Value);
        span[KindOffset] = (byte)record.Kind;
        Bcd.Encode((ulong)record.AmountMinor, span[AmountOffset..CurrencyOffset]);
        Bcd.Encode(record.Currency, span[CurrencyOffset..DateOffset]);
        Bcd.EncodeDate(record.Date, span[DateOffset..]);
        Bcd.EncodeTime(record.Time, span[TimeOffset..]);
        span[TypeOffset] = record.Type;
        record.Terminal.Encode(span[TerminalOffset..]);
        record.UnpredictableNumber.Span.CopyTo(span[UnpredictableNumberOffset..]);
        record.BasketHash.Span.CopyTo(span[BasketHashOffset..]);
        record.TransactionId.Encode(span[TransactionIdOffset..]);
        record.PreviousChain.Encode(span[ChainOffset..]);
        span[CountOffset] = (byte)record.Draws.Count;
        for (var index = 0; index < record.Draws.Count; index++)
            EncodeDraw(record.Draws[index], span[(FixedLength + (index * DrawLength))..]);

        // One codec, one truth: what this encoder would let through, the decoder on the other side must accept.
        var refusal = Validate(bytes);
        return refusal == RecordRefusal.None ? bytes : throw new ArgumentException($"The record cannot be encoded: {refusal}.", nameof(record));
    }

    /// <summary>Reads a record; never throws on hostile bytes. The record keeps slices of <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TransactionRecord? record, out RecordRefusal refusal)
    {
        record = null;
        refusal = Validate(bytes.Span);
        if (refusal != RecordRefusal.None)
            return false;

        var span = bytes.Span;
        _ = CardNumber.TryDecode(span[CardOffset..AtcOffset], out var card);
        _ = Bcd.TryDecode(span[AmountOffset..CurrencyOffset], out var amount);
        _ = Bcd.TryDecode(span[CurrencyOffset..DateOffset], out var currency);
        _ = Bcd.TryDecodeDate(span[DateOffset..TimeOffset], out var date);
        _ = Bcd.TryDecodeTime(span[TimeOffset..TypeOffset], out var time);
        _ = TerminalId.TryDecode(span[TerminalOffset..UnpredictableNumberOffset], out var terminal);
        var draws = new ProgrammeDraw[span[CountOffset]];
        for (var index = 0; index < draws.Length; index++)
            draws[index] = DecodeDraw(span[(FixedLength + (index * DrawLength))..]);

        record = new TransactionRecord
        {
            Card = card,
            Atc = new Atc(BinaryPrimitives.ReadUInt16BigEndian(span[AtcOffset..])),
            Kind = (CryptogramKind)span[KindOffset],
            AmountMinor = (long)amount,
            Currency = (ushort)currency,
            Date = date,
            Time = time,
            Type = span[TypeOffset],
            Terminal = terminal,
            UnpredictableNumber = bytes[UnpredictableNumberOffset..BasketHashOffset],
            BasketHash = bytes[BasketHashOffset..TransactionIdOffset],
            TransactionId = TransactionId.Decode(span[TransactionIdOffset..]),
            PreviousChain = RecordChain.Decode(span[ChainOffset..]),
            Draws = draws,
        };
        return true;
    }

    private static void EncodeDraw(ProgrammeDraw draw, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, draw.Programme.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], draw.Quantity);
        destination[6] = (byte)draw.Unit;
        BinaryPrimitives.WriteUInt32BigEndian(destination[7..], draw.OfflineSpent);
    }

    private static ProgrammeDraw DecodeDraw(ReadOnlySpan<byte> source) => new(
        new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(source)),
        BinaryPrimitives.ReadUInt32BigEndian(source[2..]),
        (QuantityUnit)source[6],
        BinaryPrimitives.ReadUInt32BigEndian(source[7..]));

    private static RecordRefusal Validate(ReadOnlySpan<byte> span)
    {
        if (span.Length is < LengthMin or > LengthMax)
            return RecordRefusal.WrongLength;
        if (span[0] != Version)
            return RecordRefusal.UnknownVersion;
        if (!CardNumber.TryDecode(span[CardOffset..AtcOffset], out _))
            return RecordRefusal.CardNumber;
        if (BinaryPrimitives.ReadUInt16BigEndian(span[AtcOffset..]) == 0)
            return RecordRefusal.Atc;
        if (span[KindOffset] is not ((byte)CryptogramKind.Declined or (byte)CryptogramKind.Offline or (byte)CryptogramKind.Online))
            return RecordRefusal.Kind;
        if (!Bcd.TryDecode(span[AmountOffset..CurrencyOffset], out _))
            return RecordRefusal.Amount;
        if (!Bcd.TryDecode(span[CurrencyOffset..DateOffset], out var currency) || currency is 0 or > CurrencyMax)
            return RecordRefusal.Currency;
        if (!Bcd.TryDecodeDate(span[DateOffset..TimeOffset], out _))
            return RecordRefusal.Date;
        if (!Bcd.TryDecodeTime(span[TimeOffset..TypeOffset], out _))
            return RecordRefusal.Time;
        if (!Bcd.TryDecode(span[TypeOffset..TerminalOffset], out _))
            return RecordRefusal.Type;
        return TerminalId.TryDecode(span[TerminalOffset..UnpredictableNumberOffset], out _)
            ? ValidateDraws(span)
            : RecordRefusal.Terminal;
    }

    private static RecordRefusal ValidateDraws(ReadOnlySpan<byte> span)
    {
        var count = span[CountOffset];
        if (count is 0 or > TransactionRecord.ProgrammesMax)
            return RecordRefusal.ProgrammeCount;
        if (span.Length != FixedLength + (count * DrawLength))
            return RecordRefusal.WrongLength;

        var previous = -1;
        for (var offset = FixedLength; offset < span.Length; offset += DrawLength)
        {
            var draw = DecodeDraw(span[offset..]);
            if (draw.Programme.Value <= previous)
                return RecordRefusal.ProgrammeOrder;
            if (draw.Quantity is 0 or > int.MaxValue || draw.OfflineSpent > int.MaxValue)
                return RecordRefusal.Quantity;
            if (draw.Unit is QuantityUnit.None or > QuantityUnit.Gram)
                return RecordRefusal.Unit;
            previous = draw.Programme.Value;
        }
        return RecordRefusal.None;
    }
}
