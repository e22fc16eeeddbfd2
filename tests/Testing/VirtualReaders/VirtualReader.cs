using System.Collections.Concurrent;

namespace SmartCard.Testing.VirtualReaders;

/// <summary>
/// One of the empty virtual readers that tools/lib/pcscd.sh sets up, lent to one test until disposed. The service is the
/// real pcscd; only the reader's hardware is not.
/// </summary>
public sealed class VirtualReader : IDisposable
{
    // First in, first out: pcscd looks for cards every 400 ms, so a reader just given back may seem to hold its last card.
    private static readonly Lazy<ConcurrentQueue<(string Name, int Port)>> Free = new(() => new(Offered()));

    private VirtualReader((string Name, int Port) reader) => (Name, Port) = reader;

    /// <summary>As PC/SC names it.</summary>
    public string Name { get; }

    /// <summary>On loopback: a card that connects here lies on the reader.</summary>
    public int Port { get; }

    /// <summary>Fails, rather than skips, where there is no pcscd to test with: nobody should believe these tests ran.</summary>
    public static VirtualReader Take() => Free.Value.TryDequeue(out var reader)
        ? new VirtualReader(reader)
        : throw new InvalidOperationException("All virtual readers are taken: a test did not give its own back.");

    public void Dispose() => Free.Value.Enqueue((Name, Port));

    private static IEnumerable<(string Name, int Port)> Offered()
    {
        var readers = Environment.GetEnvironmentVariable("SMARTCARD_VIRTUAL_READERS") ?? throw new InvalidOperationException(
            "This test needs a pcscd of its own: run tools/test, or tools/test NAME for the project in tests/NAME.");
        return readers.Split(';').Select(reader => reader.Split('=')).Select(parts => (parts[0], int.Parse(parts[1])));
    }
}
