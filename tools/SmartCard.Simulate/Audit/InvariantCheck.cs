using Google.Protobuf;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.World;
using TransactionId = SmartCard.Protocol.Transactions.TransactionId;

namespace SmartCard.Simulate.Audit;

/// <summary>
/// The ledger's invariants, recomputed from its rows by other code than the ledger's. A household is checked as a whole whenever something of it was written;
/// what was there before must be there unchanged.
/// </summary>
internal sealed class InvariantCheck(ILedgerContents contents, IProgrammes programmes, Registers registers)
{
    private const int Fund = 1, Household = 2, Card = 3, Merchant = 4;
    private const int Approved = 1, Declined = 2, Tombstone = 3;

    /// <summary>Reasons up to this one take no (card, ATC), and so does a replayed one.</summary>
    private const DeclineReason LastUnrecorded = DeclineReason.AtcReplayed;

    private readonly HashSet<HouseholdId> _touched = [];
    private readonly Dictionary<HouseholdId, Seen> _seen = [];

    public void Touch(IEnumerable<HouseholdId> households) => _touched.UnionWith(households);

    /// <summary>The first that is broken, of the households touched since the last check.</summary>
    public Violation? Check()
    {
        Violation? broken = null;
        foreach (var household in _touched)
            broken ??= Check(household);
        _touched.Clear();
        return broken;
    }

    /// <summary>Acknowledged means on disk, byte for byte.</summary>
    public Violation? BrokenByAnswer(Outcome outcome)
    {
        if (outcome.Declined is { } declined && declined.Reason <= LastUnrecorded)
            return null;
        var transaction = TransactionId.TryParse(outcome.TransactionId, out var id) ? id.ToBytes() : [];
        var rows = contents.Rows("disbursements").Where(row => row.Bytes("transaction_id").AsSpan().SequenceEqual(transaction)).ToArray();
        return rows.Any(row => row.Bytes("outcome").AsSpan().SequenceEqual(outcome.ToByteArray()))
            ? null
            : new Violation("3: what is acknowledged is recorded, byte for byte", $"{outcome.TransactionId} was answered with {outcome.ResultCase}; {rows.Length} rows");
    }

    private Violation? Check(HouseholdId household)
    {
        var rows = new HouseholdRows(contents, household);
        return BrokenEntries(rows) ?? BrokenGrowth(household, rows) ?? BrokenKeys(rows) ?? BrokenBalances(household, rows) ?? BrokenAllowances(rows) ?? BrokenOutcomes(rows);
    }

    /// <summary>1: a movement moves something, from one account to another, in one unit an entry and quota.</summary>
    private static Violation? BrokenEntries(HouseholdRows rows)
    {
        foreach (var movement in rows.Movements)
        {
            if (movement.Long("amount") <= 0 || (movement.Long("debit_kind"), movement.Long("debit_owner")) == (movement.Long("credit_kind"), movement.Long("credit_owner")))
                return new Violation("1: debits equal credits", $"entry {movement.Long("entry")} moves {movement.Long("amount")}");
        }

        // Each entry belongs to one thing that happened, and to one alone.
        var owners = rows.Disbursements.Concat(rows.Lendings).Concat(rows.Reversals).Concat(rows.Credits).Concat(rows.Refunds).Concat(rows.Expiries).GroupBy(row => row.Long("entry")).ToDictionary(group => group.Key, group => group.Count());
        foreach (var entry in rows.Movements.Select(movement => movement.Long("entry")).Distinct())
        {
            if (owners.GetValueOrDefault(entry) != 1)
                return new Violation("1: an entry belongs to one disbursement, lending, reversal, credit, refund or expiry", $"entry {entry} to {owners.GetValueOrDefault(entry)}");
        }

        return null;
    }

