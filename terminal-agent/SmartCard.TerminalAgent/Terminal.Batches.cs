using System.Security.Cryptography;
using System.Text;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent;

/// <summary>Batches: reading (X), closing (Z), the merchant's ledger, and giving up a draw while its batch is open.</summary>
public sealed partial class Terminal
{
    /// <summary>X: the batch that is open, or null where nothing was drawn since the last Z. Changes nothing.</summary>
    public BatchReport? ReadBatch() => _clock is { } clock && _batches.Current() is { } current ? _batches.Read(current, clock) : null;

    /// <summary>A batch by number, open or closed; null where there is none.</summary>
    public BatchReport? ReadBatch(int number) => _clock is { } clock ? _batches.Read(number, clock) : null;

    /// <summary>
    /// Z: sends what is unsent, then closes the oldest open batch, for ever, and tells the backend. A batch has one business date, so after a day without Z there
    /// may be another: ask again until there is nothing to close.
    /// </summary>
    /// <param name="evenIfUnsent">True: closes although records or refunds of the batch are unsent. They are sent later and settled later.</param>
    public async Task<CloseOutcome> CloseBatchAsync(bool evenIfUnsent = false, CancellationToken cancellationToken = default)
    {
        if (_clock is not { } clock || _batches.Open() is not [var number, ..])
            return new CloseOutcome.NothingToClose();
        if (_journal.CountUnsent() + _journal.CountRefundsDue() > 0)
            await SendUnsentAsync(cancellationToken);

        // No draw may slip in between the totals and the Z.
        await _oneTap.WaitAsync(cancellationToken);
        try
        {
            var open = _batches.Read(number, clock)!;
            if (open.Unsent > 0 && !evenIfUnsent)
                return new CloseOutcome.RefusedUnsent(open);
            _batches.Close(number);
            _batches.Forget(_time.GetUtcNow() - _options.JournalKept);
        }
        finally
        {
            _oneTap.Release();
        }

        var refusal = await TellClosedBatchesAsync(cancellationToken);
        var report = _batches.Read(number, clock)!;
        return _batches.AnswerOf(number) is { } answer
            ? new CloseOutcome.Closed(report, answer.Balanced, [.. answer.HostTotals.Select(BatchBook.FromWire)])
            : new CloseOutcome.ClosedHereOnly(report, refusal);
    }

    /// <summary>The merchant's claim for a batch: a line for each programme of each draw that counts, and of each refund that was recorded.</summary>
    public IReadOnlyList<LedgerLine> ReadLedger(int batch) => _batches.LedgerOf(batch, Id);

    /// <summary>Uploads the ledgers of all closed batches that the backend does not have. Safe to repeat: a batch's upload has one id for ever.</summary>
    public async Task<LedgerUploadReport> UploadLedgerAsync(CancellationToken cancellationToken = default)
    {
        var (batches, accepted, refused, refusals) = (new List<int>(), 0, 0, new List<LineRefusal>());
        foreach (var number in _batches.AwaitingUpload())
        {
            if (ReadBatch(number) is not { } batch)
                break;
            var header = new LedgerHeader
            {
                UploadId = UploadIdOf(number),
                MerchantId = _parameters!.MerchantId,
                BusinessDate = new BusinessDate { Yyyymmdd = (uint)LocalMoment.Number(batch.BusinessDate) },
                BatchNumber = (uint)number,
            };
            var answer = await UploadLedgerAsync(header, ReadLedger(number), cancellationToken);
            if (answer is not BackendAnswer<UploadLedgerResponse>.Answered { Value: var response })
            {
                return new LedgerUploadReport(
                    batches, accepted, refused, refusals, (answer as BackendAnswer<UploadLedgerResponse>.Refused)?.Refusal, IsComplete: false);
            }

            _batches.RecordUpload(number, response);
            batches.Add(number);
            accepted += response.Accepted;
            refused += response.Refused;
            refusals.AddRange(response.Refusals);
        }

        return new LedgerUploadReport(batches, accepted, refused, refusals, null, _batches.AwaitingUpload().Count == 0);
    }

    /// <summary>Uploads lines of the merchant's own books.</summary>
    public async Task<BackendAnswer<UploadLedgerResponse>> UploadLedgerAsync(
        LedgerHeader header, IEnumerable<LedgerLine> lines, CancellationToken cancellationToken = default)
    {
        var answer = await _connection.Link.UploadLedgerAsync(header, lines, cancellationToken);
        _line.Note(answer);
        return answer;
    }

    /// <summary>
    /// Gives up an approved draw before the goods are handed over: it is reversed. False where there is no such draw, its batch is closed, it was drawn without
    /// a line, for what a card has counted can only be presented, or goods of it came back, which shows that they were handed over.
    /// </summary>
    public async Task<bool> CancelAsync(TransactionId transaction, CancellationToken cancellationToken = default)
    {
        await _oneTap.WaitAsync(cancellationToken);
        try
        {
            if (_journal.Find(transaction) is not { State: EntryState.Approved } entry || !_batches.Open().Contains(entry.Batch)
                || _journal.RefundsOfDraw(entry.Sequence).Any(refund => refund.State != RefundState.Refused))
                return false;
            _journal.RecordReversalDue(entry, ReversalReason.Cancelled);
        }
        finally
        {
            _oneTap.Release();
        }

        WakeSender();
        return true;
    }

    private async Task<CallRefusal?> TellClosedBatchesAsync(CancellationToken cancellationToken)
    {
        CallRefusal? refusal = null;
        foreach (var number in _batches.AwaitingAnswer())
        {
            var answer = await _connection.Link.CloseBatchAsync(_batches.RequestOf(number), cancellationToken);
            _line.Note(answer);
            switch (answer)
            {
                case BackendAnswer<CloseBatchResponse>.Answered answered:
                    _batches.RecordAnswer(number, answered.Value);
                    break;
                case BackendAnswer<CloseBatchResponse>.Refused refused:
                    refusal = refused.Refusal;
                    break;
                default:
                    return refusal;
            }
        }

        return refusal;
    }

    /// <summary>32 hexadecimal digits: the same batch of the same terminal always has the same.</summary>
    private string UploadIdOf(int batch) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"batch ledger {Id} {batch}")).AsSpan(0, TransactionId.Length));
}
