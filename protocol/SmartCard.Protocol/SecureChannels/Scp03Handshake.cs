using System.Buffers.Binary;
using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>What both sides of an SCP03 handshake compute (GP Amendment D, 6.2.1 to 6.2.3).</summary>
internal static class Scp03Handshake
{
    public const int ChallengeLength = 8;
    public const int CryptogramLength = 8;
    public const int DiversificationLength = 10;
    public const int SequenceLength = 3;
    public const uint SequenceMax = 0xFF_FFFF;
    public const byte ProtocolId = 0x03;

    /// <summary>i = 70: pseudo-random card challenge, R-MAC and R-ENCRYPTION (Amendment D, 5.1).</summary>
    public const byte ProtocolParameter = 0x70;

    private const byte CardCryptogram = 0x00;
    private const byte HostCryptogram = 0x01;
    private const byte CardChallenge = 0x02;
    private const byte SessionEnc = 0x04;
    private const byte SessionMac = 0x06;
    private const byte SessionRmac = 0x07;

    /// <summary>Context: host challenge | card challenge. The DEK is the static one.</summary>
    public static SessionKeys DeriveSessionKeys(Scp03StaticKeys keys, ReadOnlySpan<byte> context)
    {
        Span<byte> derived = stackalloc byte[3 * SessionKeys.KeyLength];
        var enc = derived[..16];
        var mac = derived[16..32];
        var rmac = derived[32..];
        Derive(keys.Enc, SessionEnc, context, enc);
        using (var macKey = new AesCmac(keys.Mac))
        {
            Derive(macKey, SessionMac, context, mac);
            Derive(macKey, SessionRmac, context, rmac);
        }

        var session = new SessionKeys(enc, mac, rmac, keys.Dek);
        CryptographicOperations.ZeroMemory(derived);
        return session;
    }

    public static void ComputeCardCryptogram(SessionKeys keys, ReadOnlySpan<byte> context, Span<byte> destination) =>
        Derive(keys.Mac, CardCryptogram, context, destination);

    public static void ComputeHostCryptogram(SessionKeys keys, ReadOnlySpan<byte> context, Span<byte> destination) =>
        Derive(keys.Mac, HostCryptogram, context, destination);

    /// <summary>Amendment D, 6.2.2.1: from Key-ENC; context is the sequence counter, 3 bytes | the AID of the application that is selected.</summary>
    public static void ComputeCardChallenge(Scp03StaticKeys keys, uint sequence, Aid application, Span<byte> destination)
    {
        Span<byte> context = stackalloc byte[SequenceLength + Aid.BytesMax];
        WriteSequence(sequence, context);
        application.Span.CopyTo(context[SequenceLength..]);
        Derive(keys.Enc, CardChallenge, context[..(SequenceLength + application.Span.Length)], destination);
    }

    public static void WriteSequence(uint sequence, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, sequence);
        bytes[1..].CopyTo(destination);
    }

    private static void Derive(ReadOnlySpan<byte> key, byte constant, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        using var cmac = new AesCmac(key);
        Derive(cmac, constant, context, destination);
    }

    private static void Derive(AesCmac key, byte constant, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        Span<byte> label = stackalloc byte[Sp800108Cmac.LabelLength];
        label.Clear();
        label[^1] = constant;
        Sp800108Cmac.Derive(key, label, context, destination);
    }
}
