using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Cryptography;

/// <summary>
/// Checks and makes what only issuer and card can. A card's keys are derived for each use: that is one MAC under a master that the key store holds ready, and a morning's
/// cards come once each, so keeping their keys would cost more than it spares.
/// </summary>
internal sealed class CardCryptography(IKeyStore keys) : ICardCryptography
{
    public bool IsGenuine(CardStanding card, SignedRecord record, [NotNullWhen(true)] out IssuerResponses? responses)
    {
        Span<byte> cardKey = stackalloc byte[CardKeyDerivation.KeyLength];
        keys.DeriveCardKey(CardKeyPurpose.Cryptogram, card.Card, card.KeyVersion, cardKey);
        using var key = new TransactionKey(cardKey, record.Record.Atc);
        CryptographicOperations.ZeroMemory(cardKey);
        responses = key.IsGenuine(record.Encoded.Span, record.Cryptogram.Span)
            ? new IssuerResponses(ResponseOf(IssuerResponses.ApprovedCode), ResponseOf(IssuerResponses.DeclinedCode))
            : null;
        return responses is not null;

        byte[] ResponseOf(ReadOnlyMemory<byte> code) => key.Respond(record.Cryptogram.Span, BinaryPrimitives.ReadUInt16BigEndian(code.Span));
    }

    public bool IsSigned(CardStanding card, SignedRecord record) =>
        EcPublicKey.TryFromPoint(card.SignaturePublicKey.Span, out var key) && key.Verify(record.Encoded.Span, record.Signature.Span);

    public byte[] ScriptMac(CardStanding card, ReadOnlySpan<byte> scriptBody)
    {
        Span<byte> cardKey = stackalloc byte[CardKeyDerivation.KeyLength];
        keys.DeriveCardKey(CardKeyPurpose.ScriptMac, card.Card, card.KeyVersion, cardKey);
        var mac = AesCmac.Compute(cardKey, scriptBody)[..IssuerScript.MacLength];
        CryptographicOperations.ZeroMemory(cardKey);
        return mac;
    }
}
