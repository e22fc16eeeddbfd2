namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>
/// One side's lines of a date, column by column: 10 million lines are a handful of arrays and no object. A line's number is the order
/// in which it came.
/// </summary>
/// <param name="recorded">The ministry's side also holds subsidies.</param>
internal sealed class LineColumns(bool recorded)
{
    private UInt128[] _transactions = [];
    private ushort[] _programmes = [];
    private int[] _places = [];
    private long[] _quantities = [];
    private long[] _citizenPaidMinor = [];
    private long[] _subsidyMinor = [];
    private bool[] _late = [];

    public int Count { get; private set; }

    public ReadOnlySpan<UInt128> Transactions => _transactions.AsSpan(0, Count);

    public ReadOnlySpan<ushort> Programmes => _programmes.AsSpan(0, Count);

    /// <summary>Numbers of <see cref="Matching.Places"/>.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    public ReadOnlySpan<long> Quantities => _quantities.AsSpan(0, Count);

    public ReadOnlySpan<long> CitizenPaidMinor => _citizenPaidMinor.AsSpan(0, Count);

    public long SubsidyMinor(int line) => recorded ? _subsidyMinor[line] : 0;

    public bool IsLate(int line) => _late[line];

    public void Add(UInt128 transaction, ushort programme, int place, long quantity, long citizenPaidMinor, long subsidyMinor, bool isLate)
    {
        if (Count == _transactions.Length)
            Grow();
        _transactions[Count] = transaction;
        _programmes[Count] = programme;
        _places[Count] = place;
        _quantities[Count] = quantity;
        _citizenPaidMinor[Count] = citizenPaidMinor;
        _late[Count] = isLate;
        if (recorded)
            _subsidyMinor[Count] = subsidyMinor;
        Count++;
    }

    private void Grow()
    {
        var length = Math.Max(1_024, Count * 2);
        Array.Resize(ref _transactions, length);
        Array.Resize(ref _programmes, length);
        Array.Resize(ref _places, length);
        Array.Resize(ref _quantities, length);
        Array.Resize(ref _citizenPaidMinor, length);
        Array.Resize(ref _late, length);
        if (recorded)
            Array.Resize(ref _subsidyMinor, length);
    }
}
