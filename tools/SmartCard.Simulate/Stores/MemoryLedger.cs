using System.Data.Common;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.Stores;

/// <summary>Protections that a test takes away, to show that the simulation notices.</summary>
[Flags]
internal enum StorePlants
{
    None = 0,

    /// <summary>A household is written whatever its version.</summary>
    IgnoresVersions = 1,

    /// <summary>Two disbursements of one (card, ATC) are kept.</summary>
    ForgetsUniqueKey = 2,

    /// <summary>No check constraint.</summary>
    ForgetsChecks = 4,
}

/// <summary>
/// The ledger's database in memory, with the contract of the two real ones: a household is written whole if it is still at the version at which it was read,
/// keys are unique, checks hold, and a batch that breaks one leaves nothing behind. It survives every process of the simulation.
/// </summary>
internal sealed class MemoryLedger : ILedgerStore, ILedgerContents
{
    private readonly StorePlants _plants;
    private readonly MemoryTable<HouseholdState> _households;
    private readonly MemoryTable<Of<Balance>> _closedBalances;
    private readonly MemoryTable<Of<LentAllowance>> _closedAllowances;
    private readonly MemoryTable<Of<DisbursementEntry>> _disbursements;
    private readonly MemoryTable<Of<Movement>> _movements;
    private readonly MemoryTable<Of<LendingEntry>> _lendings = new(LedgerColumns.Lendings);
    private readonly MemoryTable<Of<ReversalEntry>> _reversals = new(LedgerColumns.Reversals);
    private readonly MemoryTable<Of<CreditEntry>> _credits = new(LedgerColumns.Credits);
    private readonly MemoryTable<Of<RefundEntry>> _refunds = new(LedgerColumns.Refunds);
    private readonly MemoryTable<Of<RefundLine>> _refundLines = new(LedgerColumns.RefundLines);
    private readonly MemoryTable<Of<ExpiryEntry>> _expiries = new(LedgerColumns.Expiries);
    private readonly MemoryTable<FraudCase> _cases = new(LedgerColumns.FraudCases);
    private readonly MemoryTable<RefusedRecord> _refused = new(LedgerColumns.RefusedRecords);
    private readonly Dictionary<string, IMemoryTable> _tables;
    private long _nextEntry = 1;

    /// <param name="writersMax">As on PostgreSQL, or 1 as on SQLite.</param>
    public MemoryLedger(StorePlants plants = StorePlants.None, int writersMax = int.MaxValue)
    {
        (_plants, WritersMax) = (plants, writersMax);
        var forgetsKey = plants.HasFlag(StorePlants.ForgetsUniqueKey);
        _households = new(LedgerColumns.Households, Checks(row => !row.Text("state").Contains('-', StringComparison.Ordinal)));
        _closedBalances = new(LedgerColumns.ClosedBalances, Checks(
            row => row.Long("consumed") + row.Long("lent") <= row.Long("quota_limit"),
            row => row.Long("consumed") >= 0 && row.Long("lent") >= 0 && row.Long("credited") >= 0 && row.Long("day_consumed") >= 0));
        _closedAllowances = new(LedgerColumns.ClosedAllowances, Checks(row => row.Long("settled") >= 0 && row.Long("settled") <= row.Long("granted")));
        _movements = new(LedgerColumns.Movements, Checks(row => row.Long("amount") > 0));
        _disbursements = new(LedgerColumns.Disbursements) { ForgetsItsKey = forgetsKey };
        IMemoryTable[] tables =
        [
            _households, _closedBalances, _closedAllowances, _disbursements, _movements, _lendings, _reversals, _credits, _refunds, _refundLines, _expiries, _cases, _refused,
        ];
        _tables = tables.ToDictionary(table => table.Name);
    }

    public int WritersMax { get; }

    public ILedgerConnection Open() => new Connection(this);

    public Task<long> TakeEntriesAsync(int count, CancellationToken cancellation)
    {
        var first = _nextEntry;
        _nextEntry += count;
        return Task.FromResult(first);
    }

