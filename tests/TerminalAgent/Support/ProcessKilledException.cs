namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>The terminal's process dies here. Nothing in the product may catch it.</summary>
public sealed class ProcessKilledException : Exception
{
    public ProcessKilledException()
        : base("The process was killed.")
    {
    }
}
