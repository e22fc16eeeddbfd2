using Google.Protobuf;
using Microsoft.Data.Sqlite;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>What is about to be asked of a card.</summary>
internal sealed record DrawIntent(CardNumber Card, CryptogramKind Asked, Atc AtcBefore, GenerateAcRequest Request, Draw Draw);

/// <summary>
/// What this terminal did, step by step. Each method is one step, and on disk when it returns: before the card is asked, after it has
/// committed, after the backend has answered. Only <see cref="EntryLifeCycle"/>'s steps can be written.
/// </summary>
internal sealed partial class TapJournal
{
    private readonly TerminalDatabase _database;
    private readonly TimeProvider _time;
    private readonly SqliteCommand _insertEntry;
    private readonly SqliteCommand _insertShare;
    private readonly SqliteCommand _insertEvent;
    private readonly SqliteCommand _advance;
    private (int Number, DateOnly Date)? _openBatch;

    public TapJournal(TerminalDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _insertEntry = database.Prepare(
            """
            insert into entry (transaction_id, batch, card, asked, atc_before, request, lines, state)
            values ($id, $batch, $card, $asked, $atc, $request, $lines, 1) returning sequence
            """,
            "$id", "$batch", "$card", "$asked", "$atc", "$request", "$lines");
        _insertShare = database.Prepare(
            "insert into entry_share (sequence, programme, quantity, citizen_paid_minor) values ($sequence, $programme, $quantity, $paid)",
            "$sequence", "$programme", "$quantity", "$paid");
        _insertEvent = database.Prepare(
            "insert into entry_event (sequence, at, state, note) values ($sequence, $at, $state, $note)",
            "$sequence", "$at", "$state", "$note");
        _advance = database.Prepare(
            """
            update entry set state = $to,
                record = coalesce($record, record), cryptogram = coalesce($cryptogram, cryptogram), signature = coalesce($signature, signature),
                outcome = coalesce($outcome, outcome), acknowledgement = coalesce($acknowledgement, acknowledgement),
                remaining = coalesce($remaining, remaining), reversal_reason = $reason, reversal_result = $result, batch = $batch
            where sequence = $sequence and state = $from
            """,
            "$sequence", "$from", "$to", "$record", "$cryptogram", "$signature", "$outcome", "$acknowledgement", "$remaining", "$reason", "$result",
            "$batch");
    }

    /// <summary>After a start: what was cut off is torn, and what was never answered is to be reversed.</summary>
    public RecoveryReport Recover()
    {
        var open = Load("state in (1, 4)", null);
        var report = default(RecoveryReport);
        foreach (var entry in open)
        {
            if (entry.State == EntryState.Intent)
            {
                RecordTorn(entry, "restart");
                report = report with { Torn = report.Torn + 1 };
            }
            else
            {
                RecordReversalDue(entry, ReversalReason.TerminalRestart);
                report = report with { ReversalsDue = report.ReversalsDue + 1 };
            }
        }

        return report;
    }

    /// <summary>Step 1, before GENERATE AC is sent.</summary>
    public JournalEntry RecordIntent(DrawIntent intent) => _database.Commit(transaction =>
    {
        var batch = BatchFor(intent.Request.Date, transaction);
        var sequence = (long)_insertEntry.With(
            transaction, intent.Request.TransactionId.ToBytes(), batch, (long)intent.Card.Value, (int)intent.Asked, (int)intent.AtcBefore.Value,
            intent.Request.Encode(), EntryBytes.Encode(intent.Draw.Lines)).ExecuteScalar()!;
        foreach (var share in intent.Draw.Shares)
            _insertShare.With(transaction, sequence, (int)share.Programme.Value, (long)share.Quantity, share.CitizenPaysMinor).ExecuteNonQuery();
        AddEvent(transaction, sequence, EntryState.Intent, "");
        return new JournalEntry
        {
            Sequence = sequence,
            Batch = batch,
            Card = intent.Card,
            Asked = intent.Asked,
            AtcBefore = intent.AtcBefore,
            Request = intent.Request,
            Lines = intent.Draw.Lines,
            State = EntryState.Intent,
        };
    });

    /// <summary>Step 2, as soon as the card has answered. An ARQC awaits its answer; a TC or an AAC awaits its presentment.</summary>
    public JournalEntry RecordCommit(JournalEntry entry, SignedRecord record, IReadOnlyList<Remaining> remaining)
    {
        var state = record.Record.Kind == CryptogramKind.Online ? EntryState.Committed : EntryState.Unsent;
        return Advance(entry, entry with { State = state, Record = record, Remaining = remaining }, "");
    }

    /// <summary>The card's log had the record of a torn draw that the card decided itself. It goes into today's batch: its own may be closed.</summary>
    public JournalEntry RecordTornCommit(JournalEntry entry, SignedRecord record, IReadOnlyList<Remaining> remaining, DateOnly today)
    {
        var batch = _database.Commit(transaction => BatchFor(today, transaction));
        return Advance(
            entry, entry with { State = EntryState.Unsent, Batch = batch, Record = record, Remaining = remaining }, "found on the card");
    }

    public JournalEntry RecordNotCommitted(JournalEntry entry, string note) =>
        Advance(entry, entry with { State = EntryState.NotCommitted }, note);

    public JournalEntry RecordTorn(JournalEntry entry, string note) =>
        Advance(entry, entry with { State = EntryState.Torn }, note);

