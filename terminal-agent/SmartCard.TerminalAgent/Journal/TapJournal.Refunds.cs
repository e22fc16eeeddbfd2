using Dapper;
using Google.Protobuf;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>Refunds: the intent is on disk before the backend is asked, its answer before the merchant is told of it.</summary>
internal sealed partial class TapJournal
{
    private const string RefundColumns =
        "number, refund_id as RefundId, draw, batch, lines, state, asked_at as AskedAt, answered_at as AnsweredAt, answer, attempts";

    /// <summary>Step 1, before the backend is asked.</summary>
    public RefundEntry RecordRefundDue(
        JournalEntry draw, Guid refundId, IReadOnlyList<BasketLine> goods, IReadOnlyList<DrawShare> shares, DateOnly today) => _database.Commit(transaction =>
    {
        var (batch, now) = (BatchFor(today, transaction), Now());
        var number = _database.Connection.ExecuteScalar<long>(
            """
            insert into refund (refund_id, draw, batch, lines, state, asked_at)
            values (@id, @draw, @batch, @lines, 1, @now) returning number
            """,
            new { id = refundId.ToByteArray(bigEndian: true), draw = draw.Sequence, batch, lines = EntryBytes.Encode(goods), now }, transaction);
        foreach (var share in shares)
        {
            _database.Connection.Execute(
                "insert into refund_share (number, programme, quantity, citizen_gets_minor) values (@number, @programme, @quantity, @gets)",
                new { number, programme = (int)share.Programme.Value, quantity = (long)share.Quantity, gets = share.CitizenPaysMinor }, transaction);
        }

        return new RefundEntry
        {
            Number = number,
            RefundId = refundId,
            Draw = draw,
            Batch = batch,
            Lines = goods,
            State = RefundState.Due,
            AskedAt = DateTimeOffset.FromUnixTimeMilliseconds(now),
        };
    });

    /// <summary>Step 2. A recorded refund goes into a batch of the backend's date: the one of the day on which it was asked for may be closed, or of another day.</summary>
    public void RecordRefundAnswer(RefundEntry refund, RefundResponse answer) => _database.Commit(transaction =>
    {
        var isRecorded = answer.Result == RefundResult.Recorded;
        var batch = isRecorded ? BatchFor(RefundAnswer.DateOf(answer)!.Value, transaction) : refund.Batch;
        var rows = _database.Connection.Execute(
            "update refund set state = @state, batch = @batch, answer = @answer, answered_at = @now where number = @number and state = 1",
            new { state = (int)(isRecorded ? RefundState.Recorded : RefundState.Refused), batch, answer = answer.ToByteArray(), now = Now(), number = refund.Number },
            transaction);
        if (rows != 1)
            throw new InvalidOperationException($"Refund {refund.Number} is no longer due.");
    });

    /// <summary>Sending was tried in vain once more.</summary>
    public void RecordAttempt(RefundEntry refund) => _database.Commit(transaction => _database.Connection.Execute(
        "update refund set attempts = attempts + 1 where number = @number", new { number = refund.Number }, transaction));

    /// <summary>Refunds that the backend has not answered.</summary>
    public int CountRefundsDue() => _database.Read(connection => connection.ExecuteScalar<int>("select count(*) from refund where state = 1"));

    /// <summary>Those that can be sent, oldest first: of a draw without a line the backend knows nothing before it was presented.</summary>
    public IReadOnlyList<RefundEntry> RefundsToSend(int countMax) =>
        LoadRefunds("state = 1 and draw not in (select sequence from entry where state = 9)", null, countMax);

    public IReadOnlyList<RefundEntry> RefundsDue(int countMax) => LoadRefunds("state = 1", null, countMax);

    public IReadOnlyList<RefundEntry> RefundsOfDraw(long sequence) => LoadRefunds("draw = @sequence", new { sequence });

    public IReadOnlyList<RefundEntry> RefundsOfBatch(int batch) => LoadRefunds("batch = @batch", new { batch });

    public RefundEntry? FindRefund(long number) => LoadRefunds("number = @number", new { number }, 1).FirstOrDefault();

    /// <summary>What a draw or a refund came to, by programme; a refund's money is what the citizen gets.</summary>
    public IReadOnlyList<DrawShare> SharesOf(JournalEntry draw) =>
        LoadShares("entry_share where sequence = @key", "citizen_paid_minor", draw.Sequence, draw);

    public IReadOnlyList<DrawShare> SharesOf(RefundEntry refund) =>
        LoadShares("refund_share where number = @key", "citizen_gets_minor", refund.Number, refund.Draw);

    /// <summary>True where a draw had this number, though it may have left the journal since.</summary>
    public bool EverHad(long sequence) => sequence > 0 && _database.Read(connection =>
        connection.ExecuteScalar<bool>("select exists (select 1 from sqlite_sequence where name = 'entry' and seq >= @sequence)", new { sequence }));

    private List<DrawShare> LoadShares(string rows, string money, long key, JournalEntry draw) => _database.Read(connection =>
        connection.Query<(long Programme, long Quantity, long Minor)>($"select programme, quantity, {money} from {rows} order by programme", new { key })
            .Select(share =>
            {
                var programme = new ProgrammeCode((ushort)share.Programme);
                return new DrawShare(programme, (uint)share.Quantity, draw.Request.Draws.First(own => own.Programme == programme).Unit, share.Minor);
            })
            .ToList());

    private List<RefundEntry> LoadRefunds(string condition, object? parameters, int countMax = int.MaxValue) => _database.Read(connection =>
        connection.Query<RefundRow>($"select {RefundColumns} from refund where {condition} order by number limit {countMax}", parameters)
            .Select(row => row.ToEntry(Find(row.Draw) ?? throw new InvalidDataException($"The draw of refund {row.Number} is not in the journal."))).ToList());

    /// <summary>A row as SQLite gives it.</summary>
    private sealed class RefundRow
    {
        public long Number { get; init; }
        public byte[] RefundId { get; init; } = [];
        public long Draw { get; init; }
        public long Batch { get; init; }
        public byte[] Lines { get; init; } = [];
        public long State { get; init; }
        public long AskedAt { get; init; }
        public long? AnsweredAt { get; init; }
        public byte[]? Answer { get; init; }
        public long Attempts { get; init; }

        public RefundEntry ToEntry(JournalEntry draw) => new()
        {
            Number = Number,
            RefundId = new Guid(RefundId, bigEndian: true),
            Draw = draw,
            Batch = (int)Batch,
            Lines = EntryBytes.DecodeLines(Lines),
            State = (RefundState)State,
            AskedAt = DateTimeOffset.FromUnixTimeMilliseconds(AskedAt),
            AnsweredAt = AnsweredAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            Answer = Answer is null ? null : RefundResponse.Parser.ParseFrom(Answer),
            Attempts = (int)Attempts,
        };
    }
}