    public IReadOnlyList<LedgerRow> Rows(string table, HouseholdId? household = null) =>
        [.. table switch
        {
            "balances" => MemoryViews.Balances(RowsOf("households", household), RowsOf("closed_balances", household)),
            "allowances" => MemoryViews.Allowances(RowsOf("households", household), RowsOf("closed_allowances", household)),
            "card_counters" => MemoryViews.Counters(RowsOf("households", household)),
            "disbursement_lines" => MemoryViews.Lines(RowsOf("disbursements", household)),
            _ => RowsOf(table, household),
        }];

    private IReadOnlySet<HouseholdId> Write(LedgerBatch batch)
    {
        var undo = new UndoLog();
        try
        {
            var written = batch.Households.Where(state => TryRaise(state, undo)).ToArray();
            foreach (var state in written)
                Write(state, undo);
            foreach (var fraud in written.SelectMany(state => state.Changes.Cases).Concat(batch.Cases))
                _cases.InsertUnlessThere(fraud, undo);
            foreach (var refused in batch.Refused)
                _refused.InsertUnlessThere(refused, undo);
            return written.Select(state => state.Household).ToHashSet();
        }
        catch (SimulatedDatabaseException)
        {
            undo.RollBack();
            throw;
        }
    }

    private bool TryRaise(HouseholdState state, UndoLog undo)
    {
        if (VersionOf(state.Household) != state.Version && !_plants.HasFlag(StorePlants.IgnoresVersions))
            return false;
        _households.Upsert(state, undo);
        return true;
    }

    private void Write(HouseholdState state, UndoLog undo)
    {
        Each(state.ClosedBalances, _closedBalances.Upsert);
        Each(state.ClosedAllowances, _closedAllowances.Upsert);
        Each(state.Changes.Disbursements, _disbursements.Insert);
        Each(state.Changes.Movements, _movements.Insert);
        Each(state.Changes.Lendings, _lendings.Insert);
        Each(state.Changes.Reversals, _reversals.Insert);
        Each(state.Changes.Credits, _credits.Insert);
        Each(state.Changes.Refunds, _refunds.Insert);
        Each(state.Changes.RefundLines, _refundLines.Insert);
        Each(state.Changes.Expiries, _expiries.Insert);

        void Each<T>(IEnumerable<T> rows, Action<Of<T>, UndoLog> write)
        {
            foreach (var row in rows)
                write(new Of<T>(state, row), undo);
        }
    }

    private long VersionOf(HouseholdId household) => _households.Find(household.Bucket, household.Value)?.Long("version") ?? 0;

    private Func<LedgerRow, bool>[] Checks(params Func<LedgerRow, bool>[] checks) => _plants.HasFlag(StorePlants.ForgetsChecks) ? [] : checks;

    private IReadOnlyDictionary<HouseholdId, HouseholdState> Read(IReadOnlyCollection<LedgerKey> keys)
    {
        var wanted = new LedgerKeySet(keys);
        var states = wanted.Households.ToDictionary(household => household, StateOf);
        var details = wanted.DetailsOf(states);
        foreach (var state in states.Values)
        {
            ReadClosed(state, details);
            ReadOccupants(state, details);
            foreach (var credit in RowsOf("credits", state))
            {
                if (wanted.Credits.Contains((state.Household.Bucket, (Guid)credit["credit_id"]!)))
                    state.ReadCredit((Guid)credit["credit_id"]!);
            }
        }

        return states;
    }

    private HouseholdState StateOf(HouseholdId household)
    {
        var state = new HouseholdState(household, VersionOf(household));
        if (_households.Find(household.Bucket, household.Value) is { } row)
            HouseholdDocument.Decode(row.Text("state"), state);
        return state;
    }

