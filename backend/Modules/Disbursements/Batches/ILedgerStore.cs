using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>What one request needs to know of its household.</summary>
/// <param name="Card">Null where no card is concerned.</param>
/// <param name="Atc">This one and its two neighbours are read.</param>
/// <param name="WithMovements">True for a reversal or a refund, which have to undo them: they are read with what was handed over and what came back.</param>
internal sealed record LedgerKey(HouseholdId Household, IReadOnlyList<PeriodId> Periods, CardNumber? Card = null, Atc Atc = default, bool WithMovements = false, Guid? Credit = null);

/// <summary>What a batch writes.</summary>
/// <param name="Households">Each is written as a whole, its cases too, if it is still at the version at which it was read. Ordered, so that locks are.</param>
/// <param name="Cases">Of households that do not change: true whatever else is written.</param>
internal sealed record LedgerBatch(IReadOnlyList<HouseholdState> Households, IReadOnlyList<FraudCase> Cases, IReadOnlyList<RefusedRecord> Refused)
{
    public bool IsEmpty => Households.Count + Cases.Count + Refused.Count == 0;
}

/// <summary>What a failed write means for the batch.</summary>
internal enum WriteFailure
{
    /// <summary>Nobody knows what was written (connection, deadlock): read again, then decide again.</summary>
    ReadAgain = 1,

    /// <summary>The database refuses a row as such: the one request has to be found, the others may not suffer.</summary>
    Poisoned = 2,

    /// <summary>A key is taken. Read again: its owner was quicker. Where it stays taken, one request's household does not know it, and it has to be found.</summary>
    KeyTaken = 3,
}

/// <summary>The ledger's tables over one connection at a time; not safe for several callers at once.</summary>
internal interface ILedgerConnection : IAsyncDisposable
{
    /// <summary>
    /// Reads the households of the keys, in one round trip. The version is read first: whatever is written meanwhile makes the rest newer than
    /// the version, never older, and then the write is refused.
    /// </summary>
    Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation);

    /// <summary>Writes a batch, in one round trip or one transaction. On disk when it returns. Gives the households that were still at their version.</summary>
    Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation);

    WriteFailure Classify(System.Data.Common.DbException failure);
}

internal interface ILedgerStore
{
    /// <summary>How many writers this database can use.</summary>
    int WritersMax { get; }

    ILedgerConnection Open();

    /// <summary>Takes the next <paramref name="count"/> entry numbers, for ever; gives the first of them.</summary>
    Task<long> TakeEntriesAsync(int count, CancellationToken cancellation);
}
