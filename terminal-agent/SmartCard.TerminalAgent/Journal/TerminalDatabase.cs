using Dapper;
using Microsoft.Data.Sqlite;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>
/// The terminal's one database file: journal, batches, parameters, denylist. Write-ahead log with synchronous=FULL, so that what was committed
/// survives a power cut; readable by its owner alone. A file of an older release gets the tables that it lacks when it is opened. One connection, taken in turns under
/// <see cref="Turn"/>.
/// </summary>
internal sealed class TerminalDatabase : IDisposable
{
    private const string Schema = """
        create table if not exists batch (
          number         integer primary key,
          business_date  integer not null,            -- yyyymmdd
          opened_at      integer not null,            -- Unix milliseconds, here and below
          closed_at      integer,
          totals         blob,                        -- subsidy.v1.CloseBatchRequest
          answer         blob,                        -- subsidy.v1.CloseBatchResponse, once the backend has it
          upload         blob                         -- subsidy.v1.UploadLedgerResponse, once the lines are there
        ) strict;
        create table if not exists entry (
          sequence        integer primary key autoincrement,
          transaction_id  blob    not null unique check (length(transaction_id) = 16),
          batch           integer not null references batch (number),
          card            integer not null,
          asked           integer not null,
          atc_before      integer not null,
          request         blob    not null,           -- data field of GENERATE AC
          lines           blob    not null,
          state           integer not null,
          record          blob,
          cryptogram      blob,
          signature       blob,
          outcome         blob,                       -- subsidy.v1.Outcome
          acknowledgement blob,
          reversal_reason integer not null default 0,
          reversal_result integer not null default 0,
          remaining       blob,
          attempts        integer not null default 0
        ) strict;
        create index if not exists entry_unsent on entry (sequence) where state in (4, 7, 9);
        create index if not exists entry_torn   on entry (card)     where state = 2;
        create index if not exists entry_batch  on entry (batch);
        create table if not exists entry_share (
          sequence           integer not null references entry (sequence) on delete cascade,
          programme          integer not null,
          quantity           integer not null,
          citizen_paid_minor integer not null,
          primary key (sequence, programme)
        ) strict, without rowid;
        create table if not exists refund (           -- goods that came back of a draw
          number       integer primary key autoincrement,
          refund_id    blob    not null unique check (length(refund_id) = 16),
          draw         integer not null references entry (sequence) on delete cascade,
          batch        integer not null references batch (number),
          lines        blob    not null,
          state        integer not null,
          asked_at     integer not null,
          answered_at  integer,
          answer       blob,                          -- subsidy.v1.RefundResponse
          attempts     integer not null default 0
        ) strict;
        create index if not exists refund_due   on refund (number) where state = 1;
        create index if not exists refund_draw  on refund (draw);
        create index if not exists refund_batch on refund (batch);
        create table if not exists refund_share (
          number             integer not null references refund (number) on delete cascade,
          programme          integer not null,
          quantity           integer not null,
          citizen_gets_minor integer not null,
          primary key (number, programme)
        ) strict, without rowid;
        create table if not exists entry_event (      -- only ever grows
          id       integer primary key autoincrement,
          sequence integer not null,
          at       integer not null,
          state    integer not null,
          note     text    not null
        ) strict;
        create table if not exists not_served (       -- taps that ended without a draw, so that exclusion can be counted
          id        integer primary key autoincrement,
          at        integer not null,
          batch     integer not null,
          last_four text    not null,
          outcome   text    not null
        ) strict;
        create table if not exists setting (
          name  text primary key,
          value blob not null
        ) strict, without rowid;
        create table if not exists denied_card (
          card integer primary key
        ) strict;
        create table if not exists card_certificate ( -- checked ones, by card and use
          card        integer not null,
          use         integer not null,
          certificate blob    not null,
          unique (card, use)
        ) strict;
        """;

    private readonly List<SqliteCommand> _prepared = [];

    private TerminalDatabase(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <summary>Held around every use of the connection.</summary>
    public Lock Turn { get; } = new();

    public static TerminalDatabase Open(string path)
    {
        CreateOwnerOnly(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = 5,
        }.ToString());
        connection.Open();
        connection.Execute("pragma journal_mode = wal; pragma synchronous = full;");
        connection.Execute(Schema);
        return new TerminalDatabase(connection);
    }

    /// <summary>A statement that is compiled once and run often; its parameters are set by <see cref="SqliteCommands.With"/>.</summary>
    public SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter(parameter, DBNull.Value));
        command.Prepare();
        _prepared.Add(command);
        return command;
    }

    /// <summary>Runs a unit of work under the turn and commits it: one flush.</summary>
    public T Commit<T>(Func<SqliteTransaction, T> work)
    {
        lock (Turn)
        {
            using var transaction = Connection.BeginTransaction();
            var result = work(transaction);
            transaction.Commit();
            return result;
        }
    }

    public void Commit(Action<SqliteTransaction> work) => Commit(transaction =>
    {
        work(transaction);
        return 0;
    });

    public T Read<T>(Func<SqliteConnection, T> query)
    {
        lock (Turn)
            return query(Connection);
    }

    public void Dispose()
    {
        lock (Turn)
        {
            foreach (var command in _prepared)
                command.Dispose();
            Connection.Dispose();
        }
    }

    private static void CreateOwnerOnly(string path)
    {
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
    }
}

internal static class SqliteCommands
{
    /// <summary>Sets the parameters in the order in which the statement was prepared.</summary>
    public static SqliteCommand With(this SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var index = 0; index < values.Length; index++)
            command.Parameters[index].Value = values[index] ?? DBNull.Value;
        return command;
    }
}