    /// <summary>1: the ledger only grows.</summary>
    private Violation? BrokenGrowth(HouseholdId household, HouseholdRows rows)
    {
        if (!_seen.TryGetValue(household, out var seen))
            _seen.Add(household, seen = new Seen());
        foreach (var row in rows.Disbursements)
        {
            var key = (row.Long("card"), row.Long("atc"));
            if (!seen.Outcomes.TryAdd(key, row.Bytes("outcome")) && !seen.Outcomes[key].AsSpan().SequenceEqual(row.Bytes("outcome")))
                return new Violation("3: the first outcome stands for ever", $"{key} has another outcome");
        }

        if (rows.Disbursements.Count < seen.Outcomes.Count || rows.Movements.Count < seen.Movements || rows.Lendings.Count < seen.Lendings || rows.Reversals.Count < seen.Reversals)
            return new Violation("1: nothing is deleted", $"household {household} has lost rows");
        (seen.Movements, seen.Lendings, seen.Reversals) = (rows.Movements.Count, rows.Lendings.Count, rows.Reversals.Count);
        return null;
    }

    /// <summary>3: at most one disbursement for a (card, ATC).</summary>
    private static Violation? BrokenKeys(HouseholdRows rows)
    {
        var twice = rows.Disbursements.GroupBy(row => (row.Long("card"), row.Long("atc"))).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : new Violation("3: at most one disbursement per (card, ATC)", $"{twice.Key} has {twice.Count()}");
    }

    /// <summary>2: no balance below zero, and each the replay of its movements. 4: consumed + lent within the quota.</summary>
    private Violation? BrokenBalances(HouseholdId household, HouseholdRows rows)
    {
        var members = registers.MembersMaxOf(household);
        var replayed = rows.Movements.ToLookup(movement => (movement.Long("quota"), movement.Long("period")));
        foreach (var key in replayed.Select(group => group.Key).Where(key => !rows.Balances.Any(balance => (balance.Long("quota"), balance.Long("period")) == key)))
            return new Violation("2: a balance is the replay of its movements", $"household {household} has moved {key} but has no balance of it");
        foreach (var balance in rows.Balances)
        {
            var key = (balance.Long("quota"), balance.Long("period"));
            var own = replayed[key].ToArray();
            var kept = (Consumed: balance.Long("consumed"), Lent: balance.Long("lent"), Credited: balance.Long("credited"));
            var expected = (
                Consumed: Sum(own, Household, Merchant) + Sum(own, Card, Merchant) + Sum(own, Household, Fund) - Sum(own, Merchant, Household),
                Lent: Sum(own, Household, Card) - Sum(own, Card, Merchant) - Sum(own, Card, Household),
                Credited: Sum(own, Fund, Household));
            if (kept != expected)
                return new Violation("2: a balance is the replay of its movements", $"household {household}, {key}: {kept}, movements say {expected}");
            if (kept.Consumed < 0 || kept.Lent < 0 || kept.Credited < 0)
                return new Violation("2: no balance below zero", $"household {household}, {key}: {kept}");
            if (kept.Consumed + kept.Lent > balance.Long("quota_limit"))
                return new Violation("4: consumed + lent <= quota", $"household {household}, {key}: {kept} of {balance.Long("quota_limit")}");
            var most = LimitOf(key, members) + kept.Credited;
            if (kept.Consumed + kept.Lent > most)
                return new Violation("4: consumed + lent <= quota", $"household {household}, {key}: {kept}, and {members} members may have {most}");
        }

        return null;
    }

    private long LimitOf((long Quota, long Period) key, int members)
    {
        var date = new PeriodId((int)key.Period).FirstDay;
        return programmes.RulesOn(date).Quotas.Single(rule => rule.Code.Value == key.Quota).PeriodLimit(members, date);
    }

