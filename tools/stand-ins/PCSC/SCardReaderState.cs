namespace PCSC;

/// <summary>What the caller believes of a reader, and what turned out. Below the flags, both carry a count of card events.</summary>
public class SCardReaderState : IDisposable
{
    private const int Flags = 0xFFFF;

    /// <summary>A reader, or <c>\\?PnP?\Notification</c> for the list of readers itself.</summary>
    public string ReaderName { get; set; } = "";

    public SCRState CurrentState
    {
        get => (SCRState)((long)CurrentStateValue & Flags);
        set => CurrentStateValue = (nint)(int)value & Flags;
    }

    /// <summary>Give <see cref="EventStateValue"/> back here, so that no change between two waits is missed.</summary>
    public IntPtr CurrentStateValue { get; set; }

    public SCRState EventState => (SCRState)((long)EventStateValue & Flags);

    public IntPtr EventStateValue { get; set; }

    public byte[] Atr { get; set; } = [];

    public void Dispose() => GC.SuppressFinalize(this);
}
