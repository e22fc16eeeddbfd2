using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Queries;

/// <summary>What reconciliation and batch close read: lines of approved disbursements that no reversal undid.</summary>
internal sealed class LedgerQueries(IDbConnectionFactory database)
{
    private string Lines => $"""
        FROM {Table("disbursement_lines")} AS l
        WHERE l.drawn_on = @date AND NOT EXISTS (SELECT 1 FROM {Table("reversals")} AS r WHERE r.bucket = l.bucket AND r.card = l.card AND r.atc = l.atc)
        """;

    /// <summary>Streamed: a day of a country is millions of lines.</summary>
    public async IAsyncEnumerable<RecordedLine> LinesOfAsync(DateOnly businessDate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT l.transaction_id, l.programme, l.merchant, l.terminal, l.quantity, l.citizen_pays_minor, l.subsidy_minor, l.drawn_on, l.recorded_on, l.offline {Lines}";
        Add(command, "@date", Yyyymmdd.Of(businessDate));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var terminals = new Dictionary<string, TerminalId>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new RecordedLine(
                TransactionId.Decode(reader.GetFieldValue<byte[]>(0)),
                new ProgrammeCode((ushort)reader.GetInt32(1)),
                new MerchantId(reader.GetInt64(2)),
                TerminalOf(reader.GetString(3), terminals),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetInt64(6),
                Yyyymmdd.ToDate(reader.GetInt32(7)),
                Yyyymmdd.ToDate(reader.GetInt32(8)),
                reader.GetBoolean(9));
        }
    }

    public async IAsyncEnumerable<RefundedLine> RefundsOfAsync(DateOnly businessDate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT l.transaction_id, l.programme, l.merchant, l.terminal, l.quantity, l.citizen_gets_minor, l.subsidy_minor, l.drawn_on, l.refunded_on
            FROM {Table("refund_lines")} AS l WHERE l.refunded_on = @date
            """;
        Add(command, "@date", Yyyymmdd.Of(businessDate));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new RefundedLine(
                TransactionId.Decode(reader.GetFieldValue<byte[]>(0)),
                new ProgrammeCode((ushort)reader.GetInt32(1)),
                new MerchantId(reader.GetInt64(2)),
                TerminalId.Parse(reader.GetString(3)),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetInt64(6),
                Yyyymmdd.ToDate(reader.GetInt32(7)),
                Yyyymmdd.ToDate(reader.GetInt32(8)));
        }
    }

    public async Task<IReadOnlyList<BatchTotal>> TotalsOfAsync(TerminalId terminal, DateOnly businessDate, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<(int Programme, long Draws, long Quantity, long CitizenPays)>(new CommandDefinition(
            $"""
            SELECT l.programme, count(*), CAST(sum(l.quantity) AS bigint), CAST(sum(l.citizen_pays_minor) AS bigint)
            {Lines} AND l.terminal = @terminal GROUP BY l.programme ORDER BY l.programme
            """,
            new { date = Yyyymmdd.Of(businessDate), terminal = terminal.Value },
            cancellationToken: cancellation));
        return [.. rows.Select(row => new BatchTotal(new ProgrammeCode((ushort)row.Programme), (int)row.Draws, row.Quantity, row.CitizenPays))];
    }

    private string Table(string table) => database.Table(DisbursementsDbContext.SchemaName, table);

    /// <summary>A day has few terminals and many lines: one string for each terminal.</summary>
    private static TerminalId TerminalOf(string text, Dictionary<string, TerminalId> known)
    {
        if (!known.TryGetValue(text, out var terminal))
            known.Add(text, terminal = TerminalId.Parse(text));
        return terminal;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
