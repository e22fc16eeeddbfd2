using SmartCard.Backend.Platform;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.World;

/// <summary>A household's card: a file with the card's memory.</summary>
internal sealed record DemoCard(HouseholdId Household, CardNumber Number, string Path)
{
    /// <summary>Takes the card out of the pocket.</summary>
    public CardInHand Open(CardTiming? timing = null)
    {
        var medium = FileMedium.OpenExisting(Path);
        return new CardInHand(new Card(JournalledMemory.Open(medium), timing), medium);
    }
}

/// <summary>A card whose file is open.</summary>
internal sealed class CardInHand(Card card, FileMedium medium) : IDisposable
{
    public Card Card { get; } = card;

    /// <summary>A blank card, as it leaves the factory.</summary>
    public static CardInHand Manufacture(string path)
    {
        var medium = FileMedium.Create(path);
        var memory = JournalledMemory.Format(medium, SystemRandomSource.Instance);
        using var factoryKeys = CardKeyReferences.PublishedTestKeys();
        Card.Manufacture(memory, factoryKeys);
        return new CardInHand(new Card(memory), medium);
    }

    public void Dispose()
    {
        Card.Dispose();
        medium.Dispose();
    }
}
