using System.Buffers.Binary;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Cryptography;

/// <summary>
/// Checks and makes what only issuer and card can. Deriving a card's key costs as much as a cryptogram, so keys are kept for the cards that were seen lately.
/// </summary>
internal sealed class CardCryptography(IKeyStore keys) : ICardCryptography
{
    /// <summary>Twice this many at most, some 200 bytes each.</summary>
    private const int CardKeysPerGeneration = 50_000;

    private readonly BoundedCache<(CardNumber Card, CardKeyPurpose Purpose, byte Version), byte[]> _cardKeys = new(CardKeysPerGeneration);

    public bool IsGenuine(CardStanding card, SignedRecord record) =>
        ApplicationCryptogram.IsGenuine(KeyOf(card, CardKeyPurpose.Cryptogram), record.Record.Atc, record.Encoded.Span, record.Cryptogram.Span);

    public bool IsSigned(CardStanding card, SignedRecord record) =>
        EcPublicKey.TryFromPoint(card.SignaturePublicKey.Span, out var key) && key.Verify(record.Encoded.Span, record.Signature.Span);

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
}
