using System.Data;
using System.Data.Common;
using Npgsql;

namespace SmartCard.LedgerCheck.Databases;

/// <summary>A server's ledger, in one transaction that is repeatable read and read only, so that the server itself refuses a write.</summary>
internal sealed class PostgresLedger : LedgerDatabase
{
    // Bits of pg_trigger.tgtype (PostgreSQL, catalog/pg_trigger.h).
    private const int ForEachRow = 1;
    private const int Before = 2;
    private static readonly (string Verb, int Bit, bool NeedsRow)[] Verbs = [("UPDATE", 16, true), ("DELETE", 8, true), ("TRUNCATE", 32, false)];

    private readonly NpgsqlConnection _connection;

    private PostgresLedger(NpgsqlConnection connection) => _connection = connection;

    public override string Kind => "postgres";

    public override IReadOnlyList<string> VerbsToRefuse { get; } = [.. Verbs.Select(verb => verb.Verb)];

    protected override DbConnection Connection => _connection;

    /// <exception cref="UnreadableLedgerException">The server cannot be reached, or the database has no ledger.</exception>
    public static async Task<LedgerDatabase> OpenAsync(string connectionString, CancellationToken cancellation)
    {
        PostgresLedger? ledger = null;
        try
        {
            ledger = new PostgresLedger(new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString()));
            await ledger._connection.OpenAsync(cancellation);
            await ledger._connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using (var settings = ledger._connection.CreateCommand())
            {
                settings.CommandText = "SET TRANSACTION READ ONLY; SET LOCAL work_mem = '256MB'; SET LOCAL DateStyle = 'ISO'";
                await settings.ExecuteNonQueryAsync(cancellation);
            }
            await ledger.BeginAsync(cancellation);
            return ledger;
        }
        catch (Exception exception) when (exception is DbException or ArgumentException or System.Net.Sockets.SocketException)
        {
            if (ledger is not null)
                await ledger.DisposeAsync();
            // The connection string may hold a password: only the client's sentence is repeated.
            throw new UnreadableLedgerException($"The database cannot be read: {exception.Message}", exception);
        }
        catch (UnreadableLedgerException)
        {
            await ledger!.DisposeAsync();
            throw;
        }
    }

    public override async Task<IReadOnlySet<string>> VerbsRefusedAsync(string table, CancellationToken cancellation)
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = """
            SELECT t.tgtype FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
            WHERE t.tgrelid = to_regclass(@table) AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''::int2vector
              AND p.prosrc ~ '^\s*BEGIN\s+RAISE EXCEPTION [^;]*;\s*END\s*;?\s*$'
            """;
        command.Parameters.AddWithValue("table", Physical("disbursements." + table));
        var refused = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var type = reader.GetInt16(0);
            foreach (var (verb, bit, needsRow) in Verbs)
            {
                if ((type & bit) != 0 && (type & Before) != 0 && (!needsRow || (type & ForEachRow) != 0))
                    refused.Add(verb);
            }
        }
        return refused;
    }

    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    public override async Task<IReadOnlySet<string>> ConditionsAsync(string table, CancellationToken cancellation) => (await ReadTextsAsync($"""
        SELECT regexp_replace(pg_get_constraintdef(oid), '^CHECK|NOT VALID$|::text|[() ]', '', 'g') FROM pg_constraint
        WHERE contype = 'c' AND conrelid = to_regclass('{Physical("disbursements." + table)}')
        """, cancellation)).Select(condition => condition.Replace("!~~", "NOTLIKE", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    protected override IDocumentSql Documents { get; } = new JsonbRows();

    protected override async Task<IReadOnlyList<string>> ReadNamesAsync(bool views, CancellationToken cancellation) =>
        await ReadTextsAsync(
            views
                ? "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
                : "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
            cancellation);

    protected override string Physical(string fullName) => fullName;

    /// <summary>As jsonb a document is parsed once, and not again for each number.</summary>
    private sealed class JsonbRows : IDocumentSql
    {
        public string Of(string column, string? part) => $"CROSS JOIN LATERAL jsonb_array_elements({column}::jsonb{(part is null ? "" : $" -> '{part}'")}) AS item(value)";

        public string Number(int index, string type = "bigint") => $"(item.value -> {index})::{type}";

        public string Property(string column, string name) => $"({column}::jsonb -> '{name}')::bigint";
    }
}
