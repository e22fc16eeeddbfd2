using SmartCard.Backend.Platform;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.Terminals;
using SmartCard.Simulate.World;
using SmartCard.TerminalAgent.Journal;
using Journal = SmartCard.TerminalAgent.Journal;

namespace SmartCard.Simulate.Audit;

/// <summary>
/// Compares, once the world has come to rest, what really happened (cards' own logs, goods over the counter) with what the terminals' journals and the ledger say.
/// It knows nothing of how the ledger decides: it counts baskets.
/// </summary>
internal sealed class Auditor
{
    private const int Approved = 1;
    private const int FundAccount = 1, HouseholdAccount = 2;

    private readonly SimulatedWorld _world;
    private readonly Dictionary<(CardNumber, int), LedgerRow> _rows;
    private readonly HashSet<(CardNumber, int)> _reversed;
    private readonly HashSet<CardNumber> _cloned;
    private readonly List<Violation> _found = [];

    public Auditor(SimulatedWorld world)
    {
        _world = world;
        _rows = world.Contents.Rows("disbursements").Where(IsOurs).ToDictionary(KeyOf);
        _reversed = [.. world.Contents.Rows("reversals").Where(IsOurs).Select(KeyOf)];
        _cloned = [.. world.Cards.GroupBy(card => card.Number).Where(same => same.Count() > 1).Select(same => same.Key)];
    }

    public IReadOnlyList<Violation> Audit()
    {
        CheckGoods();
        CheckApproved();
        CheckConsumption();
        CheckDays();
        CheckJournals();
        CheckClaims();
        return _found;
    }

    /// <summary>8: goods handed over, once, and there is a record: in the ledger, approved, or declined for a reason that is the terminal's or a cloner's own.</summary>
    private void CheckGoods()
    {
        foreach (var transaction in _world.Goods.Twice)
            Report("8: goods are handed over once", $"{transaction} twice");
        foreach (var (transaction, terminal) in _world.Goods.All)
        {
            if (_world.CardCommits.Find(transaction) is not { } commit)
                Report("8: goods for a record of a card", $"{transaction} at {terminal}: no card committed to it");
            else if (!IsRecorded(commit) && !IsExcused(commit, terminal))
                Report("8: goods handed over are recorded", $"{Describe(commit)} at {terminal}: ledger has {DescribeRow(commit)}");
        }
    }

    /// <summary>The ledger's row is this commit's, to the byte, approved and not undone.</summary>
    private bool IsRecorded(CardCommit commit) =>
        _rows.TryGetValue(KeyOf(commit), out var row)
        && row.Bytes("record").AsSpan().SequenceEqual(commit.Log.Encoded.Span)
        && row.Long("status") == Approved
        && !_reversed.Contains(KeyOf(commit));

    /// <summary>A draw without a line that the ledger may decline although the goods are gone, or cannot have heard of.</summary>
    private bool IsExcused(CardCommit commit, string terminal)
    {
        var record = commit.Log.Record;
        if (record.Kind != CryptogramKind.Offline)
            return false;
        if (_world.Registers.IsRevoked(record.Terminal))
            return JournalOf(terminal).Find(commit.Transaction) is { State: EntryState.Unsent or EntryState.Presented };
        // Of two pieces of plastic with one number, one is a thief's: the ledger takes one draw for each counter, and opens a case about the other.
        if (_cloned.Contains(record.Card))
            return true;
        return _rows.TryGetValue(KeyOf(commit), out var row)
            && (DeclineReason)row.Long("reason") == DeclineReason.DateOutOfRange
            && IsFarFromItsDate(record, row);
    }

    /// <summary>Its terminal's clock was wrong, or it came too late.</summary>
    private bool IsFarFromItsDate(TransactionRecord record, LedgerRow row)
    {
        var policy = _world.Season.Programmes.RulesOn(record.Date).Offline;
        var received = DateOf(row.Long("recorded_on"));
        var age = received.DayNumber - record.Date.DayNumber;
        return age > policy.RecordAgeDaysMax || age <= 0;
    }

