using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>What the card answered to SELECT.</summary>
internal enum Selection
{
    Selected,
    Blocked,
    NotSubsidyCard,
}

/// <summary>What came of GENERATE AC.</summary>
/// <param name="Record">What the card committed to; null where it committed to nothing, or to something else than was asked.</param>
/// <param name="Status">The card's status word.</param>
/// <param name="Refusal">Why an answer of 9000 was not taken.</param>
internal readonly record struct Commitment(SignedRecord? Record, StatusWord Status, RecordRefusal Refusal);

/// <summary>
/// The terminal's conversation with one card, one method a command. Every one may throw <see cref="CardTransportException"/> when the card goes away;
/// nothing else. What a card says is taken as hostile until the secure channel stands.
/// </summary>
internal sealed class CardSession(ICardChannel channel) : IDisposable
{
    private const ushort KeyAgreementCertificate = 0x7F21;
    private const ushort SignatureCertificate = 0xDF62;

    private readonly ApduExchange _plain = new(channel);
    private SecureCardChannel? _secure;

    private SecureCardChannel Secure => _secure ?? throw new InvalidOperationException("No secure channel is open.");

    public Selection Select()
    {
        var answer = _plain.Transmit(new CommandApdu(
            ClassByte.Interindustry, Instruction.Select, 0x04, 0x00, Aid.Subsidy.ToArray(), CommandApdu.ShortLeMax));
        if (answer.Status == StatusWord.SelectedFileInvalidated)
            return Selection.Blocked;
        // A foreign card may answer 9000 to any name: only one that repeats ours is asked for more.
        return answer.Status.IsSuccess && NamesSubsidy(answer.Data) ? Selection.Selected : Selection.NotSubsidyCard;
    }

    /// <summary>The certificate of the card's key-agreement key; null where there is none that can be read.</summary>
    public CardVerifiableCertificate? ReadCertificate() => ReadCertificate(_plain, KeyAgreementCertificate);

    /// <summary>The certificate of the key that signs records; over the secure channel.</summary>
    public CardVerifiableCertificate? ReadSignatureCertificate() => ReadCertificate(Secure, SignatureCertificate);

    /// <summary>SCP11a: two commands. The card is genuine when this opens.</summary>
    public SecureChannelOutcome Authenticate(EcKeyPair terminalKey, ReadOnlyMemory<byte> terminalCertificate, ReadOnlyMemory<byte> cardPoint)
    {
        var outcome = Scp11aHost.Open(channel, terminalKey, [terminalCertificate], cardPoint);
        _secure = outcome.Channel;
        return outcome;
    }

    public ProcessingOptionsResponse? GetProcessingOptions(TerminalId terminal, DateOnly date)
    {
        var answer = Secure.Transmit(new ProcessingOptionsRequest(terminal, date).ToCommand());
        return answer.Status.IsSuccess && ProcessingOptionsResponse.TryDecode(answer.Data, out var options) ? options : null;
    }

    /// <summary>VERIFY. True when the PIN is right; otherwise the tries that are left, 0 when it is blocked.</summary>
    public bool VerifyPin(ReadOnlySpan<char> pin, out int triesLeft)
    {
        var status = Secure.Transmit(CardholderVerification.VerifyCommand(pin)).Status;
        // ISO 7816-4, 11.5.6: 63Cx; 6983 when no try is left.
        if (!status.TryGetTriesLeft(out triesLeft))
            triesLeft = 0;
        return status.IsSuccess;
    }

    public Commitment Commit(GenerateAcRequest request, CryptogramKind kind, CardNumber card)
    {
        var answer = Secure.Transmit(request.ToCommand(kind));
        if (!answer.Status.IsSuccess)
            return new Commitment(null, answer.Status, RecordRefusal.None);
        if (!GenerateAcResponse.TryDecode(answer.Data, out var response, out var refusal))
            return new Commitment(null, answer.Status, refusal);
        return response.TryAssemble(request, card, out var record, out refusal)
            ? new Commitment(record, answer.Status, RecordRefusal.None)
            : new Commitment(null, answer.Status, refusal);
    }

    /// <summary>
    /// Looks for a transaction in the card's log, newest record first, back to the draws that are older than it. Null where it is not there; false where the card did
    /// not let its log be read as far as needed.
    /// </summary>
    /// <param name="atcBefore">The card's counter before the transaction was asked for.</param>
    /// <param name="newest">The card's chain now. Where it begins, so does the log: a counter that was used without a record leaves the log shorter than the
    /// counter, and a "no such record" proves nothing, for errors are not protected.</param>
    public bool TryFindInLog(TransactionId transaction, Atc atcBefore, RecordChain newest, out LogRecord? found)
    {
        found = null;
        var chain = newest;
        for (var number = 1; number <= LogRecord.LogLength && chain != RecordChain.Start; number++)
        {
            var answer = Secure.Transmit(number == 1 ? LogRecord.LastRecordCommand : LogRecord.ReadCommand(number));
            if (!answer.Status.IsSuccess || !LogRecord.TryDecode(answer.Data, out var record, out _))
                return false;
            if (record.Record.TransactionId == transaction)
            {
                found = record;
                return true;
            }

            if (record.Record.Atc.Value <= atcBefore.Value)
                return true;
            chain = record.Record.PreviousChain;
        }

        return true;
    }

    /// <summary>Relays one order of the issuer. Whether the card took it is the issuer's affair: it learns so from the card's counters.</summary>
    public StatusWord RelayScript(ReadOnlyMemory<byte> script) => Secure.Transmit(IssuerScript.ToCommand(script)).Status;

    /// <summary>The second GENERATE AC: the issuer's word to the card.</summary>
    public StatusWord RelayAuthentication(IssuerAuthentication authentication) => Secure.Transmit(authentication.ToCommand()).Status;

    public void Dispose() => _secure?.Dispose();

    private static CardVerifiableCertificate? ReadCertificate(ICardChannel channel, ushort tag)
    {
        var answer = channel.Transmit(new CommandApdu(
            ClassByte.Proprietary, Instruction.GetData, (byte)(tag >> 8), (byte)(tag & 0xFF), default, CommandApdu.ShortLeMax));
        return answer.Status.IsSuccess && TryDecode(answer.Data, tag, out var certificate) ? certificate : null;
    }

    /// <summary>A certificate is 7F21 itself, or stands inside the object that was asked for.</summary>
    private static bool TryDecode(ReadOnlyMemory<byte> data, ushort tag, [NotNullWhen(true)] out CardVerifiableCertificate? certificate) =>
        CardVerifiableCertificate.TryDecode(data.Span, out certificate, out _)
        || (BerTlv.TryParseSingle(data, tag, TlvLimits.Card, out var node, out _) && CardVerifiableCertificate.TryDecode(node.Value.Span, out certificate, out _));

    private static bool NamesSubsidy(ReadOnlyMemory<byte> fileControl) =>
        BerTlv.TryParseSingle(fileControl, 0x6F, TlvLimits.Card, out var template, out _)
        && template.Find(0x84) is { } name
        && name.Value.Span.SequenceEqual(Aid.Subsidy.Span);
}
