using SmartCard.CardOs.Links;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Testing.Cards;

/// <summary>The least of a terminal: its key, its certificates, and a tap as the card sees it.</summary>
public sealed class TestTerminal(TerminalId id, EcKeyPair key, IReadOnlyList<ReadOnlyMemory<byte>> certificates)
{
    private uint _draws;

    public TerminalId Id => id;

    public IReadOnlyList<ReadOnlyMemory<byte>> Certificates => certificates;

    /// <summary>Exchanges 1 to 4 of a tap: selection, certificate, mutual authentication.</summary>
    public SecureCardChannel Tap(TestCard card, SecurityLevel level = SecurityLevel.Full) => Open(card.Insert(), level);

    public SecureCardChannel Open(InProcessCardLink link, SecurityLevel level = SecurityLevel.Full)
    {
        var outcome = TryOpen(link, level);
        return outcome.Channel ?? throw new InvalidOperationException($"SCP11a: {outcome.Refusal}, {outcome.Status}.");
    }

    public SecureChannelOutcome TryOpen(ICardChannel link, SecurityLevel level = SecurityLevel.Full)
    {
        link.Transmit(CardPersonaliser.SelectCommand(Aid.Subsidy));
        var encoded = link.Transmit(new CommandApdu(ClassByte.Proprietary, Instruction.GetData, 0x7F, 0x21, default, CommandApdu.ShortLeMax)).Data;
        if (!CardVerifiableCertificate.TryDecode(encoded.Span, out var certificate, out _))
            throw new InvalidOperationException("The card shows no certificate.");
        return Scp11aHost.Open(link, key, certificates, certificate.PublicPoint, level);
    }

    public ProcessingOptionsResponse GetProcessingOptions(ICardChannel session, DateOnly? date = null)
    {
        var answer = session.Transmit(new ProcessingOptionsRequest(id, date ?? TestBureau.Today).ToCommand());
        return ProcessingOptionsResponse.TryDecode(answer.Data, out var options)
            ? options
            : throw new InvalidOperationException($"GET PROCESSING OPTIONS: {answer.Status}.");
    }

    public GenerateAcRequest Loaves(uint loaves, DateOnly? date = null) =>
        Request(loaves * 20, date, new RequestedDraw(ProgrammeCode.Bread, loaves, QuantityUnit.Loaf));

    public GenerateAcRequest Groceries(uint piastres, DateOnly? date = null) =>
        Request(0, date, new RequestedDraw(ProgrammeCode.Groceries, piastres, QuantityUnit.MinorCurrency));

    public GenerateAcRequest Request(long amountMinor, DateOnly? date, params RequestedDraw[] draws)
    {
        var number = ++_draws;
        return new GenerateAcRequest
        {
            AmountMinor = amountMinor,
            Currency = TestBureau.EgyptianPound,
            Date = date ?? TestBureau.Today,
            Time = new TimeOnly(9, 30, 0),
            Type = 0,
            UnpredictableNumber = Enumerable.Repeat((byte)(number & 0xFF), 16).ToArray(),
            Terminal = id,
            BasketHash = Enumerable.Repeat((byte)0xBA, 32).ToArray(),
            TransactionId = new TransactionId((UInt128)number + 0x1000),
            Draws = draws,
        };
    }

    /// <summary>GENERATE AC that must be answered.</summary>
    public static GenerateAcResponse GenerateAc(ICardChannel session, GenerateAcRequest request, CryptogramKind kind)
    {
        var answer = session.Transmit(request.ToCommand(kind));
        return GenerateAcResponse.TryDecode(answer.Data, out var response, out _)
            ? response
            : throw new InvalidOperationException($"GENERATE AC: {answer.Status}.");
    }
}
