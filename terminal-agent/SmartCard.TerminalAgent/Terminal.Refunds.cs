using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Receipts;
using SmartCard.TerminalAgent.Refunds;

namespace SmartCard.TerminalAgent;

/// <summary>
/// Goods that citizens bring back. The card need not be there: the evidence is the draw's record, which is in the journal. The refund is journalled with its id before the
/// backend is asked, and sent under that id until it answers; only then does the citizen's money go back.
/// </summary>
public sealed partial class Terminal
{
    /// <summary>Most refunds that are shown at once.</summary>
    private const int RefundsShownMax = 100;

    /// <summary>What of the draw with this receipt number may still come back.</summary>
    public Refundable FindRefundable(long receiptNumber) => RefundableOf(
        _journal.Find(receiptNumber), _journal.EverHad(receiptNumber) ? RefundRefusal.NoLongerKept : RefundRefusal.UnknownDraw);

    public Refundable FindRefundable(TransactionId transaction) => RefundableOf(_journal.Find(transaction), RefundRefusal.UnknownDraw);

    /// <summary>Takes goods of an earlier draw of this terminal back.</summary>
    /// <param name="goods">Articles of the draw at its prices, with the pieces that came back; null for all that is left of it.</param>
    /// <param name="cancellationToken">Counts until the refund is journalled. From then on it is due, whoever waits for the answer.</param>
    public Task<RefundOutcome> RefundAsync(long receiptNumber, IReadOnlyList<BasketLine>? goods = null, CancellationToken cancellationToken = default) =>
        RefundAsync(() => FindRefundable(receiptNumber), goods, cancellationToken);

    /// <inheritdoc cref="RefundAsync(long, IReadOnlyList{BasketLine}?, CancellationToken)"/>
    public Task<RefundOutcome> RefundAsync(TransactionId transaction, IReadOnlyList<BasketLine>? goods = null, CancellationToken cancellationToken = default) =>
        RefundAsync(() => FindRefundable(transaction), goods, cancellationToken);

    /// <summary>Those that are due, and those of the open batches: what a merchant asks for when a citizen comes back for the money. Oldest first.</summary>
    public IReadOnlyList<RefundEntry> RecentRefunds() =>
    [
        .. _batches.Open().SelectMany(_journal.RefundsOfBatch).Concat(_journal.RefundsDue(RefundsShownMax))
            .DistinctBy(refund => refund.Number).OrderBy(refund => refund.Number).TakeLast(RefundsShownMax),
    ];

    /// <summary>The receipt of a refund as it stands, recorded, due or refused; null without parameters.</summary>
    public RefundReceipt? ReceiptOf(RefundEntry refund) =>
        _parameters is { } parameters && _clock is { } clock ? ReceiptBuilder.OfRefund(refund, parameters, clock) : null;

    /// <summary>The receipt of the refund with this number, marked as a copy; null where there is none.</summary>
    public RefundReceipt? ReprintRefund(long number) =>
        _journal.FindRefund(number) is { } refund && ReceiptOf(refund) is { } receipt ? receipt with { IsCopy = true } : null;

    /// <summary>The text of a refund's receipt in the terminal's language, digits and paper.</summary>
    public string Print(RefundReceipt receipt) => ReceiptText.Render(receipt, new ReceiptStyle(_options.Language, _options.Digits, _options.PaperColumns));

    private async Task<RefundOutcome> RefundAsync(Func<Refundable> find, IReadOnlyList<BasketLine>? goods, CancellationToken cancellationToken)
    {
        RefundEntry refund;
        // No other refund of the draw, and no cancelling of it, may slip in between the check and the intent.
        await _oneTap.WaitAsync(cancellationToken);
        try
        {
            if (Tools() is not { } tools)
                return new RefundOutcome.Refused(RefundRefusal.TerminalNotReady, null);
            var refundable = find();
            if (refundable is not Refundable.Goods { Draw: var draw, Left: var left })
                return new RefundOutcome.Refused(((Refundable.Nothing)refundable).Reason, null);
            goods ??= left;
            if (!RefundCheck.IsWithin(goods, left))
                return new RefundOutcome.Refused(RefundRefusal.BeyondDraw, null);
            if (RefundCheck.SharesOf(goods, _journal.SharesOf(draw), draw, tools.Parameters) is not { } shares)
                return new RefundOutcome.Refused(RefundRefusal.NoLongerKept, null);
            refund = _journal.RecordRefundDue(draw, NewRefundId(), goods, shares, tools.Clock.Now.Date);
        }
        finally
        {
            _oneTap.Release();
        }

        // A round like any other: a draw that the backend was not presented yet goes before its refund.
        await SendUnsentAsync(cancellationToken);
        var outcome = RefundOutcome.Of(_journal.FindRefund(refund.Number)!);
        if (outcome is RefundOutcome.Due)
            WakeSender();
        return outcome;
    }

    private Refundable RefundableOf(JournalEntry? draw, RefundRefusal otherwise) =>
        draw is null ? new Refundable.Nothing(otherwise) : RefundCheck.Of(draw, _journal.RefundsOfDraw(draw.Sequence));

    private Guid NewRefundId()
    {
        Span<byte> id = stackalloc byte[TransactionId.Length];
        _options.Random.Fill(id);
        return new Guid(id, bigEndian: true);
    }
}