    /// <summary>The card's log had the record of a torn online draw: nobody got goods for it, so it is reversed.</summary>
    public JournalEntry RecordTornReversal(JournalEntry entry, SignedRecord record) => Advance(
        entry, entry with { State = EntryState.ReversalDue, Record = record, ReversalReason = ReversalReason.TerminalRestart }, "found on the card");

    /// <summary>Step 3 online: the backend's answer.</summary>
    public JournalEntry RecordOutcome(JournalEntry entry, Outcome outcome, IReadOnlyList<Remaining> remaining)
    {
        var approved = outcome.ResultCase == Outcome.ResultOneofCase.Approved;
        return Advance(
            entry, entry with { State = approved ? EntryState.Approved : EntryState.Declined, Outcome = outcome, Remaining = remaining },
            approved ? "" : outcome.Declined?.Reason.ToString() ?? "");
    }

    public JournalEntry RecordReversalDue(JournalEntry entry, ReversalReason reason) =>
        Advance(entry, entry with { State = EntryState.ReversalDue, ReversalReason = reason }, reason.ToString());

    /// <summary>The acknowledgement must have been verified.</summary>
    public JournalEntry RecordReversed(JournalEntry entry, ReversalResult result, ReadOnlyMemory<byte> acknowledgement) =>
        Advance(entry, entry with { State = EntryState.Reversed, ReversalResult = result }, result.ToString(), acknowledgement);

    /// <summary>The acknowledgement must have been verified.</summary>
    public JournalEntry RecordPresented(JournalEntry entry, Outcome outcome, ReadOnlyMemory<byte> acknowledgement) => Advance(
        entry, entry with { State = EntryState.Presented, Outcome = outcome }, outcome.Declined?.Reason.ToString() ?? "", acknowledgement);

    /// <summary>Sending was tried in vain once more.</summary>
    public void RecordAttempt(JournalEntry entry) => _database.Commit(transaction =>
    {
        using var update = _database.Connection.CreateCommand();
        update.Transaction = transaction;
        update.CommandText = "update entry set attempts = attempts + 1 where sequence = $sequence";
        update.Parameters.AddWithValue("$sequence", entry.Sequence);
        update.ExecuteNonQuery();
    });

    /// <summary>A tap that ended before the card was asked, so that those who were not served can be counted.</summary>
    public void RecordNotServed(DateOnly date, string lastFour, TapOutcome outcome) => _database.Commit(transaction =>
    {
        using var insert = _database.Connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "insert into not_served (at, batch, last_four, outcome) values ($at, $batch, $last_four, $outcome)";
        insert.Parameters.AddWithValue("$at", Now());
        insert.Parameters.AddWithValue("$batch", BatchFor(date, transaction));
        insert.Parameters.AddWithValue("$last_four", lastFour);
        insert.Parameters.AddWithValue("$outcome", outcome.ToString());
        insert.ExecuteNonQuery();
    });

    /// <summary>Batches may have been closed: the next draw looks for its batch anew.</summary>
    internal void ForgetOpenBatch()
    {
        lock (_database.Turn)
            _openBatch = null;
    }

    private JournalEntry Advance(JournalEntry from, JournalEntry to, string note, ReadOnlyMemory<byte> acknowledgement = default)
    {
        if (!EntryLifeCycle.Allows(from.State, to.State))
            throw new InvalidOperationException($"Entry {from.Sequence} cannot go from {from.State} to {to.State}.");
        _database.Commit(transaction =>
        {
            var rows = _advance.With(
                transaction, from.Sequence, (int)from.State, (int)to.State,
                to.Record?.Encoded.ToArray(), to.Record?.Cryptogram.ToArray(), to.Record?.Signature.ToArray(),
                to.Outcome?.ToByteArray(), acknowledgement.IsEmpty ? null : acknowledgement.ToArray(),
                EntryBytes.Encode(to.Remaining), (int)to.ReversalReason, (int)to.ReversalResult, to.Batch).ExecuteNonQuery();
            if (rows != 1)
                throw new InvalidOperationException($"Entry {from.Sequence} is no longer {from.State}.");
            AddEvent(transaction, from.Sequence, to.State, note);
        });
        return to;
    }

    private void AddEvent(SqliteTransaction transaction, long sequence, EntryState state, string note) =>
        _insertEvent.With(transaction, sequence, Now(), (int)state, note).ExecuteNonQuery();

    /// <summary>A batch has one business date: the first draw of a new day opens a new one, and the old one waits for its Z.</summary>
    private int BatchFor(DateOnly date, SqliteTransaction transaction)
    {
        if (_openBatch is { } open && open.Date == date)
            return open.Number;
        using var find = _database.Connection.CreateCommand();
        find.Transaction = transaction;
        find.CommandText = "select number from batch where business_date = $date and closed_at is null order by number desc limit 1";
        find.Parameters.AddWithValue("$date", LocalMoment.Number(date));
        if (find.ExecuteScalar() is long number)
        {
            _openBatch = ((int)number, date);
            return (int)number;
        }

        // Not remembered before it is committed.
        using var insert = _database.Connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText =
            "insert into batch (number, business_date, opened_at) values ((select coalesce(max(number), 0) + 1 from batch), $date, $now) returning number";
        insert.Parameters.AddWithValue("$date", LocalMoment.Number(date));
        insert.Parameters.AddWithValue("$now", Now());
        return (int)(long)insert.ExecuteScalar()!;
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
