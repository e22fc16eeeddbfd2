using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SmartCard.Backend.Platform.Secrets;
using SmartCard.Backend.Registry.Contracts;

namespace SmartCard.Backend.Registry.Identities;

/// <summary>What identifies a person. Leaves this module only shortened.</summary>
internal sealed record PersonalData(string NationalId, string GivenName, string FamilyName, DateOnly BornOn);

/// <summary>
/// Personal data at rest: AES-256-GCM under a key of the secret store, the person's row id as associated data, so that a row cannot be
/// put in another's place. A national id is found by a blind index: HMAC-SHA-256 under another key, first 16 bytes.
/// </summary>
/// <remarks>A sealed row: version 1 (1 byte) | nonce (12) | tag (16) | ciphertext.</remarks>
internal sealed class PersonalDataVault(ISecretStore secrets) : IDisposable
{
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;
    private const int IndexLength = 16;
    private const byte Version = 1;

    private readonly byte[] _dataKey = secrets.RandomKey("registry-personal-data", KeyLength);
    private readonly byte[] _indexKey = secrets.RandomKey("registry-blind-index", KeyLength);

    public byte[] Seal(long person, PersonalData data)
    {
        var clear = JsonSerializer.SerializeToUtf8Bytes(data);
        var row = new byte[HeaderLength + clear.Length];
        row[0] = Version;
        RandomNumberGenerator.Fill(row.AsSpan(1, NonceLength));
        using var aes = new AesGcm(_dataKey, TagLength);
        aes.Encrypt(row.AsSpan(1, NonceLength), clear, row.AsSpan(HeaderLength), row.AsSpan(1 + NonceLength, TagLength), AssociatedData(person));
        CryptographicOperations.ZeroMemory(clear);
        return row;
    }

    /// <exception cref="CryptographicException">The row was changed, or belongs to another person.</exception>
    public PersonalData Open(long person, ReadOnlySpan<byte> row)
    {
        if (row.Length <= HeaderLength || row[0] != Version)
            throw new CryptographicException("A row of personal data has an unknown form.");
        var clear = new byte[row.Length - HeaderLength];
        using var aes = new AesGcm(_dataKey, TagLength);
        aes.Decrypt(row.Slice(1, NonceLength), row[HeaderLength..], row.Slice(1 + NonceLength, TagLength), clear, AssociatedData(person));
        var data = JsonSerializer.Deserialize<PersonalData>(clear)!;
        CryptographicOperations.ZeroMemory(clear);
        return data;
    }

    public byte[] IndexOf(NationalId id) => HMACSHA256.HashData(_indexKey, Encoding.ASCII.GetBytes(id.FullDigits))[..IndexLength];

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_dataKey);
        CryptographicOperations.ZeroMemory(_indexKey);
    }

    private static byte[] AssociatedData(long person)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, person);
        return bytes;
    }
}