    private void ReadClosed(HouseholdState state, LedgerDetails wanted)
    {
        foreach (var row in RowsOf("closed_balances", state))
        {
            var period = new PeriodId((int)row.Long("period"));
            if (!wanted.Balances.Contains((state.Household, period)))
                continue;
            state.Read(new Balance(new QuotaCode((ushort)row.Long("quota")), period)
            {
                Consumed = row.Long("consumed"),
                Lent = row.Long("lent"),
                Credited = row.Long("credited"),
                Limit = row.Long("quota_limit"),
                Day = (int)row.Long("day"),
                DayConsumed = row.Long("day_consumed"),
            });
        }

        foreach (var row in RowsOf("closed_allowances", state))
        {
            var period = new PeriodId((int)row.Long("period"));
            if (!wanted.Allowances.Contains((state.Household.Bucket, CardOf(row), period)))
                continue;
            state.Read(new LentAllowance(CardOf(row), new QuotaCode((ushort)row.Long("quota")), period)
            {
                Granted = row.Long("granted"),
                Settled = row.Long("settled"),
                ScriptCounter = (uint)row.Long("script_counter"),
            });
        }
    }

    private void ReadOccupants(HouseholdState state, LedgerDetails wanted)
    {
        var bucket = state.Household.Bucket;
        var reversed = RowsOf("reversals", state).Select(row => (CardOf(row), row.Long("atc"))).ToHashSet();
        foreach (var row in RowsOf("disbursements", state))
        {
            var (card, atc) = (CardOf(row), (int)row.Long("atc"));
            if (!wanted.Occupants.Any(key => key.Card == card && Math.Abs(key.Atc - atc) <= 1))
                continue;
            state.Read(new Occupant(
                card, new Atc((ushort)atc), (OccupantStatus)row.Long("status"), row.Long("entry"), row.Bytes("content_hash"),
                new RecordChain(unchecked((ulong)row.Long("chain_before"))), new RecordChain(unchecked((ulong)row.Long("chain_after"))), row.Bytes("outcome"))
            {
                IsReversed = reversed.Contains((card, atc)),
                Movements = wanted.Movements.Contains((bucket, card, atc)) ? MovementsOf(row.Long("entry"), state) : [],
                Goods = wanted.Movements.Contains((bucket, card, atc)) ? GoodsOf(row) : null,
            });
        }
    }

    /// <summary>No refund is made in a simulation: its terminals have no such call.</summary>
    private static GoodsHandedOver GoodsOf(LedgerRow row) => new(new MerchantId(row.Long("merchant")), row.Bytes("basket"), []);

    private Movement[] MovementsOf(long entry, HouseholdState state) =>
        [.. RowsOf("movements", state).Where(movement => movement.Long("entry") == entry).Select(MovementOf)];

    private IEnumerable<LedgerRow> RowsOf(string table, HouseholdState state) => RowsOf(table, state.Household);

    private IEnumerable<LedgerRow> RowsOf(string table, HouseholdId? household) =>
        household is { } one ? _tables[table].Rows.Where(row => row.Long("household") == one.Value) : _tables[table].Rows;

    private static Movement MovementOf(LedgerRow row) => new(
        row.Long("entry"), (short)row.Long("ordinal"), row.Has("undoes") ? row.Long("undoes") : null,
        new Account((AccountKind)row.Long("debit_kind"), row.Long("debit_owner")), new Account((AccountKind)row.Long("credit_kind"), row.Long("credit_owner")),
        new QuotaCode((ushort)row.Long("quota")), new PeriodId((int)row.Long("period")), (QuantityUnit)row.Long("unit"), row.Long("amount"));

    private static CardNumber CardOf(LedgerRow row) => LedgerRows.CardOf(row.Long("card"));

    private sealed class Connection(MemoryLedger ledger) : ILedgerConnection
    {
        public Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation) =>
            Task.FromResult(ledger.Read(keys));

        public Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation)
        {
            try
            {
                return Task.FromResult(ledger.Write(batch));
            }
            catch (SimulatedDatabaseException refused)
            {
                return Task.FromException<IReadOnlySet<HouseholdId>>(refused);
            }
        }

        public WriteFailure Classify(DbException failure) => failure is SimulatedDatabaseException simulated ? simulated.Meaning : WriteFailure.ReadAgain;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
