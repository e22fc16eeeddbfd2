namespace SmartCard.Protocol.Apdus;

/// <summary>
/// The two bytes that end every response, SW1 in the high byte (ISO 7816-4, 5.6).
/// The named values are the ones a subsidy card or its security domain answers.
/// </summary>
public readonly record struct StatusWord(ushort Value)
{
    public static readonly StatusWord Success = new(0x9000);

    /// <summary>SELECT found the application, and the application is blocked.</summary>
    public static readonly StatusWord SelectedFileInvalidated = new(0x6283);

    /// <summary>EXTERNAL AUTHENTICATE: the host cryptogram is wrong (GP Card Specification 2.3, 11.1).</summary>
    public static readonly StatusWord AuthenticationFailed = new(0x6300);

    public static readonly StatusWord MemoryFailure = new(0x6581);
    public static readonly StatusWord WrongLength = new(0x6700);
    public static readonly StatusWord LogicalChannelNotSupported = new(0x6881);
    public static readonly StatusWord SecureMessagingNotSupported = new(0x6882);
    public static readonly StatusWord LastCommandOfChainExpected = new(0x6883);
    public static readonly StatusWord CommandChainingNotSupported = new(0x6884);
    public static readonly StatusWord SecurityStatusNotSatisfied = new(0x6982);
    public static readonly StatusWord AuthenticationMethodBlocked = new(0x6983);
    public static readonly StatusWord ReferenceDataNotUsable = new(0x6984);
    public static readonly StatusWord ConditionsOfUseNotSatisfied = new(0x6985);
    public static readonly StatusWord CommandNotAllowed = new(0x6986);
    public static readonly StatusWord SecureMessagingObjectsMissing = new(0x6987);
    public static readonly StatusWord SecureMessagingObjectsIncorrect = new(0x6988);
    public static readonly StatusWord WrongData = new(0x6A80);
    public static readonly StatusWord FunctionNotSupported = new(0x6A81);
    public static readonly StatusWord FileOrApplicationNotFound = new(0x6A82);
    public static readonly StatusWord RecordNotFound = new(0x6A83);
    public static readonly StatusWord NotEnoughMemory = new(0x6A84);
    public static readonly StatusWord IncorrectParameters = new(0x6A86);
    public static readonly StatusWord ReferencedDataNotFound = new(0x6A88);
    public static readonly StatusWord WrongParameters = new(0x6B00);
    public static readonly StatusWord InstructionNotSupported = new(0x6D00);
    public static readonly StatusWord ClassNotSupported = new(0x6E00);
    public static readonly StatusWord NoPreciseDiagnosis = new(0x6F00);

    public byte Sw1 => (byte)(Value >> 8);

    public byte Sw2 => (byte)(Value & 0xFF);

    public bool IsSuccess => Value == 0x9000;

    /// <summary>62xx and 63xx: processed, with a remark. Secure messaging protects these as it protects 9000.</summary>
    public bool IsWarning => Sw1 is 0x62 or 0x63;

    /// <summary>61xx: SW2 more bytes wait for GET RESPONSE, 00 meaning 256 or more.</summary>
    public bool IsMoreDataAvailable => Sw1 == 0x61;

    /// <summary>6Cxx: the command's Le was wrong and SW2 is the right one, 00 meaning 256.</summary>
    public bool IsWrongLe => Sw1 == 0x6C;

    public static StatusWord FromBytes(byte sw1, byte sw2) => new((ushort)((sw1 << 8) | sw2));

    /// <summary>63Cx: a verification failed and x tries are left, 0 to 15.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 15.</exception>
    public static StatusWord TriesLeft(int tries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tries, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tries, 15);
        return new((ushort)(0x63C0 | tries));
    }

    /// <summary>61xx for a rest of <paramref name="bytesLeft"/> bytes.</summary>
    public static StatusWord MoreDataAvailable(int bytesLeft) =>
        new((ushort)(0x6100 | (bytesLeft >= 256 ? 0 : bytesLeft)));

    public bool TryGetTriesLeft(out int tries)
    {
        tries = Value & 0x0F;
        return (Value & 0xFFF0) == 0x63C0;
    }

    public override string ToString() => Value.ToString("X4");
}
