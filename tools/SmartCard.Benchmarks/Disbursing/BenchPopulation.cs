using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>
/// Households numbered from 0, each with four members and one card, and the order in which they come to draw: every one once before any
/// comes again, scattered over the whole register as the queues of a country's bakeries are.
/// </summary>
internal sealed class BenchPopulation(int count)
{
    public const int Members = 4;

    private const long FirstHousehold = 1_000_001;
    private const ulong FirstCardPayload = 603_000_000_000_001;

    // Prime to every count that is not a multiple of it, so that the walk meets all.
    private const long Stride = 7_368_787;

    private readonly ushort[] _atcs = new ushort[count];
    private readonly RecordChain[] _chains = new RecordChain[count];
    private long _walked;

    public int Count { get; } = count;

    public static HouseholdId HouseholdOf(int index) => new(FirstHousehold + index);

    public static CardNumber CardOf(int index) => CardNumber.FromPayload(FirstCardPayload + (ulong)index);

    /// <summary>Who comes next.</summary>
    public int Next() => (int)(_walked++ * Stride % Count);

    /// <summary>Counts the card's transaction counter up.</summary>
    public Atc NextAtc(int index) => new(++_atcs[index]);

    public RecordChain ChainOf(int index) => _chains[index];

    public void Follow(int index, byte[] record) => _chains[index] = _chains[index].Append(record);

    /// <summary>Indexes in the order of the ledger's keys: what is loaded in this order is loaded fast.</summary>
    public int[] InBucketOrder()
    {
        var order = Enumerable.Range(0, Count).ToArray();
        Array.Sort(Array.ConvertAll(order, index => ((long)HouseholdOf(index).Bucket << 32) | (uint)index), order);
        return order;
    }
}