    /// <summary>4: what is lent is what the cards still hold, and no card was settled for more than it was granted.</summary>
    private static Violation? BrokenAllowances(HouseholdRows rows)
    {
        foreach (var allowance in rows.Allowances)
        {
            var key = (allowance.Long("card"), allowance.Long("quota"), allowance.Long("period"));
            var granted = rows.Lendings.Where(lending => (lending.Long("card"), lending.Long("quota"), lending.Long("period")) == key).Sum(lending => lending.Long("amount"));
            if (allowance.Long("granted") != granted || allowance.Long("settled") < 0 || allowance.Long("settled") > granted)
                return new Violation("4: an allowance is the sum of its lendings", $"{key}: granted {allowance.Long("granted")}, lent {granted}, settled {allowance.Long("settled")}");
        }

        foreach (var balance in rows.Balances)
        {
            var held = rows.Allowances
                .Where(allowance => (allowance.Long("quota"), allowance.Long("period")) == (balance.Long("quota"), balance.Long("period")))
                .Sum(allowance => allowance.Long("granted") - allowance.Long("settled"));
            if (balance.Long("lent") != held)
                return new Violation("4: what is lent is what the cards hold", $"quota {balance.Long("quota")}: {balance.Long("lent")} lent, {held} held");
        }

        return null;
    }

    /// <summary>6: every record is settled or rejected with a reason, and only an approved one has lines and movements.</summary>
    private static Violation? BrokenOutcomes(HouseholdRows rows)
    {
        foreach (var row in rows.Disbursements)
        {
            var key = (row.Long("card"), row.Long("atc"));
            var lines = rows.Lines.Where(line => (line.Long("card"), line.Long("atc")) == key).ToArray();
            var moved = rows.Movements.Where(movement => movement.Long("entry") == row.Long("entry")).ToArray();
            var sound = row.Long("status") switch
            {
                Approved => lines.Length > 0 && moved.Length > 0 && row.Long("reason") == 0,
                Declined => lines.Length == 0 && moved.Length == 0 && row.Long("reason") > 0,
                Tombstone => lines.Length == 0 && row.Long("reason") == (long)DeclineReason.AlreadyReversed,
                _ => false,
            };
            if (!sound)
                return new Violation("6: settled, or rejected with a reason", $"{key}: status {row.Long("status")}, reason {row.Long("reason")}, {lines.Length} lines, {moved.Length} movements");
            var subsidy = Sum(moved, Fund, Merchant);
            if (row.Long("subsidy_minor") != lines.Sum(line => line.Long("subsidy_minor")) || row.Long("subsidy_minor") != subsidy)
                return new Violation("5: a disbursement is the sum of its lines", $"{key}: {row.Long("subsidy_minor")}, movements {subsidy}");
        }

        return null;
    }

    private static long Sum(IEnumerable<LedgerRow> movements, int debit, int credit) =>
        movements.Where(movement => movement.Long("debit_kind") == debit && movement.Long("credit_kind") == credit).Sum(movement => movement.Long("amount"));

    /// <summary>What was there at the last check.</summary>
    private sealed class Seen
    {
        public Dictionary<(long Card, long Atc), byte[]> Outcomes { get; } = [];
        public int Movements { get; set; }
        public int Lendings { get; set; }
        public int Reversals { get; set; }
    }

    private sealed class HouseholdRows(ILedgerContents contents, HouseholdId household)
    {
        public IReadOnlyList<LedgerRow> Movements { get; } = contents.Rows("movements", household);
        public IReadOnlyList<LedgerRow> Disbursements { get; } = contents.Rows("disbursements", household);
        public IReadOnlyList<LedgerRow> Lines { get; } = contents.Rows("disbursement_lines", household);
        public IReadOnlyList<LedgerRow> Lendings { get; } = contents.Rows("lendings", household);
        public IReadOnlyList<LedgerRow> Reversals { get; } = contents.Rows("reversals", household);
        public IReadOnlyList<LedgerRow> Credits { get; } = contents.Rows("credits", household);
        public IReadOnlyList<LedgerRow> Refunds { get; } = contents.Rows("refunds", household);
        public IReadOnlyList<LedgerRow> Expiries { get; } = contents.Rows("expiries", household);
        public IReadOnlyList<LedgerRow> Balances { get; } = contents.Rows("balances", household);
        public IReadOnlyList<LedgerRow> Allowances { get; } = contents.Rows("allowances", household);
    }
}
