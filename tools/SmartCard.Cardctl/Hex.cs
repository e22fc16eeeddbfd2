namespace SmartCard.Cardctl;

/// <summary>Hexadecimal as people paste it: spaces, colons, dots and hyphens between the digits do not matter.</summary>
internal static class Hex
{
    public static bool TryParse(string text, out byte[] bytes)
    {
        bytes = [];
        var digits = string.Concat(text.Where(c => c is not (' ' or ':' or '.' or '-')));
        if (digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
            return false;
        bytes = Convert.FromHexString(digits);
        return true;
    }

    public static string Format(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);
}
