using FsCheck;
using FsCheck.Fluent;

namespace SmartCard.Protocol.Tests;

/// <summary>Generators and the one way in which this project runs a property: with a fixed seed, so that a failure repeats.</summary>
public static class Properties
{
    private const ulong Seed = 20261101;
    private const ulong Gamma = 9007199254740993; // odd, as the generator demands

    public static Gen<byte[]> Bytes(int minLength, int maxLength) =>
        from length in Gen.Choose(minLength, maxLength)
        from seed in Gen.Choose(0, int.MaxValue)
        select Expand(seed, length);

    public static Gen<byte[]> Bytes(int length) => Bytes(length, length);

    public static Gen<byte> Byte => Gen.Choose(0, 255).Select(value => (byte)value);

    public static void Hold<T>(Gen<T> generator, Action<T> assertion, int times = 500) =>
        Prop.ForAll(Arb.From(generator), assertion).Check(
            Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true).WithReplay(Seed, Gamma));

    /// <summary>One number drawn for a whole array: a number for each byte takes most of a run's time.</summary>
    private static byte[] Expand(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static IEnumerable<byte[]> EverySingleBitFlipOf(byte[] bytes)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }
}
