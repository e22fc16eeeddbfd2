using System.Numerics;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>
/// Lines of one side, sorted by the leading bits of their key's hash (one counting pass, one placing pass; the order of arrival stays
/// inside a partition). Each partition then fits a processor's cache.
/// </summary>
internal sealed class Partitions
{
    private const int LinesPerPartition = 16_384;
    private const int BitsMax = 12;

    private readonly int[] _lines;
    private readonly int[] _starts;

    private Partitions(int[] lines, int[] starts) => (_lines, _starts) = (lines, starts);

    public static int BitsFor(int lines) => Math.Min(BitsMax, BitOperations.Log2((uint)(lines / LinesPerPartition) + 1));

    public static Partitions Of(LineColumns columns, KeyHash hash, int bits)
    {
        var transactions = columns.Transactions;
        var programmes = columns.Programmes;
        var numbers = new ushort[columns.Count];
        var starts = new int[(1 << bits) + 1];
        for (var line = 0; line < numbers.Length; line++)
        {
            var number = bits == 0 ? 0 : (int)(hash.Of(transactions[line], programmes[line]) >> (64 - bits));
            numbers[line] = (ushort)number;
            starts[number + 1]++;
        }
        for (var number = 1; number < starts.Length; number++)
            starts[number] += starts[number - 1];

        var next = starts.AsSpan(0, 1 << bits).ToArray();
        var lines = new int[columns.Count];
        for (var line = 0; line < numbers.Length; line++)
            lines[next[numbers[line]]++] = line;
        return new Partitions(lines, starts);
    }

    /// <summary>Line numbers of a partition, in order of arrival.</summary>
    public ReadOnlySpan<int> this[int number] => _lines.AsSpan(_starts[number], _starts[number + 1] - _starts[number]);
}
