# Protections of the ledger and of the terminal's journal, each a line that can be taken away, with what has to notice. Sourced by tools/mutate, which defines
# the three words used here:
#
#   mutation NAME PROTECTION FILE OLD NEW   in FILE, OLD (which occurs exactly once) becomes NEW
#   noticed_by_test PROJECT TEST            a test of tests/PROJECT, by the end of its full name
#   noticed_by_simulation SEEDS             some seed of the range

mutation content-hash "other content under a repeated (card, ATC) is no repetition" \
    backend/Modules/Disbursements/Decisions/DrawDecision.cs \
    'if (draw.Signed.ContentHash().AsSpan().SequenceEqual(occupant.ContentHash.Span))' \
    'if (occupant is not null)'
noticed_by_test Backend A_record_that_is_not_what_it_seems_on_sqlite.Replayed_with_other_content_is_declined_and_the_first_outcome_stands
noticed_by_simulation 1..120

mutation limit-decision "a draw beyond what is left of the period is declined" \
    backend/Modules/Disbursements/Decisions/Limits.cs \
    'if (share.Quantity > AvailableIn(date, share.Quota, members, state))' \
    'if (share.Quantity < 0)'
noticed_by_test Backend An_online_draw_on_sqlite.Beyond_the_months_money_is_declined_with_what_is_left
noticed_by_simulation 1..120

mutation limit-constraint "the database refuses a balance beyond its limit, whatever a program believes" \
    backend/Modules/Disbursements/Tables/DisbursementsDbContext.cs \
    "NothingBelowZero = \"state NOT LIKE '%-%'\"" \
    'NothingBelowZero = "1 = 1"'
noticed_by_test Backend The_ledgers_tables_on_sqlite.Refuse_a_household_with_anything_below_zero
noticed_by_test Backend The_ledgers_tables_on_postgres.Refuse_a_household_with_anything_below_zero

mutation answer-after-commit "an answer leaves after its batch is on disk" \
    backend/Modules/Disbursements/Batches/LedgerWriter.cs \
    'var written = write.IsEmpty ? new HashSet<HouseholdId>() : await _ledger.WriteAsync(write, CancellationToken.None);' \
    'var written = changing.Select(state => state.Household).ToHashSet(); _ = write.IsEmpty ? null : _ledger.WriteAsync(write, CancellationToken.None);'
noticed_by_test Backend Two_processes_on_one_ledger_on_sqlite.Give_one_record_one_outcome
noticed_by_simulation 1..120

mutation ledger-flush "what SQLite committed survives a power cut" \
    backend/SmartCard.Backend.Platform/Databases/SqliteDatabase.cs \
    'PRAGMA synchronous=FULL;' \
    'PRAGMA synchronous=NORMAL;'
noticed_by_test Backend What_was_committed_to_sqlite.Is_flushed_to_the_disk_on_every_connection

mutation journal-flush "what the terminal's journal committed survives a power cut" \
    terminal-agent/SmartCard.TerminalAgent/Journal/TerminalDatabase.cs \
    'pragma synchronous = full;' \
    'pragma synchronous = normal;'
noticed_by_test TerminalAgent TheJournal.Flushes_every_commit_to_the_disk

mutation journal-commit "the intent is in the journal before the card is asked" \
    terminal-agent/SmartCard.TerminalAgent/Journal/TerminalDatabase.cs \
    'transaction.Commit();' \
    ''
noticed_by_test TerminalAgent AProcessKilled.After_the_intent_finds_a_torn_draw_that_the_card_never_made

mutation refund-intent "a refund is sent again under the id that was journalled before its first call" \
    terminal-agent/SmartCard.TerminalAgent/Backend/BackendLink.cs \
    'RefundId = refund.RefundIdText' \
    'RefundId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16))'
noticed_by_test TerminalAgent ARefundWithoutAnswer.Is_sent_again_under_the_same_id_and_recorded_once

mutation version-gate "a household is written only at the version at which it was read (PostgreSQL)" \
    backend/Modules/Disbursements/Batches/PostgresWrite.cs \
    ' WHERE h.version = excluded.version - 1' \
    ''
noticed_by_test Backend Two_processes_on_one_ledger_on_postgres.Never_let_two_hundred_draws_of_one_household_exceed_its_quota

mutation version-gate-sqlite "the same on SQLite" \
    backend/Modules/Disbursements/Batches/SqliteLedger.cs \
    ' WHERE version = excluded.version - 1 RETURNING' \
    ' RETURNING'
noticed_by_test Backend Two_processes_on_one_ledger_on_sqlite.Never_let_two_hundred_draws_of_one_household_exceed_its_quota

mutation unique-key "the database has room for one disbursement of a (card, ATC)" \
    backend/Modules/Disbursements/Tables/Migrations/CreateLedger.cs \
    'outcome = table.Column<byte[]>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc });' \
    'outcome = table.Column<byte[]>(),
            },
            columns => new { columns.bucket, columns.card, columns.atc, columns.entry });'
noticed_by_test Backend The_ledgers_tables_on_sqlite.Refuse_a_second_disbursement_of_one_card_and_counter
noticed_by_test Backend The_ledgers_tables_on_postgres.Refuse_a_second_disbursement_of_one_card_and_counter

mutation tombstone "a draw that comes after its reversal finds its place taken" \
    backend/Modules/Disbursements/Decisions/ReversalDecision.cs \
    'return Bury(advice, state, today, ids);' \
    'return ReversalResult.NothingToUndo;'
noticed_by_test Backend A_reversal_on_sqlite.That_comes_first_keeps_the_late_draw_from_succeeding
noticed_by_simulation 1..120
