using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Platform.Secrets;

/// <summary>
/// Secrets as files, one each, readable by their owner alone: AES-256-GCM under a key from the passphrase (PBKDF2, SHA-256), the
/// secret's name as associated data, so that files cannot be exchanged. For development and small installations.
/// </summary>
/// <remarks>
/// A sealed file: version 1 (1 byte) | nonce (12) | tag (16) | ciphertext. The file "salt": version 1 (1) | iterations (4, big endian) | salt (16).
/// </remarks>
internal sealed class FileSecretStore : ISecretStore, IDisposable
{
    private const int Iterations = 600_000; // OWASP's figure of 2023 for PBKDF2 with SHA-256
    private const int IterationsMin = 100_000;
    private const int SaltLength = 16;
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const byte Version = 1;

    private readonly DataFolder _folder;
    private readonly byte[] _key;
    private readonly Lock _lock = new();

    public FileSecretStore(DataFolder dataFolder, SecretOptions options)
    {
        _folder = dataFolder.Folder("secrets");
        _key = KeyOf(options.Passphrase);
        VerifyPassphrase();
    }

    public byte[] GetOrCreate(string name, Func<byte[]> create)
    {
        if (name.Length is 0 or > 64 || !name.All(static letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            throw new ArgumentException("A secret's name has lower-case letters, digits and hyphens, at most 64.", nameof(name));
        lock (_lock)
        {
            var content = _folder.GetOrCreate(name + ".sealed", () => Seal(name, create()));
            return Open(name, content);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private byte[] KeyOf(string passphrase)
    {
        var content = _folder.GetOrCreate("salt", NewSalt);
        if (content.Length != 1 + sizeof(int) + SaltLength || content[0] != Version)
            throw new SecretStoreException($"{_folder.PathOf("salt")} is damaged: restore it from a backup of the data folder.");
        var iterations = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(1));
        if (iterations is < IterationsMin or > 100 * Iterations)
            throw new SecretStoreException($"{_folder.PathOf("salt")} asks for {iterations} iterations: restore it from a backup of the data folder.");
        return Rfc2898DeriveBytes.Pbkdf2(passphrase, content.AsSpan(1 + sizeof(int)), iterations, HashAlgorithmName.SHA256, KeyLength);
    }

    private static byte[] NewSalt()
    {
        var content = new byte[1 + sizeof(int) + SaltLength];
        content[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(1), Iterations);
        RandomNumberGenerator.Fill(content.AsSpan(1 + sizeof(int)));
        return content;
    }

    /// <summary>At start-up rather than at the first draw.</summary>
    private void VerifyPassphrase() => GetOrCreate("check", () => "smartcard"u8.ToArray());

    private byte[] Seal(string name, ReadOnlySpan<byte> secret)
    {
        var content = new byte[1 + NonceLength + TagLength + secret.Length];
        content[0] = Version;
        var (nonce, tag, ciphertext) = Parts(content);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(nonce, secret, ciphertext, tag, Encoding.ASCII.GetBytes(name));
        return content;
    }

    private byte[] Open(string name, byte[] content)
    {
        if (content.Length < 1 + NonceLength + TagLength || content[0] != Version)
            throw new SecretStoreException($"The secret \"{name}\" is damaged: restore it from a backup of the data folder.");
        var (nonce, tag, ciphertext) = Parts(content);
        var secret = new byte[ciphertext.Length];
        using var aes = new AesGcm(_key, TagLength);
        try
        {
            aes.Decrypt(nonce, ciphertext, tag, secret, Encoding.ASCII.GetBytes(name));
            return secret;
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new SecretStoreException(
                $"The secret \"{name}\" does not open: {SecretOptions.Section}:{nameof(SecretOptions.Passphrase)} is not the one that {_folder.FullPath} was made with, or the file was changed.",
                exception);
        }
    }

    private static Sealed Parts(byte[] content) => new(content);

    private readonly ref struct Sealed(Span<byte> content)
    {
        private readonly Span<byte> _content = content;

        public void Deconstruct(out Span<byte> nonce, out Span<byte> tag, out Span<byte> ciphertext)
        {
            nonce = _content.Slice(1, NonceLength);
            tag = _content.Slice(1 + NonceLength, TagLength);
            ciphertext = _content[(1 + NonceLength + TagLength)..];
        }
    }
}
