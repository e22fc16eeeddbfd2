using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Transactions;

/// <summary>Why bytes are not a script.</summary>
public enum ScriptRefusal
{
    None = 0,
    WrongLength,
    UnknownVersion,
    UnknownType,
    CardNumber,
    Counter,
    Unit,
    Date,
    Quantity,
    Limits,

    /// <summary>The MAC is not that of the card's script key.</summary>
    Mac,
}

/// <summary>
/// An order of the issuer to one card, carried by any terminal (PUT DATA DF60). Its authority is its MAC, not the messenger's.
/// Fixed layout, big endian:
/// <code>version 1 | type 1 | card number 8 | counter 4 | body | MAC 8</code>
/// The MAC is the first 8 bytes of AES-CMAC under the card's script key over everything before it.
/// </summary>
/// <param name="Card">The only card that may carry it out.</param>
/// <param name="Counter">1 and up; must be above the last one that the card carried out.</param>
public abstract record IssuerScript(CardNumber Card, uint Counter)
{
    /// <summary>P1-P2 of PUT DATA.</summary>
    public const ushort DataTag = 0xDF60;
    public const int MacLength = 8;

    private const byte Version = 1;
    private const int HeaderLength = 14;

    private protected abstract byte Type { get; }
    private protected abstract int BodyLength { get; }

    /// <summary>The plain command; secure messaging is the channel's.</summary>
    public static CommandApdu ToCommand(ReadOnlyMemory<byte> sealedScript) => new(
        ClassByte.Proprietary, Instruction.PutData, DataTag >> 8, DataTag & 0xFF, sealedScript, null);

    /// <summary>The script with its MAC, as it is stored and relayed.</summary>
    /// <exception cref="ArgumentException">A field is outside its range.</exception>
    public byte[] Seal(ReadOnlySpan<byte> scriptKey)
    {
        var bytes = EncodeUnsealed();
        return Seal(bytes, AesCmac.Compute(scriptKey, bytes.AsSpan(0, bytes.Length - MacLength)));
    }

    /// <summary>The same where the key stays elsewhere, such as in an HSM.</summary>
    /// <param name="macOf">AES-CMAC under the card's script key over the bytes that it is given; 8 bytes or more, of which 8 are used.</param>
    /// <exception cref="ArgumentException">A field is outside its range.</exception>
    public byte[] Seal(Func<ReadOnlySpan<byte>, byte[]> macOf)
    {
        var bytes = EncodeUnsealed();
        return Seal(bytes, macOf(bytes.AsSpan(0, bytes.Length - MacLength)));
    }

    private static byte[] Seal(byte[] bytes, ReadOnlySpan<byte> mac)
    {
        mac[..MacLength].CopyTo(bytes.AsSpan(bytes.Length - MacLength));
        return TryRead(bytes, out _, out var refusal) ? bytes : throw new ArgumentException($"The script cannot be encoded: {refusal}.");
    }

    private byte[] EncodeUnsealed()
    {
        var bytes = new byte[HeaderLength + BodyLength + MacLength];
        bytes[0] = Version;
        bytes[1] = Type;
        Card.Encode(bytes.AsSpan(2));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(10), Counter);
        EncodeBody(bytes.AsSpan(HeaderLength, BodyLength));
        return bytes;
    }

    /// <summary>Checks the MAC and reads: what a card does. Never throws on hostile bytes.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> sealedScript, ReadOnlySpan<byte> scriptKey, [NotNullWhen(true)] out IssuerScript? script, out ScriptRefusal refusal)
    {
        script = null;
        refusal = ScriptRefusal.WrongLength;
        if (sealedScript.Length < HeaderLength + MacLength)
            return false;
        refusal = ScriptRefusal.Mac;
        return AesCmac.Verify(scriptKey, sealedScript[..^MacLength], sealedScript[^MacLength..])
            && TryRead(sealedScript, out script, out refusal);
    }

    /// <summary>Reads without a key, so without knowing whether it is genuine: for display and for matching. Never throws on hostile bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> sealedScript, [NotNullWhen(true)] out IssuerScript? script, out ScriptRefusal refusal)
    {
        script = null;
        refusal = ScriptRefusal.WrongLength;
        if (sealedScript.Length < HeaderLength + MacLength)
            return false;
        refusal = ScriptRefusal.UnknownVersion;
        if (sealedScript[0] != Version)
            return false;
        refusal = ScriptRefusal.CardNumber;
        if (!CardNumber.TryDecode(sealedScript.Slice(2, CardNumber.EncodedLength), out var card))
            return false;
        refusal = ScriptRefusal.Counter;
        var counter = BinaryPrimitives.ReadUInt32BigEndian(sealedScript[10..]);
        if (counter == 0)
            return false;

        var body = sealedScript[HeaderLength..^MacLength];
        switch (sealedScript[1])
        {
            case AllowanceGrant.TypeCode:
                return AllowanceGrant.TryRead(card, counter, body, out script, out refusal);
            case ApplicationBlock.TypeCode:
                refusal = body.IsEmpty ? ScriptRefusal.None : ScriptRefusal.WrongLength;
                script = body.IsEmpty ? new ApplicationBlock(card, counter) : null;
                return script is not null;
            case RiskLimits.TypeCode:
                return RiskLimits.TryRead(card, counter, body, out script, out refusal);
            default:
                refusal = ScriptRefusal.UnknownType;
                return false;
        }
    }

    private protected abstract void EncodeBody(Span<byte> body);
}

