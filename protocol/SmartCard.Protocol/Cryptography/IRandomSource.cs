using System.Security.Cryptography;

namespace SmartCard.Protocol.Cryptography;

/// <summary>Where challenges come from: injected, so that a test or a simulation can repeat a run.</summary>
public interface IRandomSource
{
    void Fill(Span<byte> destination);
}

/// <summary>The operating system's generator: what production uses. Safe for all threads.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    public static SystemRandomSource Instance { get; } = new();

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
