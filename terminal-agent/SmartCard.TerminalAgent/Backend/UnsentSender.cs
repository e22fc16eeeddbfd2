using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>What one round of sending achieved.</summary>
/// <param name="Reversed">Reversals that the backend acknowledged.</param>
/// <param name="Presented">Offline records that it acknowledged, approved or not.</param>
/// <param name="PresentedDeclines">Of those, why it declined the ones that it declined, in their order: the merchant is not paid for them.</param>
/// <param name="Refunds">Refunds that it answered, recorded or refused, in their order.</param>
/// <param name="BadAcknowledgements">Answers whose signature was wrong; their records stay.</param>
/// <param name="Refusal">Why the backend refused the last call; null where it did not.</param>
/// <param name="IsLineDown">True: the round ended because there was no answer.</param>
/// <param name="Remaining">Records and refunds that are still unsent.</param>
public sealed record SendReport(
    int Reversed, int Presented, IReadOnlyList<DeclineReason> PresentedDeclines, IReadOnlyList<RefundEntry> Refunds, int BadAcknowledgements, CallRefusal? Refusal,
    bool IsLineDown, int Remaining)
{
    public int PresentedDeclined => PresentedDeclines.Count;

    public bool IsAllSent => Remaining == 0;
}

/// <summary>
/// Brings to the backend what it has not taken over: reversal advices first, for citizens wait for them, then offline records in their order, then refunds, some of which
/// are of these records. A record is let go of only for an acknowledgement that verifies. One round at a time.
/// </summary>
internal sealed class UnsentSender(TapJournal journal, LineState line) : IDisposable
{
    private const int ReversalsPerRound = 500;
    private const int RefundsPerRound = 500;
    private const int RecordsPerCall = 100;
    private const int CallsPerRound = 100;

    private readonly SemaphoreSlim _oneRound = new(1, 1);

    public async Task<SendReport> SendAsync(BackendLink link, EcPublicKey acknowledgementKey, CancellationToken cancellationToken)
    {
        await _oneRound.WaitAsync(cancellationToken);
        try
        {
            var round = new Round(journal, line, link, acknowledgementKey);
            await round.ReverseAsync(cancellationToken);
            await round.PresentAsync(cancellationToken);
            await round.RefundAsync(cancellationToken);
            return round.Report();
        }
        finally
        {
            _oneRound.Release();
        }
    }

    public void Dispose() => _oneRound.Dispose();

    private sealed class Round(TapJournal journal, LineState line, BackendLink link, EcPublicKey acknowledgementKey)
    {
        private readonly List<DeclineReason> _presentedDeclines = [];
        private readonly List<RefundEntry> _refunds = [];
        private int _reversed;
        private int _presented;
        private int _badAcknowledgements;
        private CallRefusal? _refusal;
        private bool _lineIsDown;

        public SendReport Report() => new(
            _reversed, _presented, _presentedDeclines, _refunds, _badAcknowledgements, _refusal, _lineIsDown, journal.CountUnsent() + journal.CountRefundsDue());

        public async Task ReverseAsync(CancellationToken cancellationToken)
        {
            foreach (var entry in journal.ReversalsDue(ReversalsPerRound))
            {
                var answer = Note(await link.ReverseAsync(entry, cancellationToken));
                if (answer is null || !Accept(entry, answer))
                    journal.RecordAttempt(entry);
                if (_lineIsDown)
                    return;
            }
        }

        public async Task PresentAsync(CancellationToken cancellationToken)
        {
            for (var call = 0; call < CallsPerRound && !_lineIsDown && _refusal is null; call++)
            {
                var entries = journal.Unsent(RecordsPerCall);
                if (entries.Count == 0)
                    return;
                var before = _presented;
                Note(await link.PresentAsync(entries, Accept, cancellationToken));
                if (_presented == before)
                    return; // no step forward: the next round tries again
            }
        }

        public async Task RefundAsync(CancellationToken cancellationToken)
        {
            if (_lineIsDown)
                return;
            foreach (var refund in journal.RefundsToSend(RefundsPerRound))
            {
                var answer = Note(await link.RefundAsync(refund, cancellationToken));
                if (answer is null || !Accept(refund, answer))
                    journal.RecordAttempt(refund);
                if (_lineIsDown)
                    return;
            }
        }

        private bool Accept(JournalEntry entry, ReverseResponse answer)
        {
            var signed = Acknowledgement.Reversed(entry.Record!, (ushort)answer.Result).Encode();
            if (answer.TransactionId != entry.TransactionId.ToString() || !IsAcknowledged(signed, answer.Acknowledgement.Span))
                return false;
            journal.RecordReversed(entry, answer.Result, answer.Acknowledgement.Memory);
            _reversed++;
            return true;
        }

        private bool Accept(JournalEntry entry, PresentResponse answer)
        {
            if (!TapFlow.IsOutcomeOf(answer.Outcome, entry))
                return false;
            var signed = Acknowledgement.Presented(entry.Record!, (ushort)(answer.Outcome.Declined?.Reason ?? DeclineReason.Unspecified)).Encode();
            if (!IsAcknowledged(signed, answer.Acknowledgement.Span))
                return false;
            journal.RecordPresented(entry, answer.Outcome, answer.Acknowledgement.Memory);
            _presented++;
            if (answer.Outcome.Declined is { } declined)
                _presentedDeclines.Add(declined.Reason);
            return true;
        }

        // A refund's answer carries no signature of its own: the channel vouches for it, and the record, which proves the draw, stays here.
        private bool Accept(RefundEntry refund, RefundResponse answer)
        {
            if (!RefundAnswer.IsOf(refund, answer))
                return false;
            journal.RecordRefundAnswer(refund, answer);
            _refunds.Add(journal.FindRefund(refund.Number)!);
            return true;
        }

        private bool IsAcknowledged(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
        {
            if (acknowledgementKey.Verify(signed, signature))
                return true;
            _badAcknowledgements++;
            return false;
        }

        private T? Note<T>(BackendAnswer<T> answer)
        {
            line.Note(answer);
            switch (answer)
            {
                case BackendAnswer<T>.Answered answered:
                    return answered.Value;
                case BackendAnswer<T>.Refused refused:
                    _refusal = refused.Refusal;
                    return default;
                default:
                    _lineIsDown = true;
                    return default;
            }
        }
    }
}
