using SmartCard.Backend.Platform;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Demo.World;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;

namespace SmartCard.Faults.World;

/// <summary>A real card, as software, whose records are the load: each is made over a secure channel with a terminal, as at a counter.</summary>
internal sealed class SigningCard : IDisposable
{
    private readonly Card _card;
    private readonly InProcessCardLink _link;
    private CardVerifiableCertificate? _certificate;

    private SigningCard(HouseholdId household, CardNumber number, Card card) => (Household, Number, _card, _link) = (household, number, card, new InProcessCardLink(card));

    public HouseholdId Household { get; }

    public CardNumber Number { get; }

    public static async Task<SigningCard> ProduceAsync(HouseholdId household, CardNumber number, CardBureau bureau, CancellationToken cancellation)
    {
        var memory = JournalledMemory.Format(new RamMedium(), SystemRandomSource.Instance);
        using var factoryKeys = CardKeyReferences.PublishedTestKeys();
        Card.Manufacture(memory, factoryKeys);
        var card = new SigningCard(household, number, new Card(memory));
        card._link.Insert();
        await bureau.ProduceAsync(number, card._link, cancellation);
        card._link.Remove();
        return card;
    }

    /// <summary>The same in a file, for a terminal in another process.</summary>
    public static async Task ProduceFileAsync(string file, CardNumber number, CardBureau bureau, CancellationToken cancellation)
    {
        using var blank = CardInHand.Manufacture(file);
        var link = new InProcessCardLink(blank.Card);
        link.Insert();
        await bureau.ProduceAsync(number, link, cancellation);
        link.Remove();
    }

    /// <summary>What the card commits to when this terminal asks it for an online draw.</summary>
    public SignedRecord Sign(TerminalIdentity terminal, GenerateAcRequest request)
    {
        _link.Insert();
        try
        {
            _link.Transmit(CardPersonaliser.SelectCommand(Aid.Subsidy));
            _certificate ??= ReadCertificate();
            var opened = Scp11aHost.Open(_link, terminal.CardKey, [terminal.CardCertificate.Encode()], _certificate.PublicPoint);
            using var session = opened.Channel ?? throw new InvalidOperationException($"A card refused its terminal: {opened.Refusal}, {opened.Status}.");
            session.Transmit(new ProcessingOptionsRequest(terminal.Terminal, request.Date).ToCommand());
            var answer = session.Transmit(request.ToCommand(CryptogramKind.Online));
            if (!GenerateAcResponse.TryDecode(answer.Data, out var response, out var refusal) || !response.TryAssemble(request, Number, out var record, out refusal))
                throw new InvalidOperationException($"A card gave no record: {answer.Status}, {refusal}.");
            return record;
        }
        finally
        {
            _link.Remove();
        }
    }

    public void Dispose() => _card.Dispose();

    private CardVerifiableCertificate ReadCertificate()
    {
        var encoded = _link.Transmit(new CommandApdu(ClassByte.Proprietary, Instruction.GetData, 0x7F, 0x21, default, CommandApdu.ShortLeMax)).Data;
        return CardVerifiableCertificate.TryDecode(encoded.Span, out var certificate, out _)
            ? certificate
            : throw new InvalidOperationException("A card shows no certificate.");
    }
}
