using System.Data.Common;
using System.Text.RegularExpressions;

namespace SmartCard.LedgerCheck.Databases;

/// <summary>The database cannot be read, or has no ledger in it; the message is for the caller of the program.</summary>
internal sealed class UnreadableLedgerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// One snapshot of one database, read only: every check sees the same moment, while the backend goes on writing. SQL is written once
/// for both databases; a table stands in it as [schema.name], or [name] for the ledger's own schema. What stands inside documents is asked for like a table
/// (<see cref="DocumentRows"/>), and the ledger's view of it as [view:name].
/// </summary>
internal abstract partial class LedgerDatabase : IAsyncDisposable
{
    /// <summary>A ledger of a country takes minutes to aggregate; an hour is a hung server.</summary>
    private const int StatementSecondsMax = 3_600;

    private const string LedgerSchema = "disbursements";

    /// <summary>Documents that can be left out by name; where there are more, what depends on them cannot be asked.</summary>
    private const int LeftOutMax = 1_000;

    private readonly List<string> _householdsLeftOut = [];
    private readonly List<string> _disbursementsLeftOut = [];
    private HashSet<string> _tables = [];
    private HashSet<string> _views = [];

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

    /// <summary>Conditions under which the tables themselves refuse a row, each in the database's own words without brackets and blanks.</summary>
    public abstract Task<IReadOnlySet<string>> ConditionsAsync(string table, CancellationToken cancellation);

    public bool Has(string table) => DocumentRows.All.ContainsKey(table) || _tables.Contains(FullName(table));

    public bool HasView(string view) => _views.Contains(FullName(view));

    public bool HasUnreadableDocuments => _householdsLeftOut.Count + _disbursementsLeftOut.Count > 0;

    /// <summary>Its document is none: what is asked for as rows of documents does not have it.</summary>
    public void LeaveOutHousehold(short bucket, long household) => _householdsLeftOut.Add($"({bucket}, {household})");

    /// <inheritdoc cref="LeaveOutHousehold"/>
    public void LeaveOutDisbursement(short bucket, long entry) => _disbursementsLeftOut.Add($"({bucket}, {entry})");

    /// <summary>Why this database cannot be asked <paramref name="sql"/>, or null: names in brackets that there is no table for, too many documents that are none.</summary>
    public string? WhyNot(string sql)
    {
        var names = NamesIn(sql);
        var missing = names.Where(name => !Has(name)).ToArray();
        if (missing.Length > 0)
            return "this schema has no table " + string.Join(", ", missing);
        return names.Any(name => DocumentRows.All.TryGetValue(name, out var query) && LeftOutOf(query).Count > LeftOutMax) ? $"more than {LeftOutMax} documents cannot be read" : null;
    }

    /// <summary>A command in the snapshot; the caller disposes it.</summary>
    public DbCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        var spread = NamesIn(sql).Where(DocumentRows.All.ContainsKey).Select(name => $"{SpreadName(name)} AS ({InTables(SpreadSql(DocumentRows.All[name]))})").ToArray();
        command.CommandText = (spread.Length > 0 ? $"WITH {string.Join(", ", spread)} " : "") + InTables(sql);
        command.CommandTimeout = StatementSecondsMax;
        return command;
    }

    public async Task<long> CountAsync(string sql, CancellationToken cancellation)
    {
        await using var command = Command(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), System.Globalization.CultureInfo.InvariantCulture);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Full names, schema.table, of every table there is, or of every view.</summary>
    protected abstract Task<IReadOnlyList<string>> ReadNamesAsync(bool views, CancellationToken cancellation);

    protected abstract IDocumentSql Documents { get; }

    /// <summary>What schema.table is called here.</summary>
    protected abstract string Physical(string fullName);

    protected async Task BeginAsync(CancellationToken cancellation)
    {
        _tables = [.. await ReadNamesAsync(views: false, cancellation)];
        _views = [.. await ReadNamesAsync(views: true, cancellation)];
        if (!Has("movements") || !Has("households"))
            throw new UnreadableLedgerException("The database can be read, but has no ledger in it: there is no table of movements, or none of households.");
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

    private static List<string> NamesIn(string sql) => [.. TableReference().Matches(sql).Where(match => !match.Groups["view"].Success).Select(match => match.Groups["table"].Value).Distinct(StringComparer.Ordinal)];

    private static string SpreadName(string name) => "rows_of_" + name;

    private string SpreadSql(DocumentQuery query)
    {
        var leftOut = LeftOutOf(query);
        var key = query.IsOfHouseholds ? "(h.bucket, h.household)" : "(d.bucket, d.entry)";
        return query.Sql(Documents, leftOut.Count == 0 ? "TRUE" : $"{key} NOT IN (VALUES {string.Join(", ", leftOut)})");
    }

    private List<string> LeftOutOf(DocumentQuery query) => query.IsOfHouseholds ? _householdsLeftOut : _disbursementsLeftOut;

    private string InTables(string sql) => TableReference().Replace(sql, match =>
    {
        var name = match.Groups["table"].Value;
        return DocumentRows.All.ContainsKey(name) && !match.Groups["view"].Success ? SpreadName(name) : Physical(FullName(name));
    });

    private static string FullName(string table) => table.Contains('.', StringComparison.Ordinal) ? table : LedgerSchema + "." + table;

    [GeneratedRegex(@"\[(?<view>view:)?(?<table>[a-z_.]+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex TableReference();
}
