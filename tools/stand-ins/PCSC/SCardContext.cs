using PCSC.Exceptions;
using PCSC.Interop;

namespace PCSC;

/// <summary>Opens contexts to the resource manager.</summary>
public interface IContextFactory
{
    /// <exception cref="PCSCException">Among others <see cref="SCardError.NoService"/>: no resource manager runs.</exception>
    ISCardContext Establish(SCardScope scope);
}

public sealed class ContextFactory : IContextFactory
{
    private ContextFactory()
    {
    }

    public static IContextFactory Instance { get; } = new ContextFactory();

    public ISCardContext Establish(SCardScope scope)
    {
        SCardApi.Instance.EstablishContext(scope, out var context).ThrowUnlessSuccess();
        return new SCardContext(SCardApi.Instance, context);
    }
}

/// <summary>A connection to the resource manager: for one thread at a time, but for <see cref="Cancel"/>.</summary>
public interface ISCardContext : IDisposable
{
    /// <summary>As a timeout: for ever.</summary>
    IntPtr Infinite { get; }

    bool IsValid();

    /// <summary>Names of the readers present; none is no error.</summary>
    string[] GetReaders();

    /// <summary>Blocks until a reader's state differs from the one given, or <paramref name="timeout"/> milliseconds have passed.</summary>
    /// <returns><see cref="SCardError.Timeout"/> and <see cref="SCardError.Cancelled"/> are ordinary answers.</returns>
    SCardError GetStatusChange(IntPtr timeout, SCardReaderState[] readerStates);

    /// <summary>Ends a <see cref="GetStatusChange"/> that blocks another thread on this context.</summary>
    SCardError Cancel();

    ICardReader ConnectReader(string readerName, SCardShareMode mode, SCardProtocol preferredProtocol);
}

internal sealed class SCardContext(SCardApi api, nint context) : ISCardContext
{
    private nint _context = context;

    public IntPtr Infinite => unchecked((nint)0xFFFFFFFF);

    public bool IsValid() => _context != 0 && api.IsValidContext(_context) == SCardError.Success;

    public string[] GetReaders()
    {
        var outcome = api.ListReaders(Context(), out var names);
        if (outcome == SCardError.NoReadersAvailable)
        {
            return [];
        }
        outcome.ThrowUnlessSuccess();
        return names;
    }

    public SCardError GetStatusChange(IntPtr timeout, SCardReaderState[] readerStates) =>
        api.GetStatusChange(Context(), unchecked((uint)timeout), readerStates);

    public SCardError Cancel() => api.Cancel(Context());

    public ICardReader ConnectReader(string readerName, SCardShareMode mode, SCardProtocol preferredProtocol)
    {
        api.Connect(Context(), readerName, mode, preferredProtocol, out var card, out var protocol).ThrowUnlessSuccess();
        return new CardReader(api, new CardHandle(api, card), protocol);
    }

    public void Dispose()
    {
        // A service that is gone has forgotten the context anyway.
        if (Interlocked.Exchange(ref _context, 0) is not 0 and var context)
        {
            api.ReleaseContext(context);
        }
        GC.SuppressFinalize(this);
    }

    private nint Context() => _context != 0 ? _context : throw new PCSCException(SCardError.InvalidHandle);

    ~SCardContext() => Dispose();
}

internal static class SCardErrors
{
    public static void ThrowUnlessSuccess(this SCardError error)
    {
        if (error != SCardError.Success)
        {
            throw new PCSCException(error);
        }
    }
}
