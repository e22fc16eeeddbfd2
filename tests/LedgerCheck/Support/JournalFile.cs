using Microsoft.Data.Sqlite;

namespace SmartCard.LedgerCheck.Tests.Support;

/// <summary>
/// A terminal's database as far as the checker reads it, filled with the bakery's draws as its terminal would have journalled them; on SQLite, where one file can be read
/// from another.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smartcard-journal-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "terminal.db");

    /// <summary>Approved (5), declined (6), reversed (8) and presented (10) draws, each with its steps.</summary>
    public static JournalFile Of(string ledgerFile)
    {
        var journal = new JournalFile();
        journal.Execute($"""
            CREATE TABLE entry (sequence INTEGER PRIMARY KEY, card INTEGER, state INTEGER, record BLOB, outcome BLOB, reversal_result INTEGER);
            CREATE TABLE entry_event (id INTEGER PRIMARY KEY, sequence INTEGER, state INTEGER);
            ATTACH '{ledgerFile}' AS ledger;
            INSERT INTO entry (card, state, record, outcome, reversal_result)
            SELECT d.card, CASE WHEN r.entry IS NOT NULL OR d.status = 3 THEN 8 WHEN d.offline THEN 10 WHEN d.status = 1 THEN 5 ELSE 6 END, d.record, d.outcome,
                   CASE WHEN r.entry IS NOT NULL THEN 1 WHEN d.status = 3 THEN 2 ELSE 0 END
            FROM ledger.disbursements_disbursements AS d
            LEFT JOIN ledger.disbursements_reversals AS r ON r.card = d.card AND r.atc = d.atc
            WHERE d.terminal = 'BAKERY01' ORDER BY d.entry;
            INSERT INTO entry_event (sequence, state) SELECT sequence, 1 FROM entry;
            INSERT INTO entry_event (sequence, state) SELECT sequence, CASE state WHEN 10 THEN 9 ELSE 4 END FROM entry;
            INSERT INTO entry_event (sequence, state) SELECT sequence, 7 FROM entry WHERE state = 8;
            INSERT INTO entry_event (sequence, state) SELECT sequence, state FROM entry;
            """);
        return journal;
    }

    public void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
