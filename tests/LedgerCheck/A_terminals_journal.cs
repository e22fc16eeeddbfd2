using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Tests.Support;

namespace SmartCard.LedgerCheck.Tests;

/// <summary>
/// Invariants 7 and 8: a journal beside the ledger. In agreement; without what the ledger should have; with goods and no record; with steps that are missing; with what is still to be sent; with
/// what was changed on its way.</summary>
public sealed class A_terminals_journal(SqliteWrittenLedger written) : IClassFixture<SqliteWrittenLedger>
{
    private const string FirstApproved = "(SELECT min(sequence) FROM entry WHERE state = 5)";

    // A draw of a counter (7777) that the ledger has nothing of, and an outcome { declined { reason } }.
    private const string DeclinedUnknownCard = $"{DeclinedBefore} X'1A020804' {DeclinedAfter}";
    private const string DeclinedMalformed = $"{DeclinedBefore} X'1A020801' {DeclinedAfter}";
    private const string DeclinedBefore =
        "INSERT INTO entry (card, state, record, reversal_result, outcome) SELECT card, 6, CAST(substr(record, 1, 9) || X'7777' || substr(record, 12) AS BLOB), 0,";
    private const string DeclinedAfter =
        $"FROM entry WHERE sequence = {FirstApproved}; INSERT INTO entry_event (sequence, state) SELECT max(sequence), 1 FROM entry; "
        + "INSERT INTO entry_event (sequence, state) SELECT max(sequence), 4 FROM entry; INSERT INTO entry_event (sequence, state) SELECT max(sequence), 6 FROM entry";

    [Fact]
    public async Task That_agrees_with_the_ledger_holds()
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);

        var report = await ledger.CheckAsync(journal.Path);

        Assert.Equal([], report.BrokenChecks);
        Assert.All(report.Invariants.Where(invariant => invariant.Invariant.Number is 7 or 8), invariant => Assert.Equal(Reports.Verdict.Held, invariant.Verdict));
    }

    [Fact]
    public async Task Of_a_draw_whose_card_number_was_changed_on_its_way_holds_where_the_other_number_was_kept()
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);
        journal.Execute(DeclinedUnknownCard);
        await ledger.SpoilAsync("INSERT INTO [refused_records] (bucket, card, atc, content_hash, reason, terminal, merchant, refused_at) VALUES (1, 18, 30583, X'00', 4, 'BAKERY01', 1, 1)");

        Assert.DoesNotContain((await ledger.CheckAsync(journal.Path)).BrokenChecks, check => check.Invariant.Number is 7 or 8);
    }

    [Fact]
    public async Task Of_a_draw_that_came_as_no_record_holds_without_evidence()
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);
        journal.Execute(DeclinedMalformed);

        Assert.DoesNotContain((await ledger.CheckAsync(journal.Path)).BrokenChecks, check => check.Invariant.Number is 7 or 8);
    }

    [Fact]
    public async Task Is_not_asked_for_and_then_says_so()
    {
        await using var ledger = await written.CopyAsync();

        var report = await ledger.CheckAsync();

        Assert.All(
            report.Invariants.Where(invariant => invariant.Invariant.Number is 7 or 8).SelectMany(invariant => invariant.Checks),
            check => Assert.Contains("--journal", Assert.IsType<Finding.NotApplicable>(check.Finding).Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("journal-recorded", $"UPDATE entry SET outcome = (SELECT outcome FROM entry WHERE state = 6) WHERE sequence = {FirstApproved}", "differs=outcome")]
    [InlineData("journal-recorded", $"UPDATE entry SET record = zeroblob(107) || X'00' WHERE sequence = {FirstApproved}", "differs=no record")]
    [InlineData("journal-recorded", "UPDATE entry SET reversal_result = 2 WHERE reversal_result = 1", "differs=reversal")]
    [InlineData("journal-recorded", $"UPDATE entry SET state = 6, outcome = X'1A020801' WHERE sequence = {FirstApproved}", "differs=recorded all the same")]
    [InlineData("journal-recorded", DeclinedUnknownCard, "differs=no evidence kept")]
    [InlineData("journal-not-undone", "UPDATE entry SET state = 5 WHERE reversal_result = 1", "differs=undone in the ledger")]
    [InlineData("goods-recorded", $"UPDATE entry SET record = NULL WHERE sequence = {FirstApproved}", "differs=no record of this card")]
    [InlineData("goods-recorded", $"UPDATE entry SET card = card + 1 WHERE sequence = {FirstApproved}", "differs=no record of this card")]
    [InlineData("draw-logged", $"DELETE FROM entry_event WHERE sequence = {FirstApproved} AND state = 4", "differs=steps 1,5")]
    [InlineData("draw-logged", $"DELETE FROM entry_event WHERE sequence = {FirstApproved}", "differs=steps ")]
    [InlineData("draw-logged", "INSERT INTO entry (card, state, reversal_result) VALUES (1, 2, 0); INSERT INTO entry_event (sequence, state) SELECT max(sequence), 1 FROM entry", "state=2 differs=steps 1")]
    public async Task That_tells_something_else_is_found_out(string check, string spoiling, string row)
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);
        journal.Execute(spoiling);

        var found = Assert.Single((await ledger.CheckAsync(journal.Path)).BrokenChecks, broken => broken.Name == check);

        Assert.Contains(((Finding.Broken)found.Finding).Rows, shown => shown.ToString().EndsWith(row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_draws_that_the_ledger_lost_is_found_out()
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);
        await ledger.SpoilAsync("DELETE FROM [disbursements] WHERE status = 1 AND offline");

        var found = Assert.Single((await ledger.CheckAsync(journal.Path)).BrokenChecks, broken => broken.Name == "journal-recorded");

        Assert.Contains(((Finding.Broken)found.Finding).Rows, shown => shown.ToString().EndsWith("differs=not in the ledger", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_draws_still_to_be_sent_holds()
    {
        await using var ledger = await written.CopyAsync();
        using var journal = JournalFile.Of(ledger.Arguments[1]);
        await ledger.SpoilAsync("DELETE FROM [refused_records]");
        journal.Execute($"UPDATE entry SET state = 4, outcome = NULL WHERE sequence = {FirstApproved}; DELETE FROM entry_event WHERE state = 5 AND sequence = (SELECT sequence FROM entry WHERE state = 4)");

        var report = await ledger.CheckAsync(journal.Path);

        Assert.DoesNotContain(report.BrokenChecks, check => check.Invariant.Number is 7 or 8);
    }
}
