using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>
/// What a terminal was told, read from the bytes of subsidy.v1.Outcome by the numbers in protocol/proto/subsidy/v1/disbursements.proto and not by
/// generated code. Fields that no check compares are skipped.
/// </summary>
internal sealed record StoredOutcome
{
    public string TransactionId { get; private set; } = "";
    public bool IsApproved { get; private set; }
    public bool IsDeclined { get; private set; }
    public long DisbursementId { get; private set; }

    /// <summary>yyyymmdd.</summary>
    public int BusinessDate { get; private set; }
    public long SubsidyMinor { get; private set; }
    public long CitizenPaysMinor { get; private set; }
    public int Reason { get; private set; }
    public bool FraudCase { get; private set; }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StoredOutcome? outcome)
    {
        var read = new StoredOutcome();
        outcome = read.TryReadOutcome(bytes) && read.IsApproved != read.IsDeclined ? read : null;
        return outcome is not null;
    }

    private bool TryReadOutcome(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            if (!WireField.TryTake(ref message, out var field))
                return false;
            switch (field.Number)
            {
                case 1:
                    TransactionId = Encoding.ASCII.GetString(field.Bytes);
                    break;
                case 2:
                    IsApproved = true;
                    if (!TryReadApproved(field.Bytes))
                        return false;
                    break;
                case 3:
                    IsDeclined = true;
                    if (!TryReadDeclined(field.Bytes))
                        return false;
                    break;
            }
        }
        return true;
    }

    private bool TryReadApproved(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            if (!WireField.TryTake(ref message, out var field))
                return false;
            switch (field.Number)
            {
                case 1:
                    DisbursementId = field.Number64;
                    break;
                case 2:
                    var date = field.Bytes;
                    if (date.Length > 0 && WireField.TryTake(ref date, out var yyyymmdd) && yyyymmdd.Number == 1)
                        BusinessDate = (int)yyyymmdd.Number64;
                    break;
                case 4:
                    SubsidyMinor = field.Number64;
                    break;
                case 5:
                    CitizenPaysMinor = field.Number64;
                    break;
            }
        }
        return true;
    }

    private bool TryReadDeclined(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            if (!WireField.TryTake(ref message, out var field))
                return false;
            switch (field.Number)
            {
                case 1:
                    Reason = (int)field.Number64;
                    break;
                case 4:
                    FraudCase = field.Number64 != 0;
                    break;
            }
        }
        return true;
    }
}

/// <summary>One field of a protocol buffer message: a number where it is a varint, bytes where it has a length.</summary>
internal readonly ref struct WireField
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private WireField(int number, long number64, ReadOnlySpan<byte> bytes)
    {
        (Number, Number64) = (number, number64);
        Bytes = bytes;
    }

    public int Number { get; }
    public long Number64 { get; }
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Takes the first field off the message; false where it is none.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> message, out WireField field)
    {
        field = default;
        if (!TryTakeVarint(ref message, out var tag))
            return false;
        var number = (int)(tag >> 3);
        switch ((int)(tag & 7))
        {
            case Varint when TryTakeVarint(ref message, out var value):
                field = new WireField(number, unchecked((long)value), []);
                return true;
            case LengthDelimited when TryTakeVarint(ref message, out var length) && length <= (ulong)message.Length:
                field = new WireField(number, 0, message[..(int)length]);
                message = message[(int)length..];
                return true;
            case Fixed64 when message.Length >= 8:
                field = new WireField(number, BinaryPrimitives.ReadInt64LittleEndian(message), []);
                message = message[8..];
                return true;
            case Fixed32 when message.Length >= 4:
                field = new WireField(number, BinaryPrimitives.ReadInt32LittleEndian(message), []);
                message = message[4..];
                return true;
            default:
                return false;
        }
    }

    private static bool TryTakeVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var index = 0; index < message.Length && index < 10; index++)
        {
            value |= (ulong)(message[index] & 0x7F) << (7 * index);
            if ((message[index] & 0x80) == 0)
            {
                message = message[(index + 1)..];
                return true;
            }
        }
        return false;
    }
}
