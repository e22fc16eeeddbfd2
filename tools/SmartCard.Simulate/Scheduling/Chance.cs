using SmartCard.Protocol.Cryptography;

namespace SmartCard.Simulate.Scheduling;

/// <summary>Everything that the seed decides, drawn in the order in which it is asked for. SplitMix64: the same numbers on every platform and version.</summary>
internal sealed class Chance(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var bits = _state;
            bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
            return bits ^ (bits >> 31);
        }
    }

    /// <summary>0 to <paramref name="below"/> - 1.</summary>
    public int Next(int below) => (int)(NextBits() % (ulong)below);

    /// <summary>Both ends may come.</summary>
    public int Between(int least, int most) => least + Next(most - least + 1);

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + TimeSpan.FromTicks((long)(NextBits() % (ulong)((most - least).Ticks + 1)));

    /// <param name="likelihood">0 never, 1 always.</param>
    public bool Happens(double likelihood) => (NextBits() >> 11) * (1.0 / (1UL << 53)) < likelihood;

    public T Pick<T>(IReadOnlyList<T> among) => among[Next(among.Count)];

    public void Fill(Span<byte> destination)
    {
        for (var index = 0; index < destination.Length; index++)
            destination[index] = (byte)(NextBits() & 0xFF);
    }
}
