using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>One table of the ledger as a load finds it: a row for each household.</summary>
/// <param name="Columns">Names, in the order of the row's values.</param>
internal sealed record StockTable(string Name, IReadOnlyList<string> Columns, Func<int, object[]> RowOf);

/// <summary>
/// The ledger in the middle of a month: every household was seen online once, and its card was lent its days of bread. These are the rows that the ledger
/// itself would have written, so a checker that replays the movements finds every balance right.
/// </summary>
internal static class LedgerStock
{
    public static IReadOnlyList<StockTable> TablesOf(BenchPopulation population, ProgrammeRules rules)
    {
        var quota = rules.QuotaOf(rules.Programmes[ProgrammeCode.Bread].Quota);
        var period = quota.PeriodOf(rules.Date).Value;
        var limit = quota.PeriodLimit(BenchPopulation.Members, rules.Date);
        var lent = Lending.TargetOf(quota, BenchPopulation.Members, rules.Date, rules.Offline);
        var code = (int)quota.Code.Value;

        return
        [
            new("households", ["bucket", "household", "version", "state"], index => [Bucket(index), Household(index), 1L, HouseholdDocument.Encode(StateOf(index))]),
            new(
                "lendings",
                ["bucket", "card", "script_counter", "household", "entry", "quota", "period", "amount", "granted", "lent_at"],
                index => [Bucket(index), Card(index), 1L, Household(index), Entry(index), code, period, lent, lent, 0L]),
            new(
                "movements",
                ["bucket", "entry", "ordinal", "household", "debit_kind", "debit_owner", "credit_kind", "credit_owner", "quota", "period", "unit", "amount"],
                index =>
                [
                    Bucket(index), Entry(index), (short)0, Household(index), (short)AccountKind.Household, Household(index), (short)AccountKind.Card, Card(index),
                    code, period, (short)quota.Unit, lent,
                ]),
        ];

        HouseholdState StateOf(int index)
        {
            var state = new HouseholdState(BenchPopulation.HouseholdOf(index), version: 1);
            state.Read(new Balance(quota.Code, quota.PeriodOf(rules.Date)) { Lent = lent, Limit = limit });
            state.Read(new LentAllowance(BenchPopulation.CardOf(index), quota.Code, quota.PeriodOf(rules.Date)) { Granted = lent, ScriptCounter = 1 });
            return state;
        }

        short Bucket(int index) => BenchPopulation.HouseholdOf(index).Bucket;
        long Household(int index) => BenchPopulation.HouseholdOf(index).Value;
        long Card(int index) => (long)BenchPopulation.CardOf(index).Value;
        static long Entry(int index) => index + 1;
    }

    /// <summary>The first entry number that the load left free.</summary>
    public static long NextEntry(BenchPopulation population) => population.Count + 1;
}
