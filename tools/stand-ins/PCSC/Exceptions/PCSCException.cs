namespace PCSC.Exceptions;

/// <summary>A PC/SC function said no. The package has a subclass for many codes; <see cref="SCardError"/> tells them apart too.</summary>
public class PCSCException : Exception
{
    public PCSCException(SCardError serr)
        : this(serr, $"PC/SC error {serr} (0x{serr:X}).")
    {
    }

    public PCSCException(SCardError serr, string message)
        : base(message)
    {
        SCardError = serr;
    }

    public SCardError SCardError { get; protected set; }
}
