using Dapper;
using Google.Protobuf;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Batches;

/// <summary>
/// The terminal's batches: each has one business date, is opened by its first draw, and is closed by a Z, once and for ever. Totals are added up from the
/// journal, never kept beside it, until the Z fixes them.
/// </summary>
internal sealed class BatchBook(TerminalDatabase database, TapJournal journal, TimeProvider time)
{
    /// <summary>Batches without a Z, oldest first.</summary>
    public IReadOnlyList<int> Open() => Numbers("closed_at is null");

    /// <summary>
    /// The open batch of the latest business date, which takes today's draws; null where none is open. It need not be the last one: a refund that the backend dates back
    /// to a day whose batch is closed opens another of that day.
    /// </summary>
    public int? Current() => database.Read(connection => connection.ExecuteScalar<int?>(
        "select number from batch where closed_at is null order by business_date desc, number desc limit 1"));

    /// <summary>Closed batches whose Z the backend has not answered.</summary>
    public IReadOnlyList<int> AwaitingAnswer() => Numbers("closed_at is not null and answer is null");

    public IReadOnlyList<int> AwaitingUpload() => Numbers("closed_at is not null and upload is null");

    public BatchReport? Read(int number, BusinessClock clock)
    {
        if (Find(number) is not { } batch)
            return null;
        var (entries, refunds) = (journal.OfBatch(number), journal.RefundsOfBatch(number));
        var closedTotals = batch.Totals is null ? null : CloseBatchRequest.Parser.ParseFrom(batch.Totals).Totals.Select(FromWire).ToList();
        return new BatchReport(
            number,
            LocalMoment.FromNumber((int)batch.BusinessDate),
            DateTimeOffset.FromUnixTimeMilliseconds(batch.OpenedAt),
            closedTotals ?? Totals(number, entries),
            journal.CountNotServed(number),
            entries.Count(IsDeclined),
            entries.Count(entry => entry.State is EntryState.ReversalDue or EntryState.Reversed),
            entries.Count(entry => entry is { State: EntryState.Presented, Record.Record.Kind: CryptogramKind.Offline } && !entry.CountsAsDrawn),
            entries.Count(entry => entry.State == EntryState.Torn),
            entries.Count(entry => EntryLifeCycle.IsUnsent(entry.State)) + refunds.Count(refund => refund.State == RefundState.Due),
            refunds.Count(refund => refund.State == RefundState.Recorded),
            refunds.Sum(refund => refund.CitizenGetsMinor),
            batch.ClosedAt is { } closedAt ? clock.At(DateTimeOffset.FromUnixTimeMilliseconds(closedAt)) : null);
    }

    /// <summary>Fixes the totals, which are of draws as the backend's are, and closes: from here on the batch takes no draw and no refund.</summary>
    public void Close(int number)
    {
        var entries = journal.OfBatch(number);
        var batch = Find(number) ?? throw new InvalidOperationException($"There is no batch {number}.");
        var closedAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        var request = new CloseBatchRequest
        {
            BatchNumber = (uint)number,
            BusinessDate = new BusinessDate { Yyyymmdd = (uint)batch.BusinessDate },
            OpenedAtUnixMs = batch.OpenedAt,
            ClosedAtUnixMs = closedAt,
        };
        request.Totals.AddRange(Totals(number, entries).Select(ToWire));
        database.Commit(transaction =>
        {
            database.Connection.Execute(
                "update batch set closed_at = @closedAt, totals = @totals where number = @number and closed_at is null",
                new { closedAt, totals = request.ToByteArray(), number }, transaction);
            // Within the turn: the answer to a refund may wait for it, and must find the batch closed.
            journal.ForgetOpenBatch();
        });
    }

    /// <summary>The Z as it is told to the backend: the same each time.</summary>
    public CloseBatchRequest RequestOf(int number) => CloseBatchRequest.Parser.ParseFrom(
        Find(number)?.Totals ?? throw new InvalidOperationException($"Batch {number} is not closed."));

    public void RecordAnswer(int number, CloseBatchResponse answer) => Set(number, "answer", answer.ToByteArray());

    public CloseBatchResponse? AnswerOf(int number) => Find(number)?.Answer is { } stored ? CloseBatchResponse.Parser.ParseFrom(stored) : null;

    public void RecordUpload(int number, UploadLedgerResponse answer) => Set(number, "upload", answer.ToByteArray());

    /// <summary>The merchant's claim: a line for each programme of each draw that counts and, marked as such, of each recorded refund, under its draw's transaction id.</summary>
    public IReadOnlyList<LedgerLine> LedgerOf(int number, TerminalId terminal)
    {
        var shares = SharesOf(number);
        var lines = new List<LedgerLine>();
        foreach (var entry in journal.OfBatch(number).Where(entry => entry.CountsAsDrawn))
        {
            lines.AddRange(shares[entry.Sequence].Select(share => ToLine(
                terminal, entry, share.Programme, share.Quantity, share.CitizenPaidMinor, entry.BusinessDate, entry.Sequence.ToString("D6"))));
        }

        foreach (var refund in journal.RefundsOfBatch(number).Where(refund => refund.State == RefundState.Recorded))
        {
            foreach (var share in journal.SharesOf(refund))
            {
                var line = ToLine(
                    terminal, refund.Draw, share.Programme.Value, share.Quantity, share.CitizenPaysMinor, refund.BusinessDate!.Value, refund.ReceiptNumber);
                line.Refund = true;
                lines.Add(line);
            }
        }

        return lines;
    }

