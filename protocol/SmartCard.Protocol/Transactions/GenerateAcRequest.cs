using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>What a terminal asks of one programme.</summary>
public readonly record struct RequestedDraw(ProgrammeCode Programme, uint Quantity, QuantityUnit Unit);

/// <summary>
/// The data field of the first GENERATE AC: all of the record that the terminal decides. One encoding: each object once,
/// in this order (protocol/spec/apdu/generate-ac.md). At most 184 bytes.
/// </summary>
public sealed record GenerateAcRequest
{
    /// <summary>P1 bit 5: the answer carries the card's signature (EMV's bit for a signature on the cryptogram).</summary>
    public const byte SignatureRequested = 0x10;

    /// <summary>What the citizen pays, minor units of <see cref="Currency"/>; at most 12 digits.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>ISO 4217 numeric code, 1 to 999.</summary>
    public required ushort Currency { get; init; }

    /// <summary>The terminal's local business date and time.</summary>
    public required DateOnly Date { get; init; }
    public required TimeOnly Time { get; init; }

    /// <summary>Two BCD digits; 00 is a draw of goods.</summary>
    public required byte Type { get; init; }

    /// <summary>16 bytes, new for each transaction id.</summary>
    public required ReadOnlyMemory<byte> UnpredictableNumber { get; init; }
    public required TerminalId Terminal { get; init; }

    /// <summary>32 bytes, <see cref="Basket.Hash"/>.</summary>
    public required ReadOnlyMemory<byte> BasketHash { get; init; }
    public required TransactionId TransactionId { get; init; }

    /// <summary>1 to 4, programme codes strictly ascending.</summary>
    public required IReadOnlyList<RequestedDraw> Draws { get; init; }

    /// <summary>The plain command, with signature; secure messaging is the channel's.</summary>
    public CommandApdu ToCommand(CryptogramKind kind) => new(
        ClassByte.Proprietary, Instruction.GenerateApplicationCryptogram, (byte)((byte)kind | SignatureRequested), 0, Encode(), CommandApdu.ShortLeMax);

    /// <exception cref="ArgumentException">A field is outside its range.</exception>
    public byte[] Encode()
    {
        Span<byte> scratch = stackalloc byte[TransactionId.Length];
        var writer = new TlvWriter();
        Bcd.Encode((ulong)AmountMinor, scratch[..6]);
        writer.Append(TransactionTags.Amount, scratch[..6]);
        Bcd.Encode(Currency, scratch[..2]);
        writer.Append(TransactionTags.Currency, scratch[..2]);
        Bcd.EncodeDate(Date, scratch[..3]);
        writer.Append(TransactionTags.Date, scratch[..3]);
        Bcd.EncodeTime(Time, scratch[..3]);
        writer.Append(TransactionTags.Time, scratch[..3]);
        writer.Append(TransactionTags.Type, Type);
        writer.Append(TransactionTags.UnpredictableNumber, UnpredictableNumber.Span);
        Terminal.Encode(scratch[..TerminalId.Length]);
        writer.Append(TransactionTags.TerminalId, scratch[..TerminalId.Length]);
        writer.Append(TransactionTags.BasketHash, BasketHash.Span);
        TransactionId.Encode(scratch);
        writer.Append(TransactionTags.TransactionId, scratch);
        foreach (var draw in Draws)
        {
            writer.Append(TransactionTags.Draw, inner => inner
                .AppendUInt16(TransactionTags.Programme, draw.Programme.Value)
                .AppendUInt32(TransactionTags.Quantity, draw.Quantity)
                .Append(TransactionTags.Unit, (byte)draw.Unit));
        }

        // The decoder is the definition of what may be on the wire.
        var bytes = writer.ToArray();
        return TryDecode(bytes, out _, out var refusal) ? bytes : throw new ArgumentException($"The request cannot be encoded: {refusal}.");
    }

