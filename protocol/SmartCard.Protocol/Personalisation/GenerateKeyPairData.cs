using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.Personalisation;

/// <summary>GENERATE KEY PAIR: P1 KVN, P2 KID, data <c>KVN | F0 01 00</c>, answer <c>B0 41 point</c>.</summary>
public static class GenerateKeyPairData
{
    public static CommandApdu Command(byte keyVersion, byte keyId) => new(
        ClassByte.Proprietary, Instruction.GenerateKeyPair, keyVersion, keyId, Encode(keyVersion), CommandApdu.ShortLeMax);

    public static byte[] Encode(byte keyVersion) => [keyVersion, CardKeyReferences.EcParametersType, 1, CardKeyReferences.ParametersP256];

    public static byte[] EncodeResponse(ReadOnlySpan<byte> point) => [CardKeyReferences.EcPublicKeyType, P256.PointLength, .. point];

    /// <summary>Never throws on hostile bytes; refuses a point off the curve. B0 looks constructed and is not, so this is no BER-TLV.</summary>
    public static bool TryDecodeResponse(ReadOnlyMemory<byte> bytes, out ReadOnlyMemory<byte> point)
    {
        point = default;
        if (bytes.Length != 2 + P256.PointLength
            || bytes.Span[0] != CardKeyReferences.EcPublicKeyType
            || bytes.Span[1] != P256.PointLength
            || !P256.IsValidPoint(bytes.Span[2..]))
        {
            return false;
        }

        point = bytes[2..];
        return true;
    }
}
