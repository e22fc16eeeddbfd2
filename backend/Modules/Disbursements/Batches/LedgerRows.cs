using System.Data.Common;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>What a batch of requests asks of every household, whatever its state.</summary>
internal sealed class LedgerKeySet
{
    private readonly IReadOnlyCollection<LedgerKey> _keys;
    private readonly HashSet<HouseholdId> _households;
    private readonly List<(short Bucket, Guid Id)> _credits = [];

    public LedgerKeySet(IReadOnlyCollection<LedgerKey> keys)
    {
        (_keys, _households) = (keys, new HashSet<HouseholdId>(keys.Count));
        foreach (var key in keys)
        {
            _households.Add(key.Household);
            if (key.Credit is { } credit)
                _credits.Add((key.Household.Bucket, credit));
        }
    }

    public IReadOnlyCollection<HouseholdId> Households => _households;
    public IReadOnlyCollection<(short Bucket, Guid Id)> Credits => _credits;

    /// <summary>What has to be read besides, now that the states say what the households' rows do not tell.</summary>
    public LedgerDetails DetailsOf(IReadOnlyDictionary<HouseholdId, HouseholdState> states) => new(_keys, states);
}

/// <summary>
/// What few requests need: records that stand already, for a record that comes again or late and for what undoes one; and periods that are closed. Where a
/// household has several requests a key may come twice, which costs a look-up and changes nothing.
/// </summary>
internal sealed class LedgerDetails
{
    private readonly List<(short Bucket, CardNumber Card, int Atc)> _occupants = [];
    private readonly List<(short Bucket, CardNumber Card, int Atc)> _movements = [];
    private readonly List<(HouseholdId Household, PeriodId Period)> _balances = [];
    private readonly List<(short Bucket, CardNumber Card, PeriodId Period)> _allowances = [];

    public LedgerDetails(IReadOnlyCollection<LedgerKey> keys, IReadOnlyDictionary<HouseholdId, HouseholdState> states)
    {
        foreach (var key in keys)
            Add(key, states[key.Household]);
    }

    public bool IsEmpty => _occupants.Count + _balances.Count + _allowances.Count == 0;

    /// <summary>Of each, the neighbours at ATC - 1 and ATC + 1 are wanted too.</summary>
    public IReadOnlyCollection<(short Bucket, CardNumber Card, int Atc)> Occupants => _occupants;
    public IReadOnlyCollection<(short Bucket, CardNumber Card, int Atc)> Movements => _movements;
    public IReadOnlyCollection<(HouseholdId Household, PeriodId Period)> Balances => _balances;
    public IReadOnlyCollection<(short Bucket, CardNumber Card, PeriodId Period)> Allowances => _allowances;

    private void Add(LedgerKey key, HouseholdState state)
    {
        var bucket = key.Household.Bucket;
        foreach (var period in key.Periods)
        {
            if (!state.IsClosed(period))
                continue;
            state.AskClosed(period);
            _balances.Add((key.Household, period));
            if (key.Card is { } owner)
                _allowances.Add((bucket, owner, period));
        }
        if (key.Card is not { } card || !state.MayOccupy(card, key.Atc))
            return;
        _occupants.Add((bucket, card, key.Atc.Value));
        if (key.WithMovements)
            _movements.Add((bucket, card, key.Atc.Value));
    }
}

/// <summary>Rows as both databases give them; the columns in this order, from <c>first</c> on.</summary>
internal static class LedgerRows
{
    public const string BalanceColumns = "quota, period, consumed, lent, credited, quota_limit, day, day_consumed";
    public const string AllowanceColumns = "card, quota, period, granted, settled, script_counter";
    public const string OccupantColumns = "card, atc, status, entry, content_hash, chain_before, chain_after, outcome";
    public const string MovementColumns = "entry, ordinal, undoes, debit_kind, debit_owner, credit_kind, credit_owner, quota, period, unit, amount";

    public static Balance BalanceAt(DbDataReader row, int first) =>
        new(new QuotaCode((ushort)row.GetInt32(first)), new PeriodId(row.GetInt32(first + 1)))
        {
            Consumed = row.GetInt64(first + 2),
            Lent = row.GetInt64(first + 3),
            Credited = row.GetInt64(first + 4),
            Limit = row.GetInt64(first + 5),
            Day = row.GetInt32(first + 6),
            DayConsumed = row.GetInt64(first + 7),
        };

    public static LentAllowance AllowanceAt(DbDataReader row, int first) =>
        new(CardOf(row.GetInt64(first)), new QuotaCode((ushort)row.GetInt32(first + 1)), new PeriodId(row.GetInt32(first + 2)))
        {
            Granted = row.GetInt64(first + 3),
            Settled = row.GetInt64(first + 4),
            ScriptCounter = (uint)row.GetInt64(first + 5),
        };

    /// <summary><see cref="OccupantColumns"/>, then whether it is reversed.</summary>
    public static Occupant OccupantAt(DbDataReader row, int first) => new(
        CardOf(row.GetInt64(first)),
        new Atc((ushort)row.GetInt32(first + 1)),
        (OccupantStatus)row.GetInt16(first + 2),
        row.GetInt64(first + 3),
        row.GetFieldValue<byte[]>(first + 4),
        new RecordChain(unchecked((ulong)row.GetInt64(first + 5))),
        new RecordChain(unchecked((ulong)row.GetInt64(first + 6))),
        row.GetFieldValue<byte[]>(first + 7))
    {
        IsReversed = row.GetBoolean(first + 8),
    };

    public static Movement MovementAt(DbDataReader row, int first) => new(
        row.GetInt64(first),
        row.GetInt16(first + 1),
        row.IsDBNull(first + 2) ? null : row.GetInt64(first + 2),
        new Account((AccountKind)row.GetInt16(first + 3), row.GetInt64(first + 4)),
        new Account((AccountKind)row.GetInt16(first + 5), row.GetInt64(first + 6)),
        new QuotaCode((ushort)row.GetInt32(first + 7)),
        new PeriodId(row.GetInt32(first + 8)),
        (QuantityUnit)row.GetInt16(first + 9),
        row.GetInt64(first + 10));

    /// <summary>"a, b" as "x.a, x.b".</summary>
    public static string Of(string table, string columns) => string.Join(", ", columns.Split(", ").Select(column => $"{table}.{column}"));

    public static CardNumber CardOf(long value) => CardNumber.TryFromValue((ulong)value, out var card)
        ? card
        : throw new LedgerInvariantException("a stored card number has its check digit");
}
