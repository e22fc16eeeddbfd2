using System.Runtime.InteropServices;

namespace PCSC.Interop;

/// <summary>winscard.h: DWORD and LONG have 32 bits, handles are as long as a pointer, and text is UTF-16.</summary>
internal sealed unsafe partial class WinSCard : SCardApi
{
    private const string Library = "winscard.dll";
    private const int AtrBytesMax = 36;

    private static readonly nint Exports = NativeLibrary.Load(Library);
    private static readonly nint PciT0 = NativeLibrary.GetExport(Exports, "g_rgSCardT0Pci");
    private static readonly nint PciT1 = NativeLibrary.GetExport(Exports, "g_rgSCardT1Pci");

    public override SCardError EstablishContext(SCardScope scope, out nint context) =>
        (SCardError)SCardEstablishContext((uint)scope, 0, 0, out context);

    public override SCardError ReleaseContext(nint context) => (SCardError)SCardReleaseContext(context);

    public override SCardError IsValidContext(nint context) => (SCardError)SCardIsValidContext(context);

    public override SCardError ListReaders(nint context, out string[] names)
    {
        names = [];
        // The list may grow between asking for its length and asking for itself.
        while (true)
        {
            uint length = 0;
            var error = (SCardError)SCardListReadersW(context, null, null, ref length);
            if (error != SCardError.Success)
            {
                return error;
            }
            var characters = new char[length];
            fixed (char* start = characters)
            {
                error = (SCardError)SCardListReadersW(context, null, start, ref length);
            }
            if (error == SCardError.InsufficientBuffer)
            {
                continue;
            }
            names = SplitNames(new string(characters, 0, (int)length));
            return error;
        }
    }

    public override SCardError GetStatusChange(nint context, uint timeoutMs, SCardReaderState[] states)
    {
        var native = new ReaderState[states.Length];
        try
        {
            for (var i = 0; i < states.Length; i++)
            {
                native[i].Name = Marshal.StringToCoTaskMemUni(states[i].ReaderName);
                native[i].CurrentState = unchecked((uint)states[i].CurrentStateValue);
            }
            SCardError error;
            fixed (ReaderState* first = native)
            {
                error = (SCardError)SCardGetStatusChangeW(context, timeoutMs, first, (uint)native.Length);
            }
            for (var i = 0; i < states.Length; i++)
            {
                states[i].EventStateValue = (nint)native[i].EventState;
                states[i].Atr = native[i].AtrBytes();
            }
            return error;
        }
        finally
        {
            foreach (var state in native)
            {
                Marshal.FreeCoTaskMem(state.Name);
            }
        }
    }

    public override SCardError Cancel(nint context) => (SCardError)SCardCancel(context);

    public override SCardError Connect(nint context, string reader, SCardShareMode mode, SCardProtocol protocols, out nint card, out SCardProtocol protocol)
    {
        var error = (SCardError)SCardConnectW(context, reader, (uint)mode, (uint)protocols, out card, out var active);
        protocol = (SCardProtocol)active;
        return error;
    }

    public override SCardError Disconnect(nint card, SCardReaderDisposition disposition) =>
        (SCardError)SCardDisconnect(card, (uint)disposition);

    public override SCardError GetAtr(nint card, out byte[] atr)
    {
        atr = new byte[AtrBytesMax];
        uint nameLength = 0;
        uint atrLength = AtrBytesMax;
        SCardError error;
        fixed (byte* start = atr)
        {
            error = (SCardError)SCardStatusW(card, null, ref nameLength, out _, out _, start, ref atrLength);
        }
        atr = atr[..(int)Math.Min(atrLength, AtrBytesMax)];
        return error;
    }

    public override SCardError Transmit(nint card, SCardProtocol protocol, byte[] command, byte[] response, out int responseBytes)
    {
        var length = (uint)response.Length;
        SCardError error;
        fixed (byte* send = command, receive = response)
        {
            var pci = protocol == SCardProtocol.T0 ? PciT0 : PciT1;
            error = (SCardError)SCardTransmit(card, pci, send, (uint)command.Length, 0, receive, ref length);
        }
        responseBytes = error == SCardError.Success ? (int)length : 0;
        return error;
    }

    /// <summary>SCARD_READERSTATEW: 64 bytes on 64-bit platforms.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ReaderState
    {
        public nint Name;
        public nint UserData;
        public uint CurrentState;
        public uint EventState;
        public uint AtrLength;
        public fixed byte Atr[AtrBytesMax];

        public byte[] AtrBytes()
        {
            fixed (byte* start = Atr)
            {
                return new ReadOnlySpan<byte>(start, (int)Math.Min(AtrLength, AtrBytesMax)).ToArray();
            }
        }
    }

    [LibraryImport(Library)]
    private static partial int SCardEstablishContext(uint scope, nint reserved1, nint reserved2, out nint context);

    [LibraryImport(Library)]
    private static partial int SCardReleaseContext(nint context);

    [LibraryImport(Library)]
    private static partial int SCardIsValidContext(nint context);

    [LibraryImport(Library)]
    private static partial int SCardListReadersW(nint context, char* groups, char* readers, ref uint readersLength);

    [LibraryImport(Library)]
    private static partial int SCardGetStatusChangeW(nint context, uint timeoutMs, ReaderState* states, uint stateCount);

    [LibraryImport(Library)]
    private static partial int SCardCancel(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf16)]
    private static partial int SCardConnectW(nint context, string reader, uint shareMode, uint protocols, out nint card, out uint protocol);

    [LibraryImport(Library)]
    private static partial int SCardDisconnect(nint card, uint disposition);

    [LibraryImport(Library)]
    private static partial int SCardStatusW(nint card, char* name, ref uint nameLength, out uint state, out uint protocol, byte* atr, ref uint atrLength);

    [LibraryImport(Library)]
    private static partial int SCardTransmit(nint card, nint sendPci, byte* command, uint commandLength, nint receivePci, byte* response, ref uint responseLength);
}
