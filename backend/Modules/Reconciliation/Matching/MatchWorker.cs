using System.Numerics;
using SmartCard.Backend.Reconciliation.Contracts;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>One processor's share: gathers the lines of each key, classifies them, keeps what it found.</summary>
internal sealed class MatchWorker(LineColumns recorded, LineColumns claimed, long[] merchants, KeyHash hash)
{
    private const int None = -1;

    private readonly LineTotals[] _totals = new LineTotals[merchants.Length];
    private readonly List<int> _recordedOfKey = [];
    private readonly List<int> _claimedOfKey = [];

    // The hash table of the partition at hand: slots hold a key's number + 1, keys hold the first and last line of each side,
    // and each line the next of its key.
    private int[] _slots = [];
    private Key[] _keys = [];
    private int[] _nextRecorded = [];
    private int[] _nextClaimed = [];
    private int _keyCount;

    public List<FoundBreak> Breaks { get; } = [];

    public void Match(ReadOnlySpan<int> recordedLines, ReadOnlySpan<int> claimedLines)
    {
        Prepare(recordedLines.Length, claimedLines.Length);
        for (var position = 0; position < recordedLines.Length; position++)
        {
            ref var key = ref KeyOf(recorded, recordedLines[position]);
            Append(ref key.FirstRecorded, ref key.LastRecorded, _nextRecorded, position);
        }
        for (var position = 0; position < claimedLines.Length; position++)
        {
            ref var key = ref KeyOf(claimed, claimedLines[position]);
            Append(ref key.FirstClaimed, ref key.LastClaimed, _nextClaimed, position);
        }
        for (var number = 0; number < _keyCount; number++)
            Classify(_keys[number], recordedLines, claimedLines);
    }

    public void AddTotalsTo(Span<LineTotals> totals)
    {
        for (var place = 0; place < totals.Length; place++)
            totals[place].Add(_totals[place]);
    }

