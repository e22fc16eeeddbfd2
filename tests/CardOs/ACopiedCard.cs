using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>A copy has the same keys, so each record of it is genuine. Together they prove the copy.</summary>
public sealed class ACopiedCard : ACardAndATerminal
{
    [Fact]
    public void Forks_the_chain_and_uses_the_same_counter_for_another_record()
    {
        using (var session = Terminal.Tap(Card))
            TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);
        var copy = Card.Clone();

        var original = Draw(Card, Terminal.Loaves(5));
        var forged = Draw(copy, Terminal.Loaves(5));

        Assert.Equal(original.Record.Atc, forged.Record.Atc);
        Assert.Equal(original.Record.PreviousChain, forged.Record.PreviousChain);
        Assert.NotEqual(original.ContentHash(), forged.ContentHash());
        Assert.NotEqual(original.Chain(), forged.Chain());
    }

    [Fact]
    public void Stays_apart_for_ever()
    {
        var copy = Card.Clone();
        Draw(Card, Terminal.Loaves(5));
        Draw(copy, Terminal.Loaves(5));

        Assert.NotEqual(Draw(Card, Terminal.Loaves(1)).Record.PreviousChain, Draw(copy, Terminal.Loaves(1)).Record.PreviousChain);
    }

    private SignedRecord Draw(TestCard card, GenerateAcRequest request)
    {
        using var session = Terminal.Tap(card);
        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);
        Assert.True(response.TryAssemble(request, card.Number, out var evidence, out _));
        return evidence;
    }
}
