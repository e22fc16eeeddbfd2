using System.Security.Cryptography;
using System.Text;

namespace SmartCard.Simulate.Scheduling;

/// <summary>
/// What happened, a line an event. Two runs of a seed have the same lines, so they hold nothing that a key or a nonce has a part in: no signature, no
/// cryptogram, no ephemeral key.
/// </summary>
internal sealed class Trace(Scheduler scheduler, int keptMax, TextWriter? copy)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<string> _last = new();

    public void Add(string who, string what)
    {
        var line = $"{scheduler.Turns,6} {scheduler.Now:yyyy-MM-dd HH:mm:ss.fff} {who,-12} {what}";
        _hash.AppendData(Encoding.UTF8.GetBytes(line));
        copy?.WriteLine(line);
        _last.Enqueue(line);
        if (_last.Count > keptMax)
            _last.Dequeue();
    }

    /// <summary>The newest lines, oldest first.</summary>
    public IReadOnlyList<string> Last => [.. _last];

    /// <summary>Of all lines.</summary>
    public string Digest() => Convert.ToHexStringLower(_hash.GetHashAndReset());
}
