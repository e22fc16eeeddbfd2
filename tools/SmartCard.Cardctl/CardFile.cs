using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;

namespace SmartCard.Cardctl;

/// <summary>A card's file, open for this process alone.</summary>
internal sealed class CardFile : IDisposable
{
    private readonly FileMedium _medium;

    private CardFile(FileMedium medium, Card card) => (_medium, Card) = (medium, card);

    public Card Card { get; }

    public static CardFile Open(string path, Func<CardTiming>? timing = null)
    {
        FileMedium? medium = null;
        try
        {
            medium = FileMedium.OpenExisting(path);
            var card = new Card(JournalledMemory.Open(medium), timing?.Invoke());
            card.Snapshot(); // a file that holds no card is refused here, not at the first command
            return new CardFile(medium, card);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            medium?.Dispose();
            throw new CardctlException(ExitCode.File, $"{path}: {Explain(exception)}");
        }
        catch (InvalidDataException exception)
        {
            medium?.Dispose();
            throw new CardctlException(ExitCode.File, $"{path}: {exception.Message} Make a card with 'cardctl personalise --out FILE'.");
        }
    }

    public void Dispose()
    {
        Card.Dispose();
        _medium.Dispose();
    }

    private static string Explain(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file. Make a card with 'cardctl personalise --out FILE'.",
        UnauthorizedAccessException => "this user may not read and write it.",
        _ => "it cannot be opened; is another cardctl serving it?",
    };
}
