using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Journal;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>The second half of a tap: from the decision to draw to the receipt.</summary>
internal sealed partial class TapFlow
{
    /// <summary>
    /// With a line the backend decides; without one, this terminal and the card do. They do too where the household's rest lies on its card: the card is asked once, for
    /// one or the other, so a draw that could be had both ways is had once.
    /// </summary>
    private TapTrigger CheckRisk()
    {
        if (IsOnline && !RiskChecks.IsLeftOnCardAlone(_draw!, _balances, _options!, _moment.Date))
            return TapTrigger.Done;
        var policy = _tools.Parameters.Offline;
        var standing = new OfflineStanding(_tools.Journal.CountUnsent(), _tools.Line.LastContact, _tools.Clock.UtcNow);
        if (RiskChecks.RefuseOffline(_draw!, policy, standing) is { } refusal)
            return IsOnline ? TapTrigger.Done : Refuse(refusal); // with a line the backend's reason is the better one
        if (!ReadSignatureCertificate())
            return Refuse(TapOutcomeKind.CardNotGenuine);
        _asked = CryptogramKind.Offline;
        return RiskChecks.NeedsPin(_request!, policy, _options!) ? TapTrigger.PinNeeded : TapTrigger.Done;
    }

    /// <summary>
    /// Where the backend is not asked, the merchant gives goods for the card's signature alone, so the terminal checks it. One more exchange, at a card's first draw here.
    /// </summary>
    private bool ReadSignatureCertificate()
    {
        _signatureCertificate = _tools.Store.FindCertificate(Card, CertificateRole.CardSignature);
        var isNew = _signatureCertificate is null;
        _signatureCertificate ??= _session.ReadSignatureCertificate();
        if (_signatureCertificate is null
            || _tools.Parameters.CardAuthority.Check(_signatureCertificate, CertificateRole.CardSignature, _moment.Date) != CertificateRefusal.None
            || !_signatureCertificate.HolderReference.TryGetCard(out var holder)
            || holder != Card)
            return false;
        if (isNew)
            _tools.Store.SaveCertificate(Card, _signatureCertificate);
        return true;
    }

    private async ValueTask<TapTrigger> VerifyPinAsync()
    {
        if (_options!.PinTriesLeft == 0)
            return Refuse(TapOutcomeKind.PinBlocked);
        var pin = await WaitForPeople(_tools.PinPad.AskAsync(_options.PinTriesLeft, _cancelled.Token));
        if (pin is null || _cancelled.IsCancellationRequested)
            return Refuse(TapOutcomeKind.PinNotEntered);
        try
        {
            if (pin.Length is < CardholderVerification.PinDigitsMin or > CardholderVerification.PinDigitsMax || !pin.All(char.IsAsciiDigit))
                return Refuse(TapOutcomeKind.PinNotEntered);
            if (_session.VerifyPin(pin, out var triesLeft))
                return TapTrigger.Done;
            return Refuse(triesLeft == 0 ? TapOutcome.Of(TapOutcomeKind.PinBlocked) : new TapOutcome(TapOutcomeKind.PinWrong, PinTriesLeft: triesLeft));
        }
        finally
        {
            Array.Clear(pin);
        }
    }

    private TapTrigger RecordIntent()
    {
        _entry = _tools.Journal.RecordIntent(new DrawIntent(Card, _asked, _options!.Atc, _request!, _draw!));
        return TapTrigger.Done;
    }

    private TapTrigger Commit()
    {
        var commitment = _session.Commit(_request!, _entry!.Asked, Card);
        if (commitment.Record is { } record && IsProven(record))
        {
            _record = record;
            return TapTrigger.Done;
        }

        _outcome = TapOutcome.Of(commitment.Status.IsSuccess ? TapOutcomeKind.CardNotGenuine : TapOutcomeKind.CardFault);
        _entry = _tools.Journal.RecordTorn(_entry, commitment.Status.IsSuccess ? $"record refused: {commitment.Refusal}" : $"card answered {commitment.Status}");
        return TapTrigger.Unclear;
    }

    /// <summary>The record follows the card's last one, and where the backend is not asked its signature is checked here.</summary>
    private bool IsProven(SignedRecord record)
    {
        if (record.Record.PreviousChain != _options!.Chain)
            return false;
        if (_signatureCertificate is null)
            return true;
        var key = _signatureCertificate.ToPublicKey();
        return key.Verify(record.Encoded.Span, record.Signature.Span);
    }

    private TapTrigger RecordCommit()
    {
        var kind = _record!.Record.Kind;
        if (kind != CryptogramKind.Online)
            _remaining = IsOnline ? LeftAfter(_record.Record, _remaining) : LeftAfter(_options!, _record.Record, _remaining);
        _entry = _tools.Journal.RecordCommit(_entry!, _record, _remaining);
        if (kind == CryptogramKind.Online)
            return TapTrigger.OnlineRecord;
        _outcome = TapOutcome.Of(kind == CryptogramKind.Offline ? TapOutcomeKind.ApprovedOffline : TapOutcomeKind.DeclinedByCard);
        return TapTrigger.OfflineRecord;
    }