    /// <summary>Nothing consumed that nobody got: what is approved was handed over, or is being undone at a terminal that may not call any more.</summary>
    private void CheckApproved()
    {
        foreach (var row in _rows.Values.Where(row => row.Long("status") == Approved && !_reversed.Contains(KeyOf(row))))
        {
            var transaction = TransactionId.Decode(row.Bytes("transaction_id"));
            if (_world.CardCommits.Find(transaction) is not { } commit || !commit.Log.Encoded.Span.SequenceEqual(row.Bytes("record")))
                Report("7: the ledger has what a card committed to", $"{transaction} is approved and no card's");
            else if (!_world.Goods.WereHandedOver(transaction) && !IsStuck(commit))
                Report("8: nothing is consumed without goods", $"{Describe(commit)} is approved, and nobody got anything");
        }
    }

    private bool IsStuck(CardCommit commit) =>
        _world.Registers.IsRevoked(commit.Log.Record.Terminal)
        && JournalOf(commit.Log.Record.Terminal.Value).Find(commit.Transaction) is { State: EntryState.ReversalDue or EntryState.Torn or EntryState.NotCommitted };

    /// <summary>2, 4: every household consumed what it got or turned in, by quota and period, and not a loaf more.</summary>
    private void CheckConsumption()
    {
        var expected = new Dictionary<(HouseholdId, long Quota, long Period), long>();
        foreach (var commit in _world.CardCommits.All.Where(IsRecorded))
        {
            var record = commit.Log.Record;
            var household = _world.Registers.HouseholdOf(record.Card);
            var month = (record.Date.Year * 10_000L) + (record.Date.Month * 100);
            foreach (var line in _world.Baskets.Of(record))
            {
                foreach (var (quota, amount) in Counting.Of(line))
                    expected[(household, quota, month)] = expected.GetValueOrDefault((household, quota, month)) + amount;
            }
        }

        foreach (var household in _world.Registers.Households)
        {
            // What a month left over was turned into points: used up, but not over a counter.
            foreach (var turnedIn in _world.Contents.Rows("movements", household).Where(movement => movement.Long("debit_kind") == HouseholdAccount && movement.Long("credit_kind") == FundAccount))
            {
                var key = (household, turnedIn.Long("quota"), turnedIn.Long("period"));
                expected[key] = expected.GetValueOrDefault(key) + turnedIn.Long("amount");
            }

            foreach (var balance in _world.Contents.Rows("balances", household))
            {
                var key = (household, balance.Long("quota"), balance.Long("period"));
                expected.Remove(key, out var amount);
                if (balance.Long("consumed") != amount)
                    Report("2: consumption is what was handed over", $"household {key}: {balance.Long("consumed")} in the ledger, {amount} over the counter");
            }
        }

        foreach (var (key, amount) in expected.Where(left => left.Value > 0))
            Report("2: consumption is what was handed over", $"household {key}: {amount} over the counter, no balance");
    }

    /// <summary>4: with a line, no day's bread beyond the window.</summary>
    private void CheckDays()
    {
        var online = _world.CardCommits.All.Where(commit => IsRecorded(commit) && commit.Log.Record.Kind == CryptogramKind.Online);
        foreach (var day in online.GroupBy(commit => (Household: _world.Registers.HouseholdOf(commit.Log.Record.Card), commit.Log.Record.Date)))
        {
            var loaves = day.Sum(commit => commit.Log.Record.Draws.Where(draw => draw.Programme == ProgrammeCode.Bread).Sum(draw => draw.Quantity));
            var most = Counting.LoavesOfADayMax(_world.Registers.MembersMaxOf(day.Key.Household));
            if (loaves > most)
                Report("4: no day beyond the draw window", $"household {day.Key}: {loaves} loaves, {most} at most");
        }
    }