/// <summary>
/// Type 01: lends part of an entitlement to the card. Numbers are totals of the period, so the same grant twice lends once.
/// <code>programme 2 | unit 1 | period 4 | not before 3 | not after 3 | granted 4 | cap per transaction 4</code>
/// </summary>
/// <param name="Period">The profile's period id; the card refuses one before its current one.</param>
/// <param name="NotBefore">First business date on which the card may draw on it.</param>
/// <param name="NotAfter">Last such date.</param>
/// <param name="Granted">Everything lent in this period so far; within a period it only grows.</param>
/// <param name="CapPerTransaction">Most that one offline draw may take.</param>
public sealed record AllowanceGrant(
    CardNumber Card, uint Counter, ProgrammeCode Programme, QuantityUnit Unit, uint Period, DateOnly NotBefore, DateOnly NotAfter, uint Granted,
    uint CapPerTransaction)
    : IssuerScript(Card, Counter)
{
    internal const byte TypeCode = 0x01;
    private const int Length = 21;

    private protected override byte Type => TypeCode;
    private protected override int BodyLength => Length;

    internal static bool TryRead(CardNumber card, uint counter, ReadOnlySpan<byte> body, out IssuerScript? script, out ScriptRefusal refusal)
    {
        script = null;
        refusal = ScriptRefusal.WrongLength;
        if (body.Length != Length)
            return false;
        refusal = ScriptRefusal.Unit;
        var unit = (QuantityUnit)body[2];
        if (unit is QuantityUnit.None or > QuantityUnit.Gram)
            return false;
        refusal = ScriptRefusal.Date;
        if (!Bcd.TryDecodeDate(body[7..10], out var notBefore) || !Bcd.TryDecodeDate(body[10..13], out var notAfter) || notAfter < notBefore)
            return false;
        refusal = ScriptRefusal.Quantity;
        var granted = BinaryPrimitives.ReadUInt32BigEndian(body[13..]);
        var cap = BinaryPrimitives.ReadUInt32BigEndian(body[17..]);
        if (granted > int.MaxValue || cap > int.MaxValue)
            return false;
        refusal = ScriptRefusal.None;
        script = new AllowanceGrant(
            card, counter, new ProgrammeCode(BinaryPrimitives.ReadUInt16BigEndian(body)), unit, BinaryPrimitives.ReadUInt32BigEndian(body[3..]),
            notBefore, notAfter, granted, cap);
        return true;
    }

    private protected override void EncodeBody(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body, Programme.Value);
        body[2] = (byte)Unit;
        BinaryPrimitives.WriteUInt32BigEndian(body[3..], Period);
        Bcd.EncodeDate(NotBefore, body[7..]);
        Bcd.EncodeDate(NotAfter, body[10..]);
        BinaryPrimitives.WriteUInt32BigEndian(body[13..], Granted);
        BinaryPrimitives.WriteUInt32BigEndian(body[17..], CapPerTransaction);
    }
}

/// <summary>Type 02: the application answers no draw any more. No body. There is no unblocking: a wrongly blocked card is replaced.</summary>
public sealed record ApplicationBlock(CardNumber Card, uint Counter) : IssuerScript(Card, Counter)
{
    internal const byte TypeCode = 0x02;

    private protected override byte Type => TypeCode;
    private protected override int BodyLength => 0;

    private protected override void EncodeBody(Span<byte> body)
    {
        // No body.
    }
}

/// <summary>
/// Type 03: the card's own limits.
/// <code>lower consecutive offline limit 1 | upper 1 | PIN threshold 4</code>
/// </summary>
/// <param name="PinThresholdMinor">An offline draw that moves more money than this needs the PIN (<see cref="ProcessingOptionsResponse.MoneyMoved"/>).</param>
public sealed record RiskLimits(CardNumber Card, uint Counter, byte LowerConsecutiveOffline, byte UpperConsecutiveOffline, uint PinThresholdMinor)
    : IssuerScript(Card, Counter)
{
    internal const byte TypeCode = 0x03;
    private const int Length = 6;

    private protected override byte Type => TypeCode;
    private protected override int BodyLength => Length;

    internal static bool TryRead(CardNumber card, uint counter, ReadOnlySpan<byte> body, out IssuerScript? script, out ScriptRefusal refusal)
    {
        script = null;
        refusal = ScriptRefusal.WrongLength;
        if (body.Length != Length)
            return false;
        refusal = ScriptRefusal.Limits;
        if (body[0] > body[1])
            return false;
        refusal = ScriptRefusal.None;
        script = new RiskLimits(card, counter, body[0], body[1], BinaryPrimitives.ReadUInt32BigEndian(body[2..]));
        return true;
    }

    private protected override void EncodeBody(Span<byte> body)
    {
        body[0] = LowerConsecutiveOffline;
        body[1] = UpperConsecutiveOffline;
        BinaryPrimitives.WriteUInt32BigEndian(body[2..], PinThresholdMinor);
    }
}
