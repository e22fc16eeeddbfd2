using SmartCard.Backend.Cards.Contracts;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Keys;

/// <summary>A card's five keys, each from its own master.</summary>
internal sealed class IssuerKeys(IKeyStore store)
{
    /// <summary>Version of the masters that new cards get their keys from.</summary>
    public const byte CurrentVersion = 1;

    public CardKeySet KeysOf(CardNumber card, byte version)
    {
        return new CardKeySet(
            version,
            Derive(CardKeyPurpose.PersonalisationEnc),
            Derive(CardKeyPurpose.PersonalisationMac),
            Derive(CardKeyPurpose.PersonalisationDek),
            Derive(CardKeyPurpose.Cryptogram),
            Derive(CardKeyPurpose.ScriptMac));

        byte[] Derive(CardKeyPurpose purpose)
        {
            var key = new byte[CardKeyDerivation.KeyLength];
            store.DeriveCardKey(purpose, card, version, key);
            return key;
        }
    }
}
