namespace PCSC.Interop;

/// <summary>The PC/SC functions with managed types. Each platform's library has its own sizes of integers and structures.</summary>
internal abstract class SCardApi
{
    public static SCardApi Instance { get; } = OperatingSystem.IsWindows() ? new WinSCard() : new PcscLite();

    public abstract SCardError EstablishContext(SCardScope scope, out nint context);

    public abstract SCardError ReleaseContext(nint context);

    public abstract SCardError IsValidContext(nint context);

    public abstract SCardError ListReaders(nint context, out string[] names);

    public abstract SCardError GetStatusChange(nint context, uint timeoutMs, SCardReaderState[] states);

    public abstract SCardError Cancel(nint context);

    public abstract SCardError Connect(nint context, string reader, SCardShareMode mode, SCardProtocol protocols, out nint card, out SCardProtocol protocol);

    public abstract SCardError Disconnect(nint card, SCardReaderDisposition disposition);

    public abstract SCardError GetAtr(nint card, out byte[] atr);

    public abstract SCardError Transmit(nint card, SCardProtocol protocol, byte[] command, byte[] response, out int responseBytes);

    /// <summary>Names that each end with a zero; a second zero ends the list.</summary>
    protected static string[] SplitNames(string names) => names.Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
