using System.Data.Common;
using System.Text.RegularExpressions;

namespace SmartCard.LedgerCheck.Databases;

/// <summary>The database cannot be read, or has no ledger in it; the message is for the caller of the program.</summary>
internal sealed class UnreadableLedgerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// One snapshot of one database, read only: every check sees the same moment, while the backend goes on writing. SQL is written once
/// for both databases; a table stands in it as [schema.name], or [name] for the ledger's own schema.
/// </summary>
internal abstract partial class LedgerDatabase : IAsyncDisposable
{
    /// <summary>A ledger of a country takes minutes to aggregate; an hour is a hung server.</summary>
    private const int StatementSecondsMax = 3_600;

    private const string LedgerSchema = "disbursements";

    private HashSet<string> _tables = [];

    protected abstract DbConnection Connection { get; }

    /// <summary>"sqlite" or "postgres".</summary>
    public abstract string Kind { get; }

    /// <summary>The ledger's own tables that are there, without their schema, in the order of their names.</summary>
    public IReadOnlyList<string> LedgerTables =>
        [.. _tables.Where(table => table.StartsWith(LedgerSchema + ".", StringComparison.Ordinal)).Select(table => table[(LedgerSchema.Length + 1)..]).Order(StringComparer.Ordinal)];

    /// <summary>Guards of one table: which of UPDATE, DELETE and TRUNCATE the database itself refuses.</summary>
    public abstract Task<IReadOnlySet<string>> VerbsRefusedAsync(string table, CancellationToken cancellation);

    /// <summary>Every verb that this database has and that a table of the ledger must refuse.</summary>
    public abstract IReadOnlyList<string> VerbsToRefuse { get; }

    public bool Has(string table) => _tables.Contains(FullName(table));

    /// <summary>Names in brackets in <paramref name="sql"/> that this database has no table for.</summary>
    public IReadOnlyList<string> MissingTables(string sql) =>
        [.. TableReference().Matches(sql).Select(match => match.Groups["table"].Value).Distinct(StringComparer.Ordinal).Where(table => !Has(table))];

    /// <summary>A command in the snapshot; the caller disposes it.</summary>
    public DbCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = TableReference().Replace(sql, match => Physical(FullName(match.Groups["table"].Value)));
        command.CommandTimeout = StatementSecondsMax;
        return command;
    }

    public async Task<long> CountAsync(string sql, CancellationToken cancellation)
    {
        await using var command = Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Full names, schema.table, of every table there is.</summary>
    protected abstract Task<IReadOnlyList<string>> ReadTablesAsync(CancellationToken cancellation);

    /// <summary>What schema.table is called here.</summary>
    protected abstract string Physical(string fullName);

    protected async Task BeginAsync(CancellationToken cancellation)
    {
        _tables = [.. await ReadTablesAsync(cancellation)];
        if (!Has("movements"))
            throw new UnreadableLedgerException("The database can be read, but has no ledger in it: there is no table of movements.");
    }

    protected async Task<List<string>> ReadTextsAsync(string sql, CancellationToken cancellation)
    {
        var texts = new List<string>();
        await using var command = Connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            texts.Add(reader.GetString(0));
        return texts;
    }

    private static string FullName(string table) => table.Contains('.', StringComparison.Ordinal) ? table : LedgerSchema + "." + table;

    [GeneratedRegex(@"\[(?<table>[a-z_.]+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex TableReference();
}
