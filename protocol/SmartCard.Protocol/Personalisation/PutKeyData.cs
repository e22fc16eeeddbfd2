using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.Protocol.Personalisation;

/// <summary>
/// The data field of PUT KEY (GP Card Specification 2.3, 11.8; Amendment D, 7.2 for AES; Amendment F, B.1 for elliptic curves):
/// <code>
/// new KVN | one or more of
///   88 11 10 key encrypted under the DEK 16 | 03 key check value 3
///   B0 41 point 65 | F0 01 00 | 00
/// </code>
/// Some hosts leave the inner 10 out and write 88 10: that is read too.
/// </summary>
public sealed record PutKeyData(byte KeyVersion, IReadOnlyList<PutKeyData.Component> Components)
{
    public const int ComponentsMax = 3;

    /// <summary>One key: an encrypted AES key with its check value, or a public point with none.</summary>
    public readonly record struct Component(byte Type, ReadOnlyMemory<byte> Value, ReadOnlyMemory<byte> CheckValue);

    /// <summary>AES keys with consecutive ids, encrypted for the open session.</summary>
    /// <param name="replaces">The version that is replaced; 00 when the keys are new.</param>
    public static CommandApdu AesKeys(byte replaces, byte keyVersion, byte firstKeyId, SecureCardChannel session, params ReadOnlySpan<byte[]> keys)
    {
        using var data = new MemoryStream();
        data.WriteByte(keyVersion);
        foreach (var key in keys)
        {
            data.Write([CardKeyReferences.AesKeyType, (byte)(key.Length + 1), (byte)key.Length]);
            data.Write(session.EncryptSensitive(key));
            data.WriteByte(KeyCheckValue.Length);
            data.Write(KeyCheckValue.Compute(key));
        }

        return Command(replaces, (byte)(firstKeyId | CardKeyReferences.SeveralKeys), data.ToArray());
    }

    public static CommandApdu PublicKey(byte replaces, byte keyVersion, byte keyId, ReadOnlySpan<byte> point) => Command(
        replaces, keyId,
        [
            keyVersion, CardKeyReferences.EcPublicKeyType, P256.PointLength, .. point,
            CardKeyReferences.EcParametersType, 1, CardKeyReferences.ParametersP256, 0,
        ]);

    /// <summary>Reads the structure; nothing is decrypted. Never throws on hostile bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out PutKeyData? keys)
    {
        keys = null;
        if (bytes.IsEmpty)
            return false;
        var version = bytes.Span[0];
        var rest = bytes[1..];
        var components = new List<Component>(ComponentsMax);
        while (!rest.IsEmpty)
        {
            if (components.Count == ComponentsMax || !TryTake(ref rest, out var component))
                return false;
            components.Add(component);
        }

        keys = new PutKeyData(version, components);
        return components.Count > 0;
    }

    private static CommandApdu Command(byte replaces, byte keyId, byte[] data) =>
        new(ClassByte.Proprietary, Instruction.PutKey, replaces, keyId, data, CommandApdu.ShortLeMax);

    private static bool TryTake(ref ReadOnlyMemory<byte> rest, out Component component)
    {
        component = default;
        var type = rest.Span[0];
        rest = rest[1..];
        if (!TryTakePrefixed(ref rest, out var value))
            return false;
        switch (type)
        {
            case CardKeyReferences.AesKeyType:
                if (value.Length == SessionKeys.KeyLength + 1 && value.Span[0] == SessionKeys.KeyLength)
                    value = value[1..];
                if (value.Length != SessionKeys.KeyLength || !TryTakePrefixed(ref rest, out var checkValue) || checkValue.Length != KeyCheckValue.Length)
                    return false;
                component = new Component(type, value, checkValue);
                return true;

            case CardKeyReferences.EcPublicKeyType:
                ReadOnlySpan<byte> tail = [CardKeyReferences.EcParametersType, 1, CardKeyReferences.ParametersP256, 0];
                if (value.Length != P256.PointLength || !rest.Span.StartsWith(tail))
                    return false;
                rest = rest[tail.Length..];
                component = new Component(type, value, default);
                return true;

            default:
                return false;
        }
    }

    private static bool TryTakePrefixed(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (rest.IsEmpty || rest.Length - 1 < rest.Span[0])
            return false;
        var length = rest.Span[0];
        value = rest.Slice(1, length);
        rest = rest[(1 + length)..];
        return true;
    }
}
