using System.Text;
using Npgsql;
using SmartCard.Backend.Disbursements.Decisions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// What a batch has rows for. Each has a statement of its own, for a part without rows still costs its share of a plan; three kinds make at most eight
/// statements a connection, and a bakery's morning needs one.
/// </summary>
[Flags]
internal enum WriteShape
{
    /// <summary>Households, disbursements, movements.</summary>
    Draws = 0,

    /// <summary>What cards are lent: the first draws of a period, mostly.</summary>
    Lendings = 1,

    /// <summary>Reversals, credits, refunds, expiries: somebody's exception. And closed periods.</summary>
    Corrections = 2,

    /// <summary>Cases and refused records.</summary>
    Evidence = 4,
}

/// <summary>
/// One batch as one statement over arrays: its first part raises the versions of the households that are where they were read, all other parts keep
/// to those, so that a household is written whole or not at all. A single statement is a transaction of its own: one round trip.
/// </summary>
internal sealed class PostgresWrite
{
    private static readonly IPart[] Parts =
    [
        new Part<Of<DisbursementEntry>>(WriteShape.Draws, "disbursement", LedgerColumns.Disbursements, batch => RowsOf(batch, state => state.Changes.Disbursements)),
        new Part<Of<Movement>>(WriteShape.Draws, "movement", LedgerColumns.Movements, batch => RowsOf(batch, state => state.Changes.Movements)),
        new Part<Of<LendingEntry>>(WriteShape.Lendings, "lending", LedgerColumns.Lendings, batch => RowsOf(batch, state => state.Changes.Lendings)),
        new Part<Of<ReversalEntry>>(WriteShape.Corrections, "reversal", LedgerColumns.Reversals, batch => RowsOf(batch, state => state.Changes.Reversals)),
        new Part<Of<CreditEntry>>(WriteShape.Corrections, "credit", LedgerColumns.Credits, batch => RowsOf(batch, state => state.Changes.Credits)),
        new Part<Of<RefundEntry>>(WriteShape.Corrections, "refund", LedgerColumns.Refunds, batch => RowsOf(batch, state => state.Changes.Refunds)),
        new Part<Of<RefundLine>>(WriteShape.Corrections, "refund_line", LedgerColumns.RefundLines, batch => RowsOf(batch, state => state.Changes.RefundLines)),
        new Part<Of<ExpiryEntry>>(WriteShape.Corrections, "expiry", LedgerColumns.Expiries, batch => RowsOf(batch, state => state.Changes.Expiries)),
        new Part<Of<Balance>>(WriteShape.Corrections, "closed_balance", LedgerColumns.ClosedBalances, batch => RowsOf(batch, state => state.ClosedBalances), Conflict.Replace),
        new Part<Of<LentAllowance>>(WriteShape.Corrections, "closed_allowance", LedgerColumns.ClosedAllowances, batch => RowsOf(batch, state => state.ClosedAllowances), Conflict.Replace),
        new Part<FraudCase>(WriteShape.Evidence, "case", LedgerColumns.FraudCases, batch => [.. batch.Households.SelectMany(state => state.Changes.Cases)], Conflict.Keep),
        new Part<FraudCase>(WriteShape.Evidence, "loose_case", LedgerColumns.FraudCases, batch => batch.Cases, Conflict.Keep, ofHousehold: false),
        new Part<RefusedRecord>(WriteShape.Evidence, "refusal", LedgerColumns.RefusedRecords, batch => batch.Refused, Conflict.Keep, ofHousehold: false),
    ];

    private readonly LedgerBatch _batch;
    private readonly IRows[] _rows;

    public PostgresWrite(LedgerBatch batch)
    {
        _batch = batch;
        _rows = Array.ConvertAll(Parts, part => part.RowsOf(batch));
        foreach (var rows in _rows)
        {
            if (rows.Count > 0)
                Shape |= rows.Shape;
        }
    }

    private enum Conflict
    {
        /// <summary>There is none: the version's turn owns the key.</summary>
        None,

        /// <summary>The row's new values.</summary>
        Replace,

        /// <summary>Evidence that is there already.</summary>
        Keep,
    }

    private interface IRows
    {
        WriteShape Shape { get; }

        int Count { get; }

        /// <summary>Sets the part's parameters, the first being number <paramref name="first"/>; gives the number after the last.</summary>
        int Fill(NpgsqlParameterCollection parameters, int first);
    }

