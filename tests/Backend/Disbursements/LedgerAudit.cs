using Dapper;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// The invariants, recomputed from the movements by other code than the ledger's. Every suite ends with it: whatever a test
/// did to the ledger, this has to hold.
/// </summary>
internal static class LedgerAudit
{
    private const int Fund = 1;
    private const int Household = 2;
    private const int Card = 3;
    private const int Merchant = 4;

    public static async Task AssertHoldsAsync(IDbConnectionFactory database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        string Table(string name) => database.Table(DisbursementsDbContext.SchemaName, name);
        var movements = (await connection.QueryAsync<MovementLine>($"SELECT * FROM {Table("movements")}")).AsList();
        var balances = (await connection.QueryAsync<BalanceLine>($"SELECT household, quota, period, consumed, lent, credited, quota_limit FROM {Table("balances")}")).AsList();
        var allowances = (await connection.QueryAsync<AllowanceLine>($"SELECT card, quota, period, granted, settled FROM {Table("allowances")}")).AsList();
        var disbursements = (await connection.QueryAsync<DisbursementLine>($"SELECT bucket, card, atc, entry, status, subsidy_minor FROM {Table("disbursements")}")).AsList();
        var lines = (await connection.QueryAsync<(long Card, long Atc, long Subsidy)>($"SELECT card, atc, subsidy_minor FROM {Table("disbursement_lines")}")).AsList();

        Assert.All(movements, movement => Assert.True(movement.amount > 0));
        Assert.Equal(balances.Select(Replayed).Order(), balances.Select(row => (row.household, row.quota, row.period, row.consumed, row.lent, row.credited)).Order());
        Assert.Equal(allowances.Select(ReplayedAllowance).Order(), allowances.Select(row => (row.card, row.quota, row.period, row.granted, row.settled)).Order());
        Assert.All(balances, row => Assert.True(row.consumed >= 0 && row.lent >= 0 && row.consumed + row.lent <= row.quota_limit));
        Assert.All(balances, row => Assert.Equal(row.lent, allowances.Where(own => own.quota == row.quota && own.period == row.period && HouseholdOf(own.card) == row.household).Sum(own => own.granted - own.settled)));

        var entries = movements.ToLookup(movement => movement.entry);
        var linesByKey = lines.ToLookup(line => (line.Card, line.Atc));
        Assert.All(disbursements, row =>
        {
            var own = linesByKey[(row.card, row.atc)].ToArray();
            Assert.Equal(row.status == 1, own.Length > 0);
            Assert.Equal(row.subsidy_minor, own.Sum(line => line.Subsidy));
            Assert.Equal(row.subsidy_minor, entries[row.entry].Where(movement => movement.debit_kind == Fund && movement.credit_kind == Merchant).Sum(movement => movement.amount));
            Assert.True(row.status != 2 || !entries[row.entry].Any());
        });

        (long, long, long, long, long, long) Replayed(BalanceLine row)
        {
            var own = movements.Where(movement => movement.household == row.household && movement.quota == row.quota && movement.period == row.period).ToArray();
            var consumed = Sum(own, Household, Merchant) + Sum(own, Card, Merchant) + Sum(own, Household, Fund) - Sum(own, Merchant, Household);
            var lent = Sum(own, Household, Card) - Sum(own, Card, Merchant) - Sum(own, Card, Household);
            return (row.household, row.quota, row.period, consumed, lent, Sum(own, Fund, Household));
        }

        (long, long, long, long, long) ReplayedAllowance(AllowanceLine row)
        {
            var own = movements.Where(movement => movement.quota == row.quota && movement.period == row.period).ToArray();
            var granted = own.Where(movement => movement.debit_kind == Household && movement.credit_kind == Card && movement.credit_owner == row.card).Sum(movement => movement.amount);
            var settled = own.Where(movement => movement.debit_kind == Card && movement.debit_owner == row.card).Sum(movement => movement.amount);
            return (row.card, row.quota, row.period, granted, settled);
        }

        long HouseholdOf(long card) => movements.First(movement => movement.credit_kind == Card && movement.credit_owner == card).household;
    }

    private static long Sum(IEnumerable<MovementLine> movements, int debit, int credit) =>
        movements.Where(movement => movement.debit_kind == debit && movement.credit_kind == credit).Sum(movement => movement.amount);

#pragma warning disable IDE1006, CA1812, S101 // The names are the columns'.
    private sealed class MovementLine
    {
        public long entry { get; set; }
        public long household { get; set; }
        public int debit_kind { get; set; }
        public long debit_owner { get; set; }
        public int credit_kind { get; set; }
        public long credit_owner { get; set; }
        public long quota { get; set; }
        public long period { get; set; }
        public long amount { get; set; }
    }

    private sealed class BalanceLine
    {
        public long household { get; set; }
        public long quota { get; set; }
        public long period { get; set; }
        public long consumed { get; set; }
        public long lent { get; set; }
        public long credited { get; set; }
        public long quota_limit { get; set; }
    }

    private sealed class AllowanceLine
    {
        public long card { get; set; }
        public long quota { get; set; }
        public long period { get; set; }
        public long granted { get; set; }
        public long settled { get; set; }
    }

    private sealed class DisbursementLine
    {
        public long card { get; set; }
        public long atc { get; set; }
        public long entry { get; set; }
        public int status { get; set; }
        public long subsidy_minor { get; set; }
    }
#pragma warning restore IDE1006, CA1812, S101
}
