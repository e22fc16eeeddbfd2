using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using SmartCard.Faults.World;

namespace SmartCard.Faults.Rounds;

/// <summary>What stands in the database, by SQL and past the backend.</summary>
internal sealed class LedgerView
{
    private const short Approved = 1;

    private readonly Dictionary<(long Card, int Atc), List<(byte[] ContentHash, byte[] Outcome)>> _byCounter = [];
    private readonly Dictionary<string, (int Times, bool IsApproved)> _byTransaction = new(StringComparer.Ordinal);

    public static async Task<LedgerView> ReadAsync(Site site, CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(site, cancellation);
        return await ReadAsync(connection, site.Kind == SiteKind.Postgres ? "disbursements." : "disbursements_", cancellation);
    }

    /// <param name="prefix">What stands before the names of the ledger's tables.</param>
    public static async Task<LedgerView> ReadAsync(DbConnection connection, string prefix, CancellationToken cancellation)
    {
        var view = new LedgerView();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT d.card, d.atc, d.content_hash, d.outcome, d.transaction_id, d.status, r.entry
            FROM {prefix}disbursements AS d LEFT JOIN {prefix}reversals AS r ON r.bucket = d.bucket AND r.card = d.card AND r.atc = d.atc
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var key = (reader.GetInt64(0), reader.GetInt32(1));
            if (!view._byCounter.TryGetValue(key, out var rows))
                view._byCounter.Add(key, rows = []);
            rows.Add((reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3)));
            var transaction = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(4));
            var (times, isApproved) = view._byTransaction.GetValueOrDefault(transaction);
            view._byTransaction[transaction] = (times + 1, isApproved || (reader.GetInt16(5) == Approved && await reader.IsDBNullAsync(6, cancellation)));
        }
        return view;
    }

    /// <summary>(card, ATC)s and transactions that are there more than once.</summary>
    public int Doubled => _byCounter.Values.Count(rows => rows.Count > 1) + _byTransaction.Values.Count(transaction => transaction.Times > 1);

    /// <summary>There once, with this content and this outcome.</summary>
    public bool Holds(long card, int atc, byte[] contentHash, byte[] outcome) =>
        _byCounter.TryGetValue((card, atc), out var rows) && rows.Count == 1
        && rows[0].ContentHash.AsSpan().SequenceEqual(contentHash) && rows[0].Outcome.AsSpan().SequenceEqual(outcome);

    /// <summary>Approved and not undone.</summary>
    public bool HoldsApproved(string transaction) => _byTransaction.GetValueOrDefault(transaction).IsApproved;

    private static async Task<DbConnection> OpenAsync(Site site, CancellationToken cancellation)
    {
        DbConnection connection = site.Postgres is { } postgres
            ? new NpgsqlConnection(postgres.ConnectionString)
            : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = site.SqliteFile, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await connection.OpenAsync(cancellation);
        return connection;
    }
}
