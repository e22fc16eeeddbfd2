using Npgsql;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// Fills a migrated database with a register of households in the middle of a month: each has four members and an active card with two certificates, and
/// has been seen online once, so its card was lent its days of bread. Loaded past the modules, by COPY, with every row that they would have written for it.
/// </summary>
internal sealed class PostgresStock(NpgsqlDataSource database, BenchPopulation population, IReadOnlyList<StockTable> ledger)
{
    private const int CertificateLength = 230;

    public async Task LoadAsync(CancellationToken cancellation)
    {
        await ExecuteAsync("""
            INSERT INTO registry.households (household, governorate, registered_at, shape) SELECT h, 1, 0, '@shape' FROM generate_series(@first, @last) AS h;
            INSERT INTO registry.admissions (household, programme) SELECT h, p FROM generate_series(@first, @last) AS h, (VALUES (1), (2)) AS of_all(p);
            INSERT INTO registry.members (household, person, since, until, role)
            SELECT h, h * 8 + m, DATE '2024-01-01', NULL, 1 FROM generate_series(@first, @last) AS h, generate_series(1, @members) AS m;
            """, cancellation);
        var order = population.InBucketOrder();
        await CopyCardsAsync(order, cancellation);
        foreach (var table in ledger)
        {
            await CopyAsync($"disbursements.{table.Name}", string.Join(", ", table.Columns), order, (row, index) =>
            {
                foreach (var value in table.RowOf(index))
                    row.Write(value);
            }, cancellation);
        }
        await ExecuteAsync($"INSERT INTO disbursements.entry_blocks (id, next) VALUES (1, {LedgerStock.NextEntry(population)})", cancellation);
        await ExecuteAsync("VACUUM ANALYZE", cancellation);
        await ExecuteAsync("CHECKPOINT", cancellation);
    }

    /// <summary>The public keys that cards will be known by: made with the draws, so that a register need not wait for a million key pairs.</summary>
    public async Task SetSignatureKeysAsync(MadeDraws draws, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "UPDATE cards.cards AS c SET signature_key = k.key FROM unnest($1::bigint[], $2::bytea[]) AS k(card, key) WHERE c.card = k.card");
        command.CommandTimeout = 0;
        var numbers = Enumerable.Range(0, draws.Count);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. numbers.Select(number => (long)BenchPopulation.CardOf(draws.HouseholdAt(number)).Value)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. numbers.Select(number => draws.SignatureKeyAt(number).ToArray())] });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task CopyCardsAsync(int[] order, CancellationToken cancellation)
    {
        var (key, certificate) = (new byte[P256.PointLength], new byte[CertificateLength]);
        new Random(0).NextBytes(certificate);
        await CopyAsync(
            "cards.cards",
            "card, household, state, order_id, key_version, key_agreement_key, signature_key, key_agreement_certificate, signature_certificate",
            order,
            (row, index) =>
            {
                row.Write((long)BenchPopulation.CardOf(index).Value);
                row.Write(BenchPopulation.HouseholdOf(index).Value);
                row.Write((int)CardState.Active);
                row.Write(index.ToString("x32", System.Globalization.CultureInfo.InvariantCulture));
                row.Write((int)IssuerKeys.CurrentVersion);
                row.Write(key);
                row.Write(key);
                row.Write(certificate);
                row.Write(certificate);
            },
            cancellation);
    }

    private async Task CopyAsync(string table, string columns, int[] order, Action<NpgsqlBinaryImporter, int> write, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var importer = await connection.BeginBinaryImportAsync($"COPY {table} ({columns}) FROM STDIN (FORMAT binary)", cancellation);
        importer.Timeout = TimeSpan.FromHours(1);
        foreach (var index in order)
        {
            await importer.StartRowAsync(cancellation);
            write(importer, index);
        }
        await importer.CompleteAsync(cancellation);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // A register that is loaded whole refers to nothing that is not there; checking four million members one by one takes longer than loading them.
        await using (var trust = new NpgsqlCommand("SET session_replication_role = replica", connection))
            await trust.ExecuteNonQueryAsync(cancellation);
        var first = BenchPopulation.HouseholdOf(0).Value;
        await using var command = new NpgsqlCommand(
            sql.Replace("@first", $"{first}", StringComparison.Ordinal)
                .Replace("@last", $"{first + population.Count - 1}", StringComparison.Ordinal)
                .Replace("@shape", $$"""{"programmes":[1,2],"members":[{{string.Join(",", Enumerable.Repeat("[20240101,99991231]", BenchPopulation.Members))}}]}""", StringComparison.Ordinal)
                .Replace("@members", $"{BenchPopulation.Members}", StringComparison.Ordinal),
            connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
        await using var reset = new NpgsqlCommand("RESET session_replication_role", connection);
        await reset.ExecuteNonQueryAsync(cancellation);
    }
}