    private async ValueTask<TapTrigger> AuthoriseAsync()
    {
        // The record exists: from here on nobody's change of mind may keep it from the backend.
        var answer = await WaitForBackend(_tools.Link.AuthoriseAsync(_entry!, CancellationToken.None));
        _tools.Line.Note(answer);
        _answer = (answer as BackendAnswer<AuthoriseResponse>.Answered)?.Value;
        return IsOutcomeOf(_answer?.Outcome, _entry!) ? TapTrigger.Done : TapTrigger.NoAnswer;
    }

    /// <summary>An answer about another draw, or without an outcome, is no answer.</summary>
    internal static bool IsOutcomeOf(Outcome? outcome, JournalEntry entry) =>
        outcome is not null
        && outcome.TransactionId == entry.TransactionId.ToString()
        && outcome.ResultCase is Outcome.ResultOneofCase.Approved or Outcome.ResultOneofCase.Declined;

    private TapTrigger RecordOutcome()
    {
        var outcome = _answer!.Outcome;
        _outcome = outcome.Declined is { } declined ? TapOutcome.DeclinedBecause(declined) : TapOutcome.Of(TapOutcomeKind.Approved);
        if (outcome.Approved is { } approved)
            _remaining = Overlay(_remaining, LeftOf(approved.Balances));
        _entry = _tools.Journal.RecordOutcome(_entry!, outcome, _remaining);
        return _answer.IssuerScripts.Count > 0 || !_answer.Arpc.IsEmpty ? TapTrigger.HasOrders : TapTrigger.Done;
    }

    private TapTrigger RecordDoubt()
    {
        _entry = _tools.Journal.RecordReversalDue(_entry!, ReversalReason.NoAnswer);
        _outcome = TapOutcome.Of(TapOutcomeKind.NoAnswer);
        return TapTrigger.Done;
    }

    /// <summary>
    /// The issuer's word on this draw first, then its orders, as far as they have something to do: the word sets back the count of offline draws, and an order that
    /// the card has carried out it refuses. Each is an exchange for which a citizen waits. The draw stands whatever the card makes of them.
    /// </summary>
    private TapTrigger Relay()
    {
        if (_options!.ConsecutiveOffline.Count > 0 && _answer!.Arpc.Length == SignedRecord.CryptogramLength && _answer.Arc.Length == 2)
        {
            var code = (ushort)((_answer.Arc[0] << 8) | _answer.Arc[1]);
            _ = _session.RelayAuthentication(new IssuerAuthentication(code, _answer.Arpc.Memory));
        }

        foreach (var script in _answer!.IssuerScripts)
        {
            if (IssuerScript.TryRead(script.Span, out var order, out _) && order.Counter <= _options.ScriptCounter)
                continue;
            if (!_session.RelayScript(script.Memory).IsSuccess)
                break;
            _scriptsRelayed++;
        }

        return TapTrigger.Done;
    }

    private static List<Remaining> LeftOf(IEnumerable<QuotaBalance> balances) =>
    [
        .. balances.Select(balance => new Remaining(
            (ushort)balance.Quota, new ProgrammeCode((ushort)balance.Programme), (QuantityUnit)balance.Unit,
            balance.Limit - balance.Consumed, Offline: false)),
    ];

    private static List<Remaining> LeftOnCard(ProcessingOptionsResponse options) =>
    [
        .. options.Allowances.Select(allowance => new Remaining(
            allowance.Programme.Value, allowance.Programme, allowance.Unit, allowance.Remaining, Offline: true)),
    ];

    /// <summary>What the household may still draw after a draw that its card counted, by what the backend said before.</summary>
    private static IReadOnlyList<Remaining> LeftAfter(TransactionRecord record, IReadOnlyList<Remaining> before)
    {
        if (record.Kind != CryptogramKind.Offline)
            return before;
        var drawn = record.Draws.ToDictionary(draw => (draw.Programme, draw.Unit), draw => draw.Quantity);
        return [.. before.Select(left => drawn.TryGetValue((left.Programme, left.Unit), out var quantity) ? left with { Quantity = left.Quantity - quantity } : left)];
    }

    /// <summary>What the card may still give after a draw that it counted itself.</summary>
    private static IReadOnlyList<Remaining> LeftAfter(ProcessingOptionsResponse options, TransactionRecord record, IReadOnlyList<Remaining> before)
    {
        if (record.Kind != CryptogramKind.Offline)
            return before;
        var left = new List<Remaining>();
        foreach (var allowance in options.Allowances)
        {
            var spent = allowance.Spent;
            foreach (var draw in record.Draws)
            {
                if (draw.Programme == allowance.Programme)
                    spent = draw.OfflineSpent;
            }

            left.Add(new Remaining(
                allowance.Programme.Value, allowance.Programme, allowance.Unit, (allowance with { Spent = spent }).Remaining, Offline: true));
        }

        return left;
    }

    private static List<Remaining> Overlay(IReadOnlyList<Remaining> before, IReadOnlyList<Remaining> after) =>
    [
        .. after,
        .. before.Where(old => !after.Any(now => now.Quota == old.Quota)),
    ];
}
