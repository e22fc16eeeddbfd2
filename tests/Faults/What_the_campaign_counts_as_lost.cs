using Microsoft.Data.Sqlite;
using SmartCard.Faults.Rounds;

namespace SmartCard.Faults.Tests;

/// <summary>An acknowledged draw that is not there, that is there with other content or another outcome, or that is there twice; an approval that was undone.</summary>
public sealed class What_the_campaign_counts_as_lost
{
    private static readonly byte[] Content = [1];
    private static readonly byte[] Outcome = [2];

    [Fact]
    public async Task Is_not_what_stands_there_once_as_it_was_acknowledged()
    {
        var view = await ViewAsync("(10, 1, X'01', X'02', X'AA', 1)");

        Assert.True(view.Holds(10, 1, Content, Outcome));
        Assert.True(view.HoldsApproved("aa"));
        Assert.Equal(0, view.Doubled);
    }

    [Theory]
    [InlineData("(10, 2, X'01', X'02', X'AA', 1)")]
    [InlineData("(10, 1, X'FF', X'02', X'AA', 1)")]
    [InlineData("(10, 1, X'01', X'FF', X'AA', 1)")]
    [InlineData("(10, 1, X'01', X'02', X'AA', 1), (10, 1, X'01', X'02', X'BB', 1)")]
    public async Task Is_what_is_missing_or_different_or_there_twice(string rows) => Assert.False((await ViewAsync(rows)).Holds(10, 1, Content, Outcome));

    [Theory]
    [InlineData("(10, 1, X'01', X'02', X'AA', 1), (10, 1, X'01', X'02', X'BB', 1)")]
    [InlineData("(10, 1, X'01', X'02', X'AA', 1), (11, 1, X'03', X'02', X'AA', 1)")]
    public async Task Is_counted_as_doubled_by_counter_and_by_transaction(string rows) => Assert.Equal(1, (await ViewAsync(rows)).Doubled);

    [Theory]
    [InlineData("(10, 1, X'01', X'02', X'AA', 2)", "")]
    [InlineData("(10, 1, X'01', X'02', X'AA', 1)", "INSERT INTO reversals VALUES (1, 10, 1, 7)")]
    [InlineData("(10, 1, X'01', X'02', X'BB', 1)", "")]
    public async Task Is_an_approval_that_was_none_or_is_undone_or_is_not_there(string rows, string more) => Assert.False((await ViewAsync(rows, more)).HoldsApproved("aa"));

    private static async Task<LedgerView> ViewAsync(string rows, string more = "")
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        await using var create = new SqliteCommand(
            $"""
            CREATE TABLE disbursements (card INTEGER, atc INTEGER, content_hash BLOB, outcome BLOB, transaction_id BLOB, status INTEGER, bucket INTEGER DEFAULT 1);
            CREATE TABLE reversals (bucket INTEGER, card INTEGER, atc INTEGER, entry INTEGER);
            INSERT INTO disbursements (card, atc, content_hash, outcome, transaction_id, status) VALUES {rows};
            {more}
            """, connection);
        await create.ExecuteNonQueryAsync();
        return await LedgerView.ReadAsync(connection, prefix: "", CancellationToken.None);
    }
}