    /// <summary>Never throws on hostile bytes. The request keeps slices of <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out GenerateAcRequest? request, out RecordRefusal refusal)
    {
        request = null;
        var row = TlvSequence.Of(bytes);
        var amountBcd = row.Take(TransactionTags.Amount, 6);
        var currencyBcd = row.Take(TransactionTags.Currency, 2);
        var dateBcd = row.Take(TransactionTags.Date, 3);
        var timeBcd = row.Take(TransactionTags.Time, 3);
        var type = row.Take(TransactionTags.Type, 1);
        var unpredictableNumber = row.Take(TransactionTags.UnpredictableNumber, TransactionRecordCodec.UnpredictableNumberLength);
        var terminalAscii = row.Take(TransactionTags.TerminalId, TerminalId.Length);
        var basketHash = row.Take(TransactionTags.BasketHash, TransactionRecordCodec.BasketHashLength);
        var transactionId = row.Take(TransactionTags.TransactionId, TransactionId.Length);

        refusal = RecordRefusal.Malformed;
        if (!row.IsIntact)
            return false;
        refusal = RecordRefusal.Amount;
        if (!Bcd.TryDecode(amountBcd.Span, out var amount))
            return false;
        refusal = RecordRefusal.Currency;
        if (!Bcd.TryDecode(currencyBcd.Span, out var currency) || currency is 0 or > TransactionRecordCodec.CurrencyMax)
            return false;
        refusal = RecordRefusal.Date;
        if (!Bcd.TryDecodeDate(dateBcd.Span, out var date))
            return false;
        refusal = RecordRefusal.Time;
        if (!Bcd.TryDecodeTime(timeBcd.Span, out var time))
            return false;
        refusal = RecordRefusal.Type;
        if (!Bcd.TryDecode(type.Span, out _))
            return false;
        refusal = RecordRefusal.Terminal;
        if (!TerminalId.TryDecode(terminalAscii.Span, out var terminal))
            return false;
        if (!TryDecodeDraws(row, out var draws, out refusal))
            return false;

        request = new GenerateAcRequest
        {
            AmountMinor = (long)amount,
            Currency = (ushort)currency,
            Date = date,
            Time = time,
            Type = type.Span[0],
            UnpredictableNumber = unpredictableNumber,
            Terminal = terminal,
            BasketHash = basketHash,
            TransactionId = TransactionId.Decode(transactionId.Span),
            Draws = draws,
        };
        return true;
    }

    /// <summary>The record that this request becomes when the card commits; the same on the card that signs it and on the terminal that rebuilds it.</summary>
    /// <param name="offlineSpent">One number for each of <see cref="Draws"/>, in their order.</param>
    public TransactionRecord ToRecord(CardNumber card, Atc atc, CryptogramKind kind, RecordChain previousChain, IReadOnlyList<uint> offlineSpent)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offlineSpent.Count, Draws.Count);
        var draws = new ProgrammeDraw[Draws.Count];
        for (var index = 0; index < draws.Length; index++)
            draws[index] = new ProgrammeDraw(Draws[index].Programme, Draws[index].Quantity, Draws[index].Unit, offlineSpent[index]);
        return new TransactionRecord
        {
            Card = card,
            Atc = atc,
            Kind = kind,
            AmountMinor = AmountMinor,
            Currency = Currency,
            Date = Date,
            Time = Time,
            Type = Type,
            Terminal = Terminal,
            UnpredictableNumber = UnpredictableNumber,
            BasketHash = BasketHash,
            TransactionId = TransactionId,
            PreviousChain = previousChain,
            Draws = draws,
        };
    }

    private static bool TryDecodeDraws(TlvSequence row, out List<RequestedDraw> draws, out RecordRefusal refusal)
    {
        draws = [];
        refusal = RecordRefusal.None;
        var previous = -1;
        while (row.NextIs(TransactionTags.Draw) && refusal == RecordRefusal.None)
        {
            var inside = row.TakeInside(TransactionTags.Draw);
            var draw = new RequestedDraw(
                new ProgrammeCode(inside.TakeUInt16(TransactionTags.Programme)),
                inside.TakeUInt32(TransactionTags.Quantity),
                (QuantityUnit)inside.TakeByte(TransactionTags.Unit));
            refusal = !inside.IsComplete ? RecordRefusal.Malformed
                : draw.Programme.Value <= previous ? RecordRefusal.ProgrammeOrder
                : draw.Quantity is 0 or > int.MaxValue ? RecordRefusal.Quantity
                : draw.Unit is QuantityUnit.None or > QuantityUnit.Gram ? RecordRefusal.Unit
                : draws.Count == TransactionRecord.ProgrammesMax ? RecordRefusal.ProgrammeCount
                : RecordRefusal.None;
            previous = draw.Programme.Value;
            draws.Add(draw);
        }

        if (refusal == RecordRefusal.None && !row.IsComplete)
            refusal = RecordRefusal.Malformed;
        if (refusal == RecordRefusal.None && draws.Count == 0)
            refusal = RecordRefusal.ProgrammeCount;
        return refusal == RecordRefusal.None;
    }
}
