using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>The data field of GET PROCESSING OPTIONS: <c>83 0B terminal id 8 | date 3</c>.</summary>
public sealed record ProcessingOptionsRequest(TerminalId Terminal, DateOnly Date)
{
    private const int ValueLength = TerminalId.Length + 3;

    /// <summary>The plain command; secure messaging is the channel's.</summary>
    public CommandApdu ToCommand() => new(
        ClassByte.Proprietary, Instruction.GetProcessingOptions, 0, 0, Encode(), CommandApdu.ShortLeMax);

    public byte[] Encode()
    {
        Span<byte> value = stackalloc byte[ValueLength];
        Terminal.Encode(value);
        Bcd.EncodeDate(Date, value[TerminalId.Length..]);
        return new TlvWriter().Append(TransactionTags.CommandTemplate, value).ToArray();
    }

    /// <summary>Never throws on hostile bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ProcessingOptionsRequest? request)
    {
        request = null;
        if (!BerTlv.TryParseSingle(bytes, TransactionTags.CommandTemplate, TlvLimits.Card, out var node, out _)
            || node.Value.Length != ValueLength
            || !TerminalId.TryDecode(node.Value.Span[..TerminalId.Length], out var terminal)
            || !Bcd.TryDecodeDate(node.Value.Span[TerminalId.Length..], out var date))
        {
            return false;
        }

        request = new ProcessingOptionsRequest(terminal, date);
        return true;
    }
}

/// <summary>EMV's lower and upper consecutive offline limits and the count they bound.</summary>
/// <param name="Count">Offline approvals since the issuer last spoke to the card.</param>
/// <param name="Lower">From here on a terminal should go online where it can.</param>
/// <param name="Upper">From here on the card declines offline.</param>
public readonly record struct ConsecutiveOffline(byte Count, byte Lower, byte Upper);

/// <summary>
/// What the card tells a terminal that it trusts, before the basket:
/// <c>77{9F36, 0..4 x DF2A, DF2B, DF2C, DF2D, DF2E, DF27, [DF21]}</c>, in this order. At most 175 bytes.
/// </summary>
public sealed record ProcessingOptionsResponse
{
    /// <summary>The last counter used; 0 before the first.</summary>
    public required Atc Atc { get; init; }

    /// <summary>0 to 4, programme codes strictly ascending.</summary>
    public required IReadOnlyList<Allowance> Allowances { get; init; }
    public required ConsecutiveOffline ConsecutiveOffline { get; init; }

    /// <summary>0 when the PIN is blocked.</summary>
    public required byte PinTriesLeft { get; init; }

    /// <summary>An offline draw that moves more money than this needs the PIN; minor units. See <see cref="MoneyMoved"/>.</summary>
    public required uint PinThresholdMinor { get; init; }

    /// <summary>Counter of the last issuer script that the card carried out; 0 before the first.</summary>
    public required uint ScriptCounter { get; init; }

    /// <summary>Chain value of the last record.</summary>
    public required RecordChain Chain { get; init; }

    /// <summary>Of the last record, so that a terminal whose tap was torn sees at once whether the card committed; null before the first.</summary>
    public required TransactionId? LastTransactionId { get; init; }

    /// <summary>
    /// What card and terminal compare with the PIN threshold: what the citizen pays plus everything that is drawn in money. Loaves and pieces
    /// count by what is paid for them, for a card knows no prices.
    /// </summary>
    public static long MoneyMoved(GenerateAcRequest request)
    {
        var sum = request.AmountMinor;
        foreach (var draw in request.Draws)
        {
            if (draw.Unit == QuantityUnit.MinorCurrency)
                sum += draw.Quantity;
        }

        return sum;
    }

    public byte[] Encode()
    {
        Span<byte> scratch = stackalloc byte[Allowance.EncodedLength];
        var inner = new TlvWriter().AppendUInt16(TransactionTags.Atc, Atc.Value);
        foreach (var allowance in Allowances)
        {
            allowance.Encode(scratch);
            inner.Append(TransactionTags.Allowance, scratch);
        }

        inner.Append(TransactionTags.ConsecutiveOffline, [ConsecutiveOffline.Count, ConsecutiveOffline.Lower, ConsecutiveOffline.Upper])
            .Append(TransactionTags.PinState, PinTriesLeft)
            .AppendUInt32(TransactionTags.PinThreshold, PinThresholdMinor)
            .AppendUInt32(TransactionTags.ScriptCounter, ScriptCounter);
        Chain.Encode(scratch);
        inner.Append(TransactionTags.Chain, scratch[..RecordChain.Length]);
        if (LastTransactionId is { } last)
            inner.Append(TransactionTags.TransactionId, last.ToBytes());
        return new TlvWriter().Append(TransactionTags.ResponseTemplate, inner.WrittenSpan).ToArray();
    }

    /// <summary>Never throws on hostile bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ProcessingOptionsResponse? response)
    {
        response = null;
        var row = TlvSequence.Inside(bytes, TransactionTags.ResponseTemplate);
        var atc = new Atc(row.TakeUInt16(TransactionTags.Atc));
        if (!TryDecodeAllowances(row, out var allowances))
            return false;
        var consecutive = row.Take(TransactionTags.ConsecutiveOffline, 3).Span;
        var pinTriesLeft = row.TakeByte(TransactionTags.PinState);
        var pinThreshold = row.TakeUInt32(TransactionTags.PinThreshold);
        var scriptCounter = row.TakeUInt32(TransactionTags.ScriptCounter);
        var chain = BinaryPrimitives.ReadUInt64BigEndian(row.Take(TransactionTags.Chain, RecordChain.Length).Span);
        TransactionId? last = row.NextIs(TransactionTags.TransactionId)
            ? TransactionId.Decode(row.Take(TransactionTags.TransactionId, TransactionId.Length).Span)
            : null;
        if (!row.IsComplete)
            return false;
        response = new ProcessingOptionsResponse
        {
            Atc = atc,
            Allowances = allowances,
            ConsecutiveOffline = new ConsecutiveOffline(consecutive[0], consecutive[1], consecutive[2]),
            PinTriesLeft = pinTriesLeft,
            PinThresholdMinor = pinThreshold,
            ScriptCounter = scriptCounter,
            Chain = new RecordChain(chain),
            LastTransactionId = last,
        };
        return true;
    }

    private static bool TryDecodeAllowances(TlvSequence row, out List<Allowance> allowances)
    {
        allowances = [];
        var previous = -1;
        while (row.NextIs(TransactionTags.Allowance))
        {
            if (!Allowance.TryDecode(row.Take(TransactionTags.Allowance, Allowance.EncodedLength).Span, out var allowance)
                || allowance.Programme.Value <= previous
                || allowances.Count == TransactionRecord.ProgrammesMax)
            {
                return false;
            }

            previous = allowance.Programme.Value;
            allowances.Add(allowance);
        }

        return true;
    }
}