    private interface IPart
    {
        WriteShape Shape { get; }

        IEnumerable<NpgsqlParameter> CreateArrays();

        IRows RowsOf(LedgerBatch batch);

        string Insert(Func<string, string> table, int first);
    }

    public WriteShape Shape { get; }

    public static async Task<NpgsqlCommand> PrepareAsync(WriteShape shape, NpgsqlConnection connection, Func<string, string> table, CancellationToken cancellation)
    {
        var gate = LedgerColumns.Households;
        var sql = new StringBuilder($"""
            WITH gate AS (
              INSERT INTO {table(gate.Table)} AS h ({gate.Names}) SELECT {gate.Names} FROM {gate.Unnest(1)} ORDER BY bucket, household
              ON CONFLICT (bucket, household) DO UPDATE SET {gate.Assignments} WHERE h.version = excluded.version - 1
              RETURNING h.bucket, h.household)
            """);
        var command = new NpgsqlCommand { Connection = connection };
        Add(gate.CreateArrays());
        foreach (var part in Parts.Where(part => IsIn(part.Shape, shape)))
        {
            sql.Append(", ").Append(part.Insert(table, command.Parameters.Count + 1));
            Add(part.CreateArrays());
        }
        command.CommandText = sql.Append(" SELECT household FROM gate").ToString();
        await command.PrepareAsync(cancellation);
        return command;

        void Add(IEnumerable<NpgsqlParameter> parameters)
        {
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter);
        }
    }

    public void Fill(NpgsqlParameterCollection parameters)
    {
        // In the order of the households' keys: two processes that share some cannot wait for each other in a circle.
        LedgerColumns.Households.FillArrays(parameters, 1, _batch.Households);
        var next = 1 + LedgerColumns.Households.Columns.Count;
        foreach (var rows in _rows.Where(rows => IsIn(rows.Shape, Shape)))
            next = rows.Fill(parameters, next);
    }

    private static bool IsIn(WriteShape part, WriteShape shape) => (part & shape) == part;

    private static List<Of<T>> RowsOf<T>(LedgerBatch batch, Func<HouseholdState, IReadOnlyList<T>> select)
    {
        var count = 0;
        foreach (var state in batch.Households)
            count += select(state).Count;
        var rows = new List<Of<T>>(count);
        foreach (var state in batch.Households)
        {
            var own = select(state);
            for (var index = 0; index < own.Count; index++)
                rows.Add(new Of<T>(state, own[index]));
        }
        return rows;
    }

    private sealed record Rows<TRow>(WriteShape Shape, TableColumns<TRow> Table, IReadOnlyList<TRow> List) : IRows
    {
        public int Count => List.Count;

        public int Fill(NpgsqlParameterCollection parameters, int first)
        {
            Table.FillArrays(parameters, first, List);
            return first + Table.Columns.Count;
        }
    }

    /// <param name="ofHousehold">Written only with its household; evidence about nobody's account is written whatever becomes of the others.</param>
    private sealed class Part<TRow>(
        WriteShape shape, string name, TableColumns<TRow> columns, Func<LedgerBatch, IReadOnlyList<TRow>> rowsOf, Conflict conflict = Conflict.None, bool ofHousehold = true)
        : IPart
    {
        public WriteShape Shape => shape;

        public IEnumerable<NpgsqlParameter> CreateArrays() => columns.CreateArrays();

        public IRows RowsOf(LedgerBatch batch) => new Rows<TRow>(shape, columns, rowsOf(batch));

        public string Insert(Func<string, string> table, int first)
        {
            var gate = ofHousehold ? "WHERE (i.bucket, i.household) IN (SELECT bucket, household FROM gate)" : "";
            var suffix = conflict switch
            {
                Conflict.Replace => $"ORDER BY {Prefixed(columns.KeyNames)} ON CONFLICT ({columns.KeyNames}) DO UPDATE SET {columns.Assignments}",
                Conflict.Keep => "ON CONFLICT DO NOTHING",
                _ => "",
            };
            return $"{name}_written AS (INSERT INTO {table(columns.Table)} ({columns.Names}) SELECT {Prefixed(columns.Names)} FROM {columns.Unnest(first)} {gate} {suffix})";
        }

        private static string Prefixed(string names) => string.Join(", ", names.Split(", ").Select(name => "i." + name));
    }
}