    /// <summary>
    /// Lets go of old draws and their refunds: those whose batch was closed before <paramref name="before"/> and is with the backend, ledger and all, as far as each is
    /// settled itself. A batch's own row stays.
    /// </summary>
    public int Forget(DateTimeOffset before) => database.Commit(transaction => database.Connection.Execute(
        $"""
        delete from not_served where batch in ({SettledBatches});
        delete from entry_event where sequence in (select sequence from entry where {SettledEntries});
        delete from entry where {SettledEntries};
        """,
        new { before = before.ToUnixTimeMilliseconds() }, transaction));

    private const string SettledBatches = "select number from batch where closed_at < @before and answer is not null and upload is not null";

    // Not committed, approved, declined, reversed, presented; and no refund that is due or in a batch that is not settled. Its refunds go with it.
    private const string SettledEntries = $"""
        state in (3, 5, 6, 8, 10) and batch in ({SettledBatches})
        and not exists (select 1 from refund where draw = entry.sequence and (refund.state = 1 or refund.batch not in ({SettledBatches})))
        """;

    public static ProgrammeTotal FromWire(BatchTotal total) =>
        new(new ProgrammeCode((ushort)total.Programme), (int)total.Draws, total.Quantity, total.CitizenPaidMinor);

    private static BatchTotal ToWire(ProgrammeTotal total) => new()
    {
        Programme = total.Programme.Value,
        Draws = (uint)total.Draws,
        Quantity = total.Quantity,
        CitizenPaidMinor = total.CitizenPaidMinor,
    };

    private static LedgerLine ToLine(
        TerminalId terminal, JournalEntry draw, long programme, long quantity, long citizenPaidMinor, DateOnly date, string receiptNumber) => new()
        {
            TransactionId = draw.TransactionId.ToString(),
            TerminalId = terminal.Value,
            Programme = (uint)programme,
            Quantity = quantity,
            CitizenPaidMinor = citizenPaidMinor,
            BusinessDate = new BusinessDate { Yyyymmdd = (uint)LocalMoment.Number(date) },
            ReceiptNumber = receiptNumber,
        };

    private static bool IsDeclined(JournalEntry entry) =>
        entry.State == EntryState.Declined
        || (entry.State is EntryState.Unsent or EntryState.Presented && entry.Record?.Record.Kind == CryptogramKind.Declined);

    private List<ProgrammeTotal> Totals(int number, IReadOnlyList<JournalEntry> entries)
    {
        var counted = entries.Where(entry => entry.CountsAsDrawn).Select(entry => entry.Sequence).ToHashSet();
        return
        [
            .. SharesOf(number)
                .Where(shares => counted.Contains(shares.Key))
                .SelectMany(shares => shares)
                .GroupBy(share => share.Programme)
                .OrderBy(group => group.Key)
                .Select(group => new ProgrammeTotal(
                    new ProgrammeCode((ushort)group.Key), group.Count(), group.Sum(share => share.Quantity), group.Sum(share => share.CitizenPaidMinor))),
        ];
    }

    private ILookup<long, Share> SharesOf(int number) => database.Read(connection => connection.Query<Share>(
        """
        select share.sequence, programme, quantity, citizen_paid_minor as CitizenPaidMinor
        from entry_share share join entry using (sequence) where batch = @number order by share.sequence, programme
        """,
        new { number })).ToLookup(share => share.Sequence);

    private List<int> Numbers(string condition) => database.Read(connection =>
        connection.Query<int>($"select number from batch where {condition} order by number").ToList());

    private Row? Find(int number) => database.Read(connection => connection.QuerySingleOrDefault<Row>(
        "select business_date as BusinessDate, opened_at as OpenedAt, closed_at as ClosedAt, totals, answer from batch where number = @number", new { number }));

    private void Set(int number, string column, byte[] value) => database.Commit(transaction =>
        database.Connection.Execute($"update batch set {column} = @value where number = @number", new { value, number }, transaction));

    private sealed class Row
    {
        public long BusinessDate { get; init; }
        public long OpenedAt { get; init; }
        public long? ClosedAt { get; init; }
        public byte[]? Totals { get; init; }
        public byte[]? Answer { get; init; }
    }

    private sealed class Share
    {
        public long Sequence { get; init; }
        public long Programme { get; init; }
        public long Quantity { get; init; }
        public long CitizenPaidMinor { get; init; }
    }
}
