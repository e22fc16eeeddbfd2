using System.Runtime.InteropServices;
using System.Text;

namespace PCSC.Interop;

/// <summary>pcsc-lite (pcsclite.h, wintypes.h): DWORD, LONG and handles are as long as a pointer, and text is UTF-8.</summary>
internal sealed unsafe partial class PcscLite : SCardApi
{
    private const string Library = "libpcsclite.so.1";
    private const int AtrBytesMax = 33;

    private static readonly nint Exports = NativeLibrary.Load(Library);
    private static readonly nint PciT0 = NativeLibrary.GetExport(Exports, "g_rgSCardT0Pci");
    private static readonly nint PciT1 = NativeLibrary.GetExport(Exports, "g_rgSCardT1Pci");

    public override SCardError EstablishContext(SCardScope scope, out nint context) =>
        Error(SCardEstablishContext((nuint)scope, 0, 0, out context));

    public override SCardError ReleaseContext(nint context) => Error(SCardReleaseContext(context));

    public override SCardError IsValidContext(nint context) => Error(SCardIsValidContext(context));

    public override SCardError ListReaders(nint context, out string[] names)
    {
        names = [];
        // The list may grow between asking for its length and asking for itself.
        while (true)
        {
            nuint length = 0;
            var error = Error(SCardListReaders(context, null, null, ref length));
            if (error != SCardError.Success)
            {
                return error;
            }
            var bytes = new byte[(int)length];
            fixed (byte* start = bytes)
            {
                error = Error(SCardListReaders(context, null, start, ref length));
            }
            if (error == SCardError.InsufficientBuffer)
            {
                continue;
            }
            names = SplitNames(Encoding.UTF8.GetString(bytes, 0, (int)length));
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
                native[i].Name = Marshal.StringToCoTaskMemUTF8(states[i].ReaderName);
                native[i].CurrentState = (nuint)states[i].CurrentStateValue;
            }
            SCardError error;
            fixed (ReaderState* first = native)
            {
                error = Error(SCardGetStatusChange(context, timeoutMs, first, (nuint)native.Length));
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

    public override SCardError Cancel(nint context) => Error(SCardCancel(context));

    public override SCardError Connect(nint context, string reader, SCardShareMode mode, SCardProtocol protocols, out nint card, out SCardProtocol protocol)
    {
        var error = Error(SCardConnect(context, reader, (nuint)mode, (nuint)protocols, out card, out var active));
        protocol = (SCardProtocol)active;
        return error;
    }

    public override SCardError Disconnect(nint card, SCardReaderDisposition disposition) =>
        Error(SCardDisconnect(card, (nuint)disposition));

    public override SCardError GetAtr(nint card, out byte[] atr)
    {
        atr = new byte[AtrBytesMax];
        nuint nameLength = 0;
        nuint atrLength = AtrBytesMax;
        SCardError error;
        fixed (byte* start = atr)
        {
            error = Error(SCardStatus(card, null, ref nameLength, out _, out _, start, ref atrLength));
        }
        atr = atr[..(int)Math.Min(atrLength, AtrBytesMax)];
        return error;
    }

    public override SCardError Transmit(nint card, SCardProtocol protocol, byte[] command, byte[] response, out int responseBytes)
    {
        var length = (nuint)response.Length;
        SCardError error;
        fixed (byte* send = command, receive = response)
        {
            var pci = protocol == SCardProtocol.T0 ? PciT0 : PciT1;
            error = Error(SCardTransmit(card, pci, send, (nuint)command.Length, 0, receive, ref length));
        }
        responseBytes = error == SCardError.Success ? (int)length : 0;
        return error;
    }

    // A LONG of 64 bits whose lower half is the code.
    private static SCardError Error(nint code) => (SCardError)unchecked((int)code);

    /// <summary>SCARD_READERSTATE: 80 bytes on 64-bit platforms, the ATR's 33 padded to 40.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ReaderState
    {
        public nint Name;
        public nint UserData;
        public nuint CurrentState;
        public nuint EventState;
        public nuint AtrLength;
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
    private static partial nint SCardEstablishContext(nuint scope, nint reserved1, nint reserved2, out nint context);

    [LibraryImport(Library)]
    private static partial nint SCardReleaseContext(nint context);

    [LibraryImport(Library)]
    private static partial nint SCardIsValidContext(nint context);

    [LibraryImport(Library)]
    private static partial nint SCardListReaders(nint context, byte* groups, byte* readers, ref nuint readersLength);

    [LibraryImport(Library)]
    private static partial nint SCardGetStatusChange(nint context, nuint timeoutMs, ReaderState* states, nuint stateCount);

    [LibraryImport(Library)]
    private static partial nint SCardCancel(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint SCardConnect(nint context, string reader, nuint shareMode, nuint protocols, out nint card, out nuint protocol);

    [LibraryImport(Library)]
    private static partial nint SCardDisconnect(nint card, nuint disposition);

    [LibraryImport(Library)]
    private static partial nint SCardStatus(nint card, byte* name, ref nuint nameLength, out nuint state, out nuint protocol, byte* atr, ref nuint atrLength);

    [LibraryImport(Library)]
    private static partial nint SCardTransmit(nint card, nint sendPci, byte* command, nuint commandLength, nint receivePci, byte* response, ref nuint responseLength);
}
