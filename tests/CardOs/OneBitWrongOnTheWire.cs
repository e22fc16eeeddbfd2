using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>Whichever bit of a protected command is turned between terminal and card: nothing is answered, nothing has changed, the session is over.</summary>
public sealed class OneBitWrongOnTheWire : IDisposable
{
    private readonly TestBureau _bureau = new();

    public void Dispose() => _bureau.Dispose();

    [Fact]
    public void Ends_the_session_and_leaves_the_card_as_it_was()
    {
        var card = _bureau.MakeCard();
        var terminal = _bureau.MakeTerminal();
        var request = terminal.Loaves(5);
        var before = card.Snapshot();

        // Every bit of header and Lc, and of block and MAC one in eleven: the protocol's own tests turn every one. Le is outside the MAC by the standard.
        var options = new ProcessingOptionsRequest(terminal.Id, TestBureau.Today).ToCommand();
        const int headerBits = 5 * 8;
        const int bits = headerBits + ((16 + 8) * 8);
        for (var bit = 0; bit < bits; bit += bit < headerBits ? 1 : 11)
        {
            using var wire = new Wire(card);
            using var session = terminal.TryOpen(wire).Channel!;
            wire.TurnBit = bit;
            var answer = session.Transmit(options);
            Assert.NotEqual(StatusWord.Success, answer.Status);

            // A command of the same session, and the one that was meant to be disturbed, from a terminal that does not give up.
            var next = session.Transmit(request.ToCommand(CryptogramKind.Online));
            Assert.NotEqual(StatusWord.Success, next.Status);
            Assert.Contains(session.IsOpen ? session.Transmit(options).Status.ToString() : "6982", new[] { "6982", "6988" });
        }

        Assert.Equal((before.Atc, before.Chain), (card.Snapshot().Atc, card.Snapshot().Chain));
    }

    /// <summary>The bytes between terminal and card, where one bit of the next command may turn.</summary>
    private sealed class Wire : ICardChannel, IDisposable
    {
        private readonly Card _card;

        public Wire(TestCard card)
        {
            card.Remove();
            _card = new Card(JournalledMemory.Open(card.Medium));
            _card.PowerOn();
        }

        public int? TurnBit { get; set; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            var bytes = command.Encode();
            if (TurnBit is { } bit)
                bytes[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            TurnBit = null;
            return ResponseApdu.TryParse(_card.Transmit(bytes), out var response)
                ? response
                : throw new CardTransportException("The card answered with fewer than two bytes.");
        }

        public void Dispose() => _card.Dispose();
    }
}
