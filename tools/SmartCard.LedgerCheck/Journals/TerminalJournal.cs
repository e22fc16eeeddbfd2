using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Evidence;

namespace SmartCard.LedgerCheck.Journals;

/// <summary>One draw as a terminal's journal tells it.</summary>
/// <param name="Steps">The states it went through, oldest first.</param>
internal sealed record JournalledDraw(
    string Journal, long Sequence, long Card, int State, byte[]? Record, byte[]? Outcome, int ReversalResult, IReadOnlyList<int> Steps)
{
    // Numbers of the journal's file (terminal-agent, EntryState).
    public const int Intent = 1;
    public const int Torn = 2;
    public const int NotCommitted = 3;
    public const int Committed = 4;
    public const int Approved = 5;
    public const int Declined = 6;
    public const int ReversalDue = 7;
    public const int Reversed = 8;
    public const int Unsent = 9;
    public const int Presented = 10;

    /// <summary>Which step may follow which.</summary>
    private static readonly HashSet<(int, int)> Allowed =
    [
        (Intent, Committed), (Intent, Unsent), (Intent, NotCommitted), (Intent, Torn), (Torn, Unsent), (Torn, ReversalDue), (Torn, NotCommitted),
        (Committed, Approved), (Committed, Declined), (Committed, ReversalDue), (Approved, ReversalDue), (ReversalDue, Reversed), (Unsent, Presented),
    ];

    public StoredRecord? Signed { get; } = Record is not null && StoredRecord.TryRead(Record, out var signed) ? signed : null;

    public byte[] ContentHash { get; } = Record is null ? [] : SHA256.HashData(Record);

    public StoredOutcome? Told { get; } = Outcome is not null && StoredOutcome.TryRead(Outcome, out var told) ? told : null;

    /// <summary>The backend has taken it over, as far as the terminal knows.</summary>
    public bool IsAcknowledged => State is Approved or Declined or Reversed or Presented;

    /// <summary>Goods were handed over and nothing has taken that back.</summary>
    public bool IsHandedOver => State == Approved || (State == Unsent && Signed is { Kind: StoredRecord.Offline }) || (State == Presented && Told is { IsApproved: true });

    /// <summary>Logged from the intent on, each step one that may follow, and the last one where the draw stands.</summary>
    public bool IsLogged =>
        Steps.Count > 0 && Steps[0] == Intent && Steps[^1] == State && Steps.Zip(Steps.Skip(1)).All(Allowed.Contains);
}

/// <summary>A terminal's database file, read by its own SQL and not changed: a copy, or a terminal's that runs.</summary>
internal static class TerminalJournal
{
    /// <exception cref="UnreadableLedgerException">The file is no terminal's journal.</exception>
    public static async Task<IReadOnlyList<JournalledDraw>> ReadAsync(string file, CancellationToken cancellation)
    {
        if (!File.Exists(file))
            throw new UnreadableLedgerException($"There is no journal {file}.");
        try
        {
            await using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            await connection.OpenAsync(cancellation);
            await using var snapshot = connection.BeginTransaction(deferred: true);
            var steps = await ReadStepsAsync(connection, snapshot, cancellation);
            return await ReadDrawsAsync(connection, snapshot, Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))!, steps, cancellation);
        }
        catch (SqliteException exception)
        {
            throw new UnreadableLedgerException($"{file} cannot be read as a terminal's journal: {exception.Message}", exception);
        }
    }

    private static async Task<ILookup<long, int>> ReadStepsAsync(SqliteConnection connection, SqliteTransaction snapshot, CancellationToken cancellation)
    {
        var steps = new List<(long Sequence, int State)>();
        await using var command = new SqliteCommand("SELECT sequence, state FROM entry_event ORDER BY id", connection, snapshot);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            steps.Add((reader.GetInt64(0), reader.GetInt32(1)));
        return steps.ToLookup(step => step.Sequence, step => step.State);
    }

    private static async Task<IReadOnlyList<JournalledDraw>> ReadDrawsAsync(
        SqliteConnection connection, SqliteTransaction snapshot, string journal, ILookup<long, int> steps, CancellationToken cancellation)
    {
        var draws = new List<JournalledDraw>();
        await using var command = new SqliteCommand("SELECT sequence, card, state, record, outcome, reversal_result FROM entry ORDER BY sequence", connection, snapshot);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            draws.Add(new JournalledDraw(
                journal, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2),
                await reader.IsDBNullAsync(3, cancellation) ? null : reader.GetFieldValue<byte[]>(3),
                await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetFieldValue<byte[]>(4),
                reader.GetInt32(5), [.. steps[reader.GetInt64(0)]]));
        }
        return draws;
    }
}
