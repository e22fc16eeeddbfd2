using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace SmartCard.LedgerCheck.Databases;

/// <summary>An embedded ledger: one file, opened for reading alone, in one read transaction.</summary>
internal sealed partial class SqliteLedger : LedgerDatabase
{
    private readonly SqliteConnection _connection;

    private SqliteLedger(SqliteConnection connection) => _connection = connection;

    public override string Kind => "sqlite";

    /// <summary>SQLite has no TRUNCATE: a DELETE without WHERE fires the row triggers.</summary>
    public override IReadOnlyList<string> VerbsToRefuse { get; } = ["UPDATE", "DELETE"];

    protected override DbConnection Connection => _connection;

    /// <exception cref="UnreadableLedgerException">There is no such file, it is no SQLite database, or it has no ledger.</exception>
    public static async Task<LedgerDatabase> OpenAsync(string file, CancellationToken cancellation)
    {
        if (!File.Exists(file))
            throw new UnreadableLedgerException($"There is no file {file}.");
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        var ledger = new SqliteLedger(connection);
        try
        {
            await connection.OpenAsync(cancellation);
            await using (var begin = connection.CreateCommand())
            {
                // BEGIN alone takes no snapshot: the first read does, and BeginAsync reads.
                begin.CommandText = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA cache_size = -65536; BEGIN";
                await begin.ExecuteNonQueryAsync(cancellation);
            }
            await ledger.BeginAsync(cancellation);
            return ledger;
        }
        catch (SqliteException exception)
        {
            await ledger.DisposeAsync();
            throw new UnreadableLedgerException($"{file} cannot be read: {exception.Message}", exception);
        }
        catch (UnreadableLedgerException)
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    public override async Task<IReadOnlySet<string>> VerbsRefusedAsync(string table, CancellationToken cancellation)
    {
        var name = Physical("disbursements." + table);
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = $table";
        command.Parameters.AddWithValue("$table", name);
        var refused = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            // The whole shape, so that a WHEN clause or a list of columns, which would let something through, does not pass for a guard.
            var guard = Guard().Match(reader.GetString(0));
            if (guard.Success && guard.Groups["table"].Value == name)
                refused.Add(guard.Groups["verb"].Value);
        }
        return refused;
    }

    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>SQLite keeps the words of CREATE TABLE: in them each condition stands as CHECK (...).</summary>
    public override async Task<IReadOnlySet<string>> ConditionsAsync(string table, CancellationToken cancellation)
    {
        var words = (await ReadTextsAsync($"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{Physical("disbursements." + table)}'", cancellation)).Single();
        return Condition().Matches(words).Select(match => match.Groups["words"].Value.Replace(" ", "", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
    }

    protected override IDocumentSql Documents { get; } = new JsonRows();

    protected override async Task<IReadOnlyList<string>> ReadNamesAsync(bool views, CancellationToken cancellation) =>
        [.. (await ReadTextsAsync($"SELECT name FROM sqlite_master WHERE type = '{(views ? "view" : "table")}'", cancellation))
            .Where(name => name.Contains('_', StringComparison.Ordinal))
            .Select(name => string.Concat(name.AsSpan(0, name.IndexOf('_', StringComparison.Ordinal)), ".", name.AsSpan(name.IndexOf('_', StringComparison.Ordinal) + 1)))];

    protected override string Physical(string fullName) => fullName.Replace('.', '_');

    [GeneratedRegex(@"^CREATE TRIGGER \S+ BEFORE (?<verb>UPDATE|DELETE) ON (?<table>\w+)\s+BEGIN\s+SELECT RAISE\(ABORT,[^;]*\);\s*END$", RegexOptions.CultureInvariant)]
    private static partial Regex Guard();

    [GeneratedRegex(@"\bCHECK \((?<words>[^()]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Condition();

    private sealed class JsonRows : IDocumentSql
    {
        public string Of(string column, string? part) => $"CROSS JOIN json_each({column}{(part is null ? "" : $", '$.{part}'")}) AS item";

        public string Number(int index, string type = "bigint") => $"CAST(item.value ->> {index} AS INTEGER)";

        public string Property(string column, string name) => $"CAST({column} ->> '{name}' AS INTEGER)";
    }
}
