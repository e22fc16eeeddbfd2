using System.Data.Common;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Registering;

/// <summary>The question that every call asks: those that ask for one terminal at the same time share a statement.</summary>
internal sealed class TerminalStandings : IAsyncDisposable
{
    /// <summary>More than the server has calls under way.</summary>
    private const int WaitingMax = 100_000;

    private readonly IDbConnectionFactory _database;
    private readonly string _sql;
    private readonly BatchedLookup<TerminalId, TerminalStanding> _single;

    public TerminalStandings(IDbConnectionFactory database)
    {
        (_database, _sql) = (database, Sql(database));
        _single = new(terminals => ReadAsync(terminals, CancellationToken.None), WaitingMax, TaskScheduler.Default);
    }

    public async Task<IReadOnlyDictionary<TerminalId, TerminalStanding>> FindAsync(IReadOnlyCollection<TerminalId> terminals, CancellationToken cancellation)
    {
        if (terminals.Count != 1)
            return await ReadAsync(terminals, cancellation);
        var terminal = terminals.First();
        var found = await _single.FindAsync(terminal, cancellation);
        return found is null ? new Dictionary<TerminalId, TerminalStanding>() : new Dictionary<TerminalId, TerminalStanding>(1) { [terminal] = found };
    }

    public ValueTask DisposeAsync() => _single.DisposeAsync();

    private async Task<IReadOnlyDictionary<TerminalId, TerminalStanding>> ReadAsync(IReadOnlyCollection<TerminalId> terminals, CancellationToken cancellation)
    {
        var found = new Dictionary<TerminalId, TerminalStanding>(terminals.Count);
        if (terminals.Count == 0)
            return found;

        await using var connection = await _database.OpenForLookupAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _sql;
        _database.AddList(command, "ids", [.. terminals.Select(terminal => terminal.Value)]);

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var programmes = new List<ProgrammeCode>();
        while (await reader.ReadAsync(cancellation))
        {
            var terminal = TerminalId.Parse(reader.GetString(0));
            if (!found.ContainsKey(terminal))
                found.Add(terminal, Read(reader, terminal, programmes = []));
            if (!await reader.IsDBNullAsync(7, cancellation))
                programmes.Add(new ProgrammeCode((ushort)reader.GetInt32(7)));
        }
        return found;
    }

    // One row a programme, a terminal's rows together.
    private static string Sql(IDbConnectionFactory database)
    {
        string Table(string name) => database.Table(MerchantsDbContext.SchemaName, name);
        return $"""
            SELECT t.terminal_id, o.merchant_id, t.outlet_id, t.state, m.suspended_because IS NOT NULL, t.tls_serial_number, t.aggregator, p.programme
            FROM {Table("terminals")} t
            JOIN {Table("outlets")} o ON o.outlet_id = t.outlet_id
            JOIN {Table("merchants")} m ON m.merchant_id = o.merchant_id
            LEFT JOIN {Table("merchant_programmes")} p ON p.merchant_id = m.merchant_id AND p.served
            WHERE {database.In("t.terminal_id", "ids")}
            ORDER BY t.terminal_id, p.programme
            """;
    }

    private static TerminalStanding Read(DbDataReader reader, TerminalId terminal, List<ProgrammeCode> programmes) => new(
        terminal,
        new MerchantId(reader.GetInt64(1)),
        new OutletId(reader.GetInt64(2)),
        (TerminalState)reader.GetInt32(3),
        reader.GetBoolean(4),
        reader.GetString(5),
        programmes)
    {
        Aggregator = reader.IsDBNull(6) ? null : reader.GetString(6),
    };
}
