using System.Data.Common;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;

namespace SmartCard.Simulate.Stores;

/// <summary>
/// One backend's way to the database: each question takes time, connections die, the database refuses, and the backend itself may die in the middle. Under it
/// lies the ledger in memory or a real database.
/// </summary>
/// <param name="kill">Ends the backend's process.</param>
/// <param name="wrote">Told after each write that arrived, whether or not its sender heard of it.</param>
internal sealed class UnreliableStore(
    ILedgerStore inner, SimulatedProcess backend, FaultPlan faults, Chance chance, Action kill, Action<LedgerBatch> wrote, bool acknowledgesBeforeTheWrite) : ILedgerStore
{
    private static readonly TimeSpan Quickest = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(40);

    private readonly HashSet<(ulong Card, int Atc)> _poisonous = [];

    public int WritersMax => inner.WritersMax;

    public ILedgerConnection Open() => new Connection(this, inner.Open());

    public async Task<long> TakeEntriesAsync(int count, CancellationToken cancellation)
    {
        await TravelAsync();
        return await inner.TakeEntriesAsync(count, cancellation);
    }

    private Task TravelAsync() => backend.PauseAsync(chance.Between(Quickest, Slowest));

    private bool Strikes(FaultKind kind) => faults.Strikes(kind, backend.Name);

    /// <summary>The process ends here: whoever awaits this never hears of it again.</summary>
    private async Task DiesAsync(FaultKind kind)
    {
        if (!Strikes(kind))
            return;
        kill();
        await new TaskCompletionSource().Task;
    }

    private void ThrowIfPoisonous(LedgerBatch batch)
    {
        foreach (var entry in batch.Households.SelectMany(state => state.Changes.Disbursements))
        {
            var key = (entry.Occupant.Card.Value, (int)entry.Occupant.Atc.Value);
            // A request stays poisonous while its batch is halved, or its neighbours would never be told from it; then it is let through.
            if (batch.Households.Count == 1 && _poisonous.Remove(key))
                throw SimulatedDatabaseException.Poison();
            if (_poisonous.Contains(key) || Strikes(FaultKind.RequestPoisoned))
            {
                _poisonous.Add(key);
                throw SimulatedDatabaseException.Poison();
            }
        }
    }

    private sealed class Connection(UnreliableStore store, ILedgerConnection inner) : ILedgerConnection
    {
        public async Task<IReadOnlyDictionary<HouseholdId, HouseholdState>> ReadAsync(IReadOnlyCollection<LedgerKey> keys, CancellationToken cancellation)
        {
            await store.TravelAsync();
            await store.DiesAsync(FaultKind.BackendDiesWhileReading);
            if (store.Strikes(FaultKind.ConnectionLostWhileReading))
                throw SimulatedDatabaseException.ConnectionLost();
            var states = await inner.ReadAsync(keys, cancellation);
            await store.TravelAsync();
            return states;
        }

        public async Task<IReadOnlySet<HouseholdId>> WriteAsync(LedgerBatch batch, CancellationToken cancellation)
        {
            if (store.AcknowledgesBeforeTheWrite)
                return WriteLater(batch);
            await store.TravelAsync();
            await store.DiesAsync(FaultKind.BackendDiesBeforeWrite);
            if (store.Strikes(FaultKind.ConnectionLostBeforeCommit))
                throw SimulatedDatabaseException.ConnectionLost();
            if (store.Strikes(FaultKind.BatchRefused))
                throw store.Flip() ? SimulatedDatabaseException.Deadlock() : SimulatedDatabaseException.Serialization();
            store.ThrowIfPoisonous(batch);
            var written = await inner.WriteAsync(batch, cancellation);
            store.Note(batch, written);
            await store.DiesAsync(FaultKind.BackendDiesAfterWrite);
            if (store.Strikes(FaultKind.ConnectionLostAfterCommit))
                throw SimulatedDatabaseException.ConnectionLost();
            await store.TravelAsync();
            return written;
        }

        public WriteFailure Classify(DbException failure) => failure is SimulatedDatabaseException simulated ? simulated.Meaning : inner.Classify(failure);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        /// <summary>A plant: says that all is written, and then begins to write.</summary>
        private HashSet<HouseholdId> WriteLater(LedgerBatch batch)
        {
            store.Backend.Start(async () =>
            {
                await store.TravelAsync();
                await store.DiesAsync(FaultKind.BackendDiesBeforeWrite);
                store.Note(batch, await inner.WriteAsync(batch, CancellationToken.None));
            });
            return [.. batch.Households.Select(state => state.Household)];
        }
    }

    private bool AcknowledgesBeforeTheWrite => acknowledgesBeforeTheWrite;

    private SimulatedProcess Backend => backend;

    private bool Flip() => chance.Next(2) == 0;

    private void Note(LedgerBatch batch, IReadOnlySet<HouseholdId> written)
    {
        for (var outrun = batch.Households.Count - written.Count; outrun > 0; outrun--)
            faults.Note(FaultKind.HouseholdOutrun, backend.Name);
        wrote(batch);
    }
}
