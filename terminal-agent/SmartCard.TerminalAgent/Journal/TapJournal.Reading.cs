using Dapper;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;

namespace SmartCard.TerminalAgent.Journal;

internal sealed partial class TapJournal
{
    /// <summary>Records that the backend has not taken over yet.</summary>
    public int CountUnsent() => _database.Read(connection =>
        connection.ExecuteScalar<int>("select count(*) from entry where state in (4, 7, 9)"));

    /// <summary>Draws that were cut off and whose card has not come back.</summary>
    public int CountTorn() => _database.Read(connection => connection.ExecuteScalar<int>("select count(*) from entry where state = 2"));

    public int CountNotServed(int batch) => _database.Read(connection =>
        connection.ExecuteScalar<int>("select count(*) from not_served where batch = @batch", new { batch }));

    public IReadOnlyList<JournalEntry> ReversalsDue(int countMax) => Load("state = 7", null, countMax);

    public IReadOnlyList<JournalEntry> Unsent(int countMax) => Load("state = 9", null, countMax);

    /// <summary>The torn draw of this card, oldest first; null where there is none.</summary>
    public JournalEntry? FindTorn(CardNumber card) => Load("state = 2 and card = @card", new { card = (long)card.Value }, 1).FirstOrDefault();

    public JournalEntry? Find(TransactionId transaction) =>
        Load("transaction_id = @id", new { id = transaction.ToBytes() }, 1).FirstOrDefault();

    public JournalEntry? Find(long sequence) => Load("sequence = @sequence", new { sequence }, 1).FirstOrDefault();

    /// <summary>The last draw that has a receipt.</summary>
    public JournalEntry? FindLast() => _database.Read(connection => connection.QueryFirstOrDefault<Row>(
        $"select {Columns} from entry where record is not null order by sequence desc limit 1"))?.ToEntry();

    public IReadOnlyList<JournalEntry> OfBatch(int batch) => Load("batch = @batch", new { batch });

    /// <summary>The steps of an entry, oldest first: what an inspector reads.</summary>
    public IReadOnlyList<(EntryState State, string Note)> EventsOf(long sequence) => _database.Read(connection =>
        connection.Query<(long State, string Note)>("select state, note from entry_event where sequence = @sequence order by id", new { sequence })
            .Select(step => ((EntryState)step.State, step.Note)).ToList());

    private const string Columns =
        "sequence, batch, card, asked, atc_before as AtcBefore, request, lines, state, record, cryptogram, signature, outcome, "
        + "reversal_reason as ReversalReason, reversal_result as ReversalResult, remaining, attempts";

    private List<JournalEntry> Load(string condition, object? parameters, int countMax = int.MaxValue) => _database.Read(connection =>
        connection.Query<Row>($"select {Columns} from entry where {condition} order by sequence limit {countMax}", parameters)
            .Select(row => row.ToEntry()).ToList());

    /// <summary>A row as SQLite gives it.</summary>
    private sealed class Row
    {
        public long Sequence { get; init; }
        public long Batch { get; init; }
        public long Card { get; init; }
        public long Asked { get; init; }
        public long AtcBefore { get; init; }
        public byte[] Request { get; init; } = [];
        public byte[] Lines { get; init; } = [];
        public long State { get; init; }
        public byte[]? Record { get; init; }
        public byte[]? Cryptogram { get; init; }
        public byte[]? Signature { get; init; }
        public byte[]? Outcome { get; init; }
        public long ReversalReason { get; init; }
        public long ReversalResult { get; init; }
        public byte[]? Remaining { get; init; }
        public long Attempts { get; init; }

        public JournalEntry ToEntry()
        {
            if (!CardNumber.TryFromValue((ulong)Card, out var card) || !GenerateAcRequest.TryDecode(Request, out var request, out _))
                throw new InvalidDataException($"Journal entry {Sequence} is damaged.");
            SignedRecord? record = null;
            if (Record is not null && !SignedRecord.TryCreate(Record, Cryptogram, Signature, out record, out _))
                throw new InvalidDataException($"The record of journal entry {Sequence} is damaged.");
            return new JournalEntry
            {
                Sequence = Sequence,
                Batch = (int)Batch,
                Card = card,
                Asked = (CryptogramKind)Asked,
                AtcBefore = new Atc((ushort)AtcBefore),
                Request = request,
                Lines = EntryBytes.DecodeLines(Lines),
                State = (EntryState)State,
                Record = record,
                Outcome = Outcome is null ? null : Wire.Outcome.Parser.ParseFrom(Outcome),
                ReversalReason = (ReversalReason)ReversalReason,
                ReversalResult = (ReversalResult)ReversalResult,
                Remaining = EntryBytes.DecodeRemaining(Remaining),
                Attempts = (int)Attempts,
            };
        }
    }
}
