using System.Data.Common;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>The distinct keys of a batch of requests, table by table.</summary>
internal sealed class LedgerKeySet
{
    private readonly HashSet<HouseholdId> _households = [];
    private readonly HashSet<(HouseholdId Household, PeriodId Period)> _balances = [];
    private readonly HashSet<(short Bucket, CardNumber Card, int Atc)> _occupants = [];
    private readonly HashSet<(short Bucket, CardNumber Card, int Atc)> _movements = [];
    private readonly HashSet<(short Bucket, CardNumber Card)> _cards = [];
    private readonly HashSet<(short Bucket, CardNumber Card, PeriodId Period)> _allowances = [];
    private readonly HashSet<(short Bucket, Guid Id)> _credits = [];

    public LedgerKeySet(IEnumerable<LedgerKey> keys)
    {
        foreach (var key in keys)
            Add(key);
    }

    public IReadOnlyCollection<HouseholdId> Households => _households;
    public IReadOnlyCollection<(HouseholdId Household, PeriodId Period)> Balances => _balances;
    public IReadOnlyCollection<(short Bucket, CardNumber Card, int Atc)> Occupants => _occupants;
    public IReadOnlyCollection<(short Bucket, CardNumber Card, int Atc)> Movements => _movements;
    public IReadOnlyCollection<(short Bucket, CardNumber Card)> Cards => _cards;
    public IReadOnlyCollection<(short Bucket, CardNumber Card, PeriodId Period)> Allowances => _allowances;
    public IReadOnlyCollection<(short Bucket, Guid Id)> Credits => _credits;

    private void Add(LedgerKey key)
    {
        var bucket = key.Household.Bucket;
        _households.Add(key.Household);
        foreach (var period in key.Periods)
            _balances.Add((key.Household, period));
        if (key.Credit is { } credit)
            _credits.Add((bucket, credit));
        if (key.Card is not { } card)
            return;
        _cards.Add((bucket, card));
        foreach (var period in key.Periods)
            _allowances.Add((bucket, card, period));
        for (var atc = key.Atc.Value - 1; atc <= key.Atc.Value + 1; atc++)
            _occupants.Add((bucket, card, atc));
        if (key.WithMovements)
            _movements.Add((bucket, card, key.Atc.Value));
    }
}

/// <summary>Rows as both databases give them; the columns in this order, from <c>first</c> on.</summary>
internal static class LedgerRows
{
    public const string BalanceColumns = "quota, period, consumed, lent, credited, quota_limit, day, day_consumed";
    public const string AllowanceColumns = "card, quota, period, granted, settled, script_counter";
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

    /// <summary>card, atc, status, entry, content_hash, chain_before, chain_after, outcome, is reversed.</summary>
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

    public static CardNumber CardOf(long value) => CardNumber.TryFromValue((ulong)value, out var card)
        ? card
        : throw new LedgerInvariantException("a stored card number has its check digit");
}