    private void Prepare(int recordedCount, int claimedCount)
    {
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * (recordedCount + claimedCount)));
        if (_slots.Length < capacity)
        {
            _slots = new int[capacity];
            _keys = new Key[capacity / 2];
            _nextRecorded = new int[capacity / 2];
            _nextClaimed = new int[capacity / 2];
        }
        else
        {
            _slots.AsSpan().Clear();
        }
        _keyCount = 0;
    }

    private ref Key KeyOf(LineColumns lines, int line)
    {
        var (transaction, programme, merchant) = (lines.Transactions[line], lines.Programmes[line], merchants[lines.Places[line]]);
        var mask = _slots.Length - 1;
        // The leading bits chose the partition: the trailing ones choose the slot.
        for (var slot = (int)(hash.Of(transaction, programme) & (uint)mask); ; slot = (slot + 1) & mask)
        {
            if (_slots[slot] == 0)
            {
                _slots[slot] = ++_keyCount;
                ref var added = ref _keys[_keyCount - 1];
                added = new Key
                {
                    Transaction = transaction,
                    Programme = programme,
                    Merchant = merchant,
                    FirstRecorded = None,
                    LastRecorded = None,
                    FirstClaimed = None,
                    LastClaimed = None,
                };
                return ref added;
            }
            ref var key = ref _keys[_slots[slot] - 1];
            if (key.Transaction == transaction && key.Programme == programme && key.Merchant == merchant)
                return ref key;
        }
    }

    private static void Append(ref int first, ref int last, int[] next, int position)
    {
        next[position] = None;
        if (first == None)
            first = position;
        else
            next[last] = position;
        last = position;
    }

    private void Classify(in Key key, ReadOnlySpan<int> recordedLines, ReadOnlySpan<int> claimedLines)
    {
        var isOneEach = key.FirstRecorded != None && key.FirstRecorded == key.LastRecorded && key.FirstClaimed != None && key.FirstClaimed == key.LastClaimed;
        if (isOneEach)
        {
            var occurrence = 0;
            Pair(recordedLines[key.FirstRecorded], claimedLines[key.FirstClaimed], ref occurrence);
            return;
        }
        Gather(_recordedOfKey, key.FirstRecorded, _nextRecorded, recordedLines);
        Gather(_claimedOfKey, key.FirstClaimed, _nextClaimed, claimedLines);
        ClassifyMany();
    }

    private static void Gather(List<int> lines, int first, int[] next, ReadOnlySpan<int> ofPartition)
    {
        lines.Clear();
        for (var position = first; position != None; position = next[position])
            lines.Add(ofPartition[position]);
    }

    /// <summary>
    /// Several lines of one key. Alike ones are paired first, so that a wrong claim beside a right one is the duplicate; then a recorded line
    /// without an alike claim is compared with the first claim left. Claims beyond that are duplicates.
    /// </summary>
    private void ClassifyMany()
    {
        var (occurrence, duplicates) = (0, 0);
        var wasRecorded = _recordedOfKey.Count > 0;
        PairAlike(ref occurrence);
        var pairs = Math.Min(_recordedOfKey.Count, _claimedOfKey.Count);
        for (var index = 0; index < pairs; index++)
            Pair(_recordedOfKey[index], _claimedOfKey[index], ref occurrence);
        foreach (var line in _recordedOfKey.Skip(pairs))
            MissingAtMerchant(line, ref occurrence);
        foreach (var line in _claimedOfKey.Skip(pairs))
        {
            if (wasRecorded || occurrence > 0)
                Duplicate(line, ref duplicates);
            else
                MissingAtMinistry(line, ref occurrence);
        }
    }

    /// <summary>Pairs lines that are alike and leaves the others, in order of arrival. Sorted, because a hostile key may hold many lines on both sides.</summary>
    private void PairAlike(ref int occurrence)
    {
        if (_recordedOfKey.Count == 0 || _claimedOfKey.Count == 0)
            return;
        _recordedOfKey.Sort((x, y) => Compare(recorded, x, recorded, y) is var order && order == 0 ? x.CompareTo(y) : order);
        _claimedOfKey.Sort((x, y) => Compare(claimed, x, claimed, y) is var order && order == 0 ? x.CompareTo(y) : order);
        var (ofRecorded, ofClaimed) = (0, 0);
        var (recordedLeft, claimedLeft) = (new List<int>(), new List<int>());
        while (ofRecorded < _recordedOfKey.Count && ofClaimed < _claimedOfKey.Count)
        {
            switch (Compare(recorded, _recordedOfKey[ofRecorded], claimed, _claimedOfKey[ofClaimed]))
            {
                case 0:
                    Pair(_recordedOfKey[ofRecorded++], _claimedOfKey[ofClaimed++], ref occurrence);
                    break;
                case < 0:
                    recordedLeft.Add(_recordedOfKey[ofRecorded++]);
                    break;
                default:
                    claimedLeft.Add(_claimedOfKey[ofClaimed++]);
                    break;
            }
        }
        recordedLeft.AddRange(_recordedOfKey.Skip(ofRecorded));
        claimedLeft.AddRange(_claimedOfKey.Skip(ofClaimed));
        Replace(_recordedOfKey, recordedLeft);
        Replace(_claimedOfKey, claimedLeft);
    }

    private static void Replace(List<int> lines, List<int> left)
    {
        lines.Clear();
        lines.AddRange(left);
        lines.Sort();
    }

    private static int Compare(LineColumns one, int line, LineColumns other, int otherLine)
    {
        var order = one.Quantities[line].CompareTo(other.Quantities[otherLine]);
        return order == 0 ? one.CitizenPaidMinor[line].CompareTo(other.CitizenPaidMinor[otherLine]) : order;
    }

    private void Pair(int recordedLine, int claimedLine, ref int occurrence)
    {
        // The pair counts where the ministry recorded it, also where the merchant named another of its terminals.
        var place = recorded.Places[recordedLine];
        ref var totals = ref _totals[place];
        CountRecorded(ref totals, recordedLine);
        CountClaimed(ref totals, claimedLine);
        var isAlike = Compare(recorded, recordedLine, claimed, claimedLine) == 0;
        if (isAlike && !recorded.IsLate(recordedLine) && !claimed.IsLate(claimedLine))
        {
            totals.Matched++;
            return;
        }
        if (isAlike)
            totals.Late++;
        else
            totals.AmountDiffers++;
        AddBreak(isAlike ? BreakKind.Late : BreakKind.AmountDiffers, place, recordedLine, claimedLine, occurrence++);
    }

    private void MissingAtMerchant(int line, ref int occurrence)
    {
        var place = recorded.Places[line];
        CountRecorded(ref _totals[place], line);
        _totals[place].MissingAtMerchant++;
        AddBreak(BreakKind.MissingAtMerchant, place, line, None, occurrence++);
    }

    private void MissingAtMinistry(int line, ref int occurrence)
    {
        var place = claimed.Places[line];
        CountClaimed(ref _totals[place], line);
        _totals[place].MissingAtMinistry++;
        AddBreak(BreakKind.MissingAtMinistry, place, None, line, occurrence++);
    }

    private void Duplicate(int line, ref int duplicates)
    {
        var place = claimed.Places[line];
        CountClaimed(ref _totals[place], line);
        _totals[place].Duplicate++;
        AddBreak(BreakKind.Duplicate, place, None, line, duplicates++);
    }

    private void CountRecorded(ref LineTotals totals, int line)
    {
        totals.Recorded++;
        totals.RecordedSubsidyMinor += recorded.SubsidyMinor(line);
        totals.RecordedCitizenPaidMinor += recorded.CitizenPaidMinor[line];
    }

    private void CountClaimed(ref LineTotals totals, int line)
    {
        totals.Claimed++;
        totals.ClaimedCitizenPaidMinor += claimed.CitizenPaidMinor[line];
    }

    private void AddBreak(BreakKind kind, int place, int recordedLine, int claimedLine, int occurrence)
    {
        var (side, line) = recordedLine == None ? (claimed, claimedLine) : (recorded, recordedLine);
        Breaks.Add(new FoundBreak(
            kind,
            side.Transactions[line],
            side.Programmes[line],
            place,
            occurrence,
            recordedLine == None ? 0 : recorded.Quantities[recordedLine],
            claimedLine == None ? 0 : claimed.Quantities[claimedLine],
            recordedLine == None ? 0 : recorded.CitizenPaidMinor[recordedLine],
            claimedLine == None ? 0 : claimed.CitizenPaidMinor[claimedLine]));
    }

    private struct Key
    {
        public UInt128 Transaction;
        public long Merchant;
        public ushort Programme;
        public int FirstRecorded;
        public int LastRecorded;
        public int FirstClaimed;
        public int LastClaimed;
    }
}