    /// <summary>6: no terminal keeps a record for ever. 7: what a terminal saw is what a card did.</summary>
    private void CheckJournals()
    {
        foreach (var station in _world.Terminals)
        {
            var journal = JournalOf(station.Name);
            foreach (var entry in journal.Entries())
            {
                if (EntryLifeCycle.IsUnsent(entry.State) && !_world.Registers.IsRevoked(station.Merchant.Terminal))
                    Report("6: none is pending for ever", $"entry {entry.Sequence} of {station.Name} is {entry.State}");
                if (entry.State is EntryState.Intent or EntryState.Committed)
                    Report("6: none is pending for ever", $"entry {entry.Sequence} of {station.Name} is {entry.State}");
                if (entry.State == EntryState.Torn && !MayStayTorn(entry))
                    Report("6: a torn draw is found out when its card comes back", $"entry {entry.Sequence} of {station.Name}, {entry.TransactionId}");
                if (entry.Record is { } record && _world.CardCommits.Find(entry.TransactionId)?.Log.Encoded.Span.SequenceEqual(record.Encoded.Span) != true)
                    Report("7: a terminal's record is a card's", $"entry {entry.Sequence} of {station.Name}, {entry.TransactionId}");
                if (entry.State == EntryState.NotCommitted && !_cloned.Contains(entry.Card) && _world.CardCommits.Find(entry.TransactionId) is not null && !HasLeftTheLog(entry))
                    Report("7: a committed draw is not given up", $"entry {entry.Sequence} of {station.Name}, {entry.TransactionId}");
            }
        }
    }

    /// <summary>A card that is refused before its log is read, or whose holder is a thief's victim, leaves a logged torn case.</summary>
    private bool MayStayTorn(Journal.JournalEntry entry) =>
        _world.Registers.IsBlocked(entry.Card) || _cloned.Contains(entry.Card) || _world.Registers.IsRevoked(entry.Request.Terminal);

    private bool HasLeftTheLog(Journal.JournalEntry entry) =>
        _world.Cards.Where(card => card.Number == entry.Card).All(card => card.Log().All(record => record.Record.TransactionId != entry.TransactionId));

    /// <summary>5: what a terminal claims is what the ledger has of it, line by line.</summary>
    private void CheckClaims()
    {
        foreach (var station in _world.Terminals.Where(station => !_world.Registers.IsRevoked(station.Merchant.Terminal)))
        {
            var claimed = JournalOf(station.Name).Entries().Where(entry => entry.CountsAsDrawn).Select(entry => entry.TransactionId).Order(Comparer<TransactionId>.Create((a, b) => a.Value.CompareTo(b.Value)));
            var recorded = _rows.Values
                .Where(row => row.Text("terminal") == station.Name && row.Long("status") == Approved && !_reversed.Contains(KeyOf(row)))
                .Select(row => TransactionId.Decode(row.Bytes("transaction_id"))).Order(Comparer<TransactionId>.Create((a, b) => a.Value.CompareTo(b.Value)));
            if (!claimed.SequenceEqual(recorded))
                Report("5: what a terminal claims is what the ledger has", $"{station.Name} claims {claimed.Count()} draws, the ledger has {recorded.Count()}");
        }
    }

    private TerminalJournalView JournalOf(string terminal) =>
        _world.Terminals.Single(station => station.Name == terminal).Journal ?? throw new InvalidOperationException("At rest every terminal is open.");

    private bool IsOurs(LedgerRow row) => _world.Cards.Any(card => (long)card.Number.Value == row.Long("card"));

    private void Report(string invariant, string details) => _found.Add(new Violation(invariant, details));

    private string DescribeRow(CardCommit commit) => _rows.TryGetValue(KeyOf(commit), out var row)
        ? $"status {row.Long("status")}, {(DeclineReason)row.Long("reason")}{(_reversed.Contains(KeyOf(commit)) ? ", reversed" : "")}, {(row.Bytes("record").AsSpan().SequenceEqual(commit.Log.Encoded.Span) ? "the same record" : "another record")}"
        : "nothing";

    private static string Describe(CardCommit commit) =>
        $"{commit.Card.Name} {commit.Log.Record.Kind} ATC {commit.Log.Record.Atc} of {commit.Log.Record.Date:yyyy-MM-dd} {commit.Log.Record.Time:HH:mm} ({commit.Transaction.ToString()[..8]})";

    private static (CardNumber, int) KeyOf(CardCommit commit) => (commit.Log.Record.Card, commit.Log.Record.Atc.Value);

    private static (CardNumber, int) KeyOf(LedgerRow row) => (CardNumber.TryFromValue((ulong)row.Long("card"), out var card) ? card : default, (int)row.Long("atc"));

    private static DateOnly DateOf(long yyyymmdd) => new((int)(yyyymmdd / 10_000), (int)(yyyymmdd / 100 % 100), (int)(yyyymmdd % 100));
}
