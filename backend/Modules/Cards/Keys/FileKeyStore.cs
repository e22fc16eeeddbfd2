using System.Collections.Concurrent;
using System.Security.Cryptography;
using SmartCard.Backend.Platform.Secrets;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Keys;

/// <summary>
/// The key store of development and demonstrations: keys made at first use, kept encrypted under the data folder, held in this
/// process while it runs. Production puts an HSM behind the same interface.
/// </summary>
internal sealed class FileKeyStore(ISecretStore secrets) : IKeyStore, IDisposable
{
    private readonly ConcurrentDictionary<(CardKeyPurpose Purpose, byte Version), Lazy<Locked<AesCmac>>> _masters = new();
    private readonly ConcurrentDictionary<SigningKey, Lazy<Locked<EcKeyPair>>> _signers = new();

    public void DeriveCardKey(CardKeyPurpose purpose, CardNumber card, byte masterVersion, Span<byte> destination)
    {
        var master = Master(purpose, masterVersion);
        lock (master.Lock)
            CardKeyDerivation.DeriveCardKey(master.Value, purpose, card, masterVersion, destination);
    }

    public byte[] Sign(SigningKey key, ReadOnlySpan<byte> data)
    {
        var signer = Signer(key);
        lock (signer.Lock)
            return signer.Value.Sign(data);
    }

    public ReadOnlyMemory<byte> PublicPoint(SigningKey key) => Signer(key).Value.PublicPoint.ToArray();

    public void Dispose()
    {
        foreach (var master in _masters.Values.Where(lazy => lazy.IsValueCreated))
            master.Value.Value.Dispose();
        foreach (var signer in _signers.Values.Where(lazy => lazy.IsValueCreated))
            signer.Value.Value.Dispose();
    }

    private Locked<AesCmac> Master(CardKeyPurpose purpose, byte version) =>
        _masters.GetOrAdd((purpose, version), _ => new Lazy<Locked<AesCmac>>(() =>
        {
            var key = secrets.RandomKey($"cards-master-{NameOf(purpose)}-{version}", CardKeyDerivation.KeyLength);
            var cmac = new AesCmac(key);
            CryptographicOperations.ZeroMemory(key);
            return new Locked<AesCmac>(cmac);
        })).Value;

    private Locked<EcKeyPair> Signer(SigningKey key) =>
        _signers.GetOrAdd(key, _ => new Lazy<Locked<EcKeyPair>>(() =>
        {
            var scalar = secrets.GetOrCreate($"cards-signing-{NameOf(key)}", NewScalar);
            var pair = EcKeyPair.FromScalar(scalar);
            CryptographicOperations.ZeroMemory(scalar);
            return new Locked<EcKeyPair>(pair);
        })).Value;

    private static byte[] NewScalar()
    {
        using var pair = EcKeyPair.Generate();
        return pair.ExportScalar();
    }

    /// <summary>A secret's name: the enum's in lower case with hyphens.</summary>
    private static string NameOf<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((letter, index) => char.IsUpper(letter) && index > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>A key object that serves one thread at a time.</summary>
    private sealed class Locked<T>(T value)
    {
        public Lock Lock { get; } = new();

        public T Value { get; } = value;
    }
}
