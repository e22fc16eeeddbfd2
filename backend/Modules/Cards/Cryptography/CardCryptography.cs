using System.Buffers.Binary;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Cryptography;

/// <summary>
/// Checks and makes what only issuer and card can. Importing a public key costs a good part of a verification and deriving a card's key
/// as much as a cryptogram, so both are kept for the cards that were seen lately.
/// </summary>
internal sealed class CardCryptography(IKeyStore keys) : ICardCryptography
{
    /// <summary>Twice this many are kept at most, some 5.5 KB each (measured, with the platform's own part): about 22 MB. A card rarely comes twice in a morning.</summary>
    private const int SignatureKeysPerGeneration = 2_000;

    /// <summary>Twice this many at most, some 200 bytes each.</summary>
    private const int CardKeysPerGeneration = 50_000;

    private readonly BoundedCache<PointKey, EcPublicKey> _signatureKeys = new(SignatureKeysPerGeneration);
    private readonly BoundedCache<(CardNumber Card, CardKeyPurpose Purpose, byte Version), byte[]> _cardKeys = new(CardKeysPerGeneration);

    public bool IsGenuine(CardStanding card, SignedRecord record) =>
        ApplicationCryptogram.IsGenuine(KeyOf(card, CardKeyPurpose.Cryptogram), record.Record.Atc, record.Encoded.Span, record.Cryptogram.Span);

    public bool IsSigned(CardStanding card, SignedRecord record) =>
        card.SignaturePublicKey.Length == P256.PointLength
        && _signatureKeys.GetOrAdd(new PointKey(card.SignaturePublicKey), 0, static (key, _) => EcPublicKey.FromPoint(key.Point.Span))
            .Verify(record.Encoded.Span, record.Signature.Span);

    public byte[] IssuerResponse(CardStanding card, SignedRecord record, ReadOnlySpan<byte> arc) =>
        ApplicationCryptogram.Response(
            KeyOf(card, CardKeyPurpose.Cryptogram), record.Record.Atc, record.Cryptogram.Span, BinaryPrimitives.ReadUInt16BigEndian(arc));

    public byte[] ScriptMac(CardStanding card, ReadOnlySpan<byte> scriptBody) =>
        AesCmac.Compute(KeyOf(card, CardKeyPurpose.ScriptMac), scriptBody)[..IssuerScript.MacLength];

    private byte[] KeyOf(CardStanding card, CardKeyPurpose purpose) =>
        _cardKeys.GetOrAdd((card.Card, purpose, card.KeyVersion), keys, static (wanted, store) =>
        {
            var key = new byte[CardKeyDerivation.KeyLength];
            store.DeriveCardKey(wanted.Purpose, wanted.Card, wanted.Version, key);
            return key;
        });

    /// <summary>A point as a key: equal when the bytes are. A card that gets another key, which none should, is not served the old one.</summary>
    private readonly struct PointKey(ReadOnlyMemory<byte> point) : IEquatable<PointKey>
    {
        public ReadOnlyMemory<byte> Point { get; } = point;

        public bool Equals(PointKey other) => Point.Span.SequenceEqual(other.Point.Span);

        public override bool Equals(object? obj) => obj is PointKey other && Equals(other);

        // The x coordinate is as good as random.
        public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Point.Span[1..]);
    }
}
