using System.Runtime.CompilerServices;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>Claims of a date, row by row from the database to the caller: a day has millions.</summary>
internal sealed class LedgerReader(IDbConnectionFactory database)
{
    public async IAsyncEnumerable<ClaimedLine> LinesOfAsync(DateOnly businessDate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT transaction_id, programme, merchant_id, terminal_id, quantity, citizen_paid_minor, received_at, line_id, is_refund
            FROM {database.Table(MerchantsDbContext.SchemaName, "ledger_lines")}
            WHERE business_date = @date
            ORDER BY line_id
            """;
        command.Add("date", businessDate);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var transaction = new byte[TransactionId.Length];
        var terminals = new Dictionary<string, TerminalId>();
        while (await reader.ReadAsync(cancellation))
        {
            reader.GetBytes(0, 0, transaction, 0, transaction.Length);
            var terminalText = reader.GetString(3);
            if (!terminals.TryGetValue(terminalText, out var terminal))
                terminals.Add(terminalText, terminal = TerminalId.Parse(terminalText));
            yield return new ClaimedLine(
                TransactionId.Decode(transaction),
                new ProgrammeCode((ushort)reader.GetInt32(1)),
                new MerchantId(reader.GetInt64(2)),
                terminal,
                reader.GetInt64(4),
                reader.GetInt64(5),
                businessDate,
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(6)),
                reader.GetInt64(7))
            {
                IsRefund = reader.GetBoolean(8),
            };
        }
    }
}
