using System.Diagnostics;
using SmartCard.Protocol.Apdus;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>Counts the exchanges of a tap and the time that they took: reader, link and card together.</summary>
internal sealed class MeteredChannel(ICardChannel channel) : ICardChannel
{
    private long _ticks;

    public int Exchanges { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, _ticks);

    public ResponseApdu Transmit(CommandApdu command)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            Exchanges++;
            return channel.Transmit(command);
        }
        finally
        {
            _ticks += Stopwatch.GetTimestamp() - start;
        }
    }
}
