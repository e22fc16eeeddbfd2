using System.Globalization;
using Google.Protobuf;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Calls;

/// <summary>
/// Reads typed values out of messages. What is no such value is refused with its path and what it may be; the value itself is
/// not repeated, for it may be a card number.
/// </summary>
internal static class Fields
{
    private const int PublicKeyLength = 65;

    public static CardNumber Card(string text, string field) =>
        CardNumber.TryParse(text, out var card)
            ? card
            : throw Refusals.Malformed(field, "Send the card's 16 digits, the last one its check digit.");

    public static TerminalId Terminal(string text, string field) =>
        TerminalId.TryParse(text, out var terminal)
            ? terminal
            : throw Refusals.Malformed(field, "Send the terminal's eight digits or capital letters.");

    /// <summary>An idempotency key: 32 hexadecimal digits, not all zero.</summary>
    public static Guid Key(string text, string field) =>
        Guid.TryParseExact(text, "N", out var key) && key != Guid.Empty
            ? key
            : throw Refusals.Malformed(field, "Send 32 hexadecimal digits that are the same when the call is repeated.");

    public static DateOnly Date(Wire.BusinessDate? date, string field) =>
        OptionalDate(date, field) ?? throw Refusals.Malformed(field, "Send a business date.");

    public static DateOnly? OptionalDate(Wire.BusinessDate? date, string field)
    {
        if (date is null)
            return null;
        var text = date.Yyyymmdd.ToString("D8", CultureInfo.InvariantCulture);
        return DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) && parsed.Year is >= 2000 and < 2100
            ? parsed
            : throw Refusals.Malformed(field + ".yyyymmdd", "Send year, month and day as one number, such as 20261122.");
    }

    public static MerchantId Merchant(long value, string field) =>
        value > 0 ? new MerchantId(value) : throw Refusals.Malformed(field, "Send the merchant's number, 1 or more.");

    public static HouseholdId Household(long value, string field) =>
        value > 0 ? new HouseholdId(value) : throw Refusals.Malformed(field, "Send the household's number, 1 or more.");

    public static ProgrammeCode Programme(uint value, string field) =>
        value is > 0 and <= ushort.MaxValue
            ? new ProgrammeCode((ushort)value)
            : throw Refusals.Malformed(field, "Send a programme code, 1 to 65535.");

    public static ReadOnlyMemory<byte> PublicKey(ByteString bytes, string field) =>
        bytes.Length == PublicKeyLength
            ? bytes.Memory
            : throw Refusals.Malformed(field, "Send an uncompressed P-256 point: 65 bytes, the first 04.");

    public static ReadOnlyMemory<byte> Bytes(ByteString bytes, int lengthMax, string field) =>
        bytes.Length is > 0 && bytes.Length <= lengthMax
            ? bytes.Memory
            : throw Refusals.Malformed(field, string.Create(CultureInfo.InvariantCulture, $"Send 1 to {lengthMax} bytes."));

    public static string Text(string text, int lengthMax, string field) =>
        text.Length is > 0 && text.Length <= lengthMax
            ? text
            : throw Refusals.Malformed(field, string.Create(CultureInfo.InvariantCulture, $"Send 1 to {lengthMax} characters."));

    public static DateTimeOffset Instant(long unixMs, string field) =>
        unixMs is > 0 and < 4_102_444_800_000 // before the year 2100
            ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
            : throw Refusals.Malformed(field, "Send milliseconds since 1970 in UTC, before the year 2100.");

    public static int NotNegative(long value, int max, string field) =>
        value >= 0 && value <= max
            ? (int)value
            : throw Refusals.Malformed(field, string.Create(CultureInfo.InvariantCulture, $"Send 0 to {max}."));
}
