using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// PIN and PUK on the wire: an ISO 9564-1 format 2 block of 8 bytes, <c>2L | digits | F...</c>. They travel only inside an encrypted session.
/// </summary>
public static class CardholderVerification
{
    public const int BlockLength = 8;
    public const int PinDigitsMin = 4;
    public const int PinDigitsMax = 12;
    public const int PukDigits = 8;

    /// <summary>P2: the citizen's PIN, specific to the application (ISO 7816-4, 11.5.3).</summary>
    public const byte PinReference = 0x81;

    public static CommandApdu VerifyCommand(ReadOnlySpan<char> pin) =>
        new(ClassByte.Interindustry, Instruction.Verify, 0, PinReference, EncodeBlock(pin), null);

    /// <summary>VERIFY without data: 63Cx tells the tries left and takes none; 9000 when the PIN was verified in this session.</summary>
    public static CommandApdu QueryTries { get; } = new(ClassByte.Interindustry, Instruction.Verify, 0, PinReference);

    /// <summary>RESET RETRY COUNTER: the PUK, and the new PIN that the citizen chose.</summary>
    public static CommandApdu UnblockCommand(ReadOnlySpan<char> puk, ReadOnlySpan<char> newPin) =>
        new(ClassByte.Interindustry, Instruction.ResetRetryCounter, 0, PinReference, (byte[])[.. EncodeBlock(puk), .. EncodeBlock(newPin)], null);

    /// <exception cref="ArgumentException">Not 4 to 12 digits. The message does not repeat them.</exception>
    public static byte[] EncodeBlock(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < PinDigitsMin or > PinDigitsMax || digits.ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException("A PIN has 4 to 12 digits.", nameof(digits));
        var block = new byte[BlockLength];
        block.AsSpan().Fill(0xFF);
        block[0] = (byte)(0x20 | digits.Length);
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = digits[index] - '0';
            ref var octet = ref block[1 + (index / 2)];
            octet = index % 2 == 0 ? (byte)((digit << 4) | 0x0F) : (byte)((octet & 0xF0) | digit);
        }

        return block;
    }

    /// <summary>True for the one well-formed block of some code of this many digits.</summary>
    public static bool IsBlock(ReadOnlySpan<byte> block, int digitsMin, int digitsMax)
    {
        if (block.Length != BlockLength || block[0] >> 4 != 2)
            return false;
        var digits = block[0] & 0x0F;
        if (digits < digitsMin || digits > digitsMax)
            return false;
        for (var index = 0; index < 2 * (BlockLength - 1); index++)
        {
            var nibble = index % 2 == 0 ? block[1 + (index / 2)] >> 4 : block[1 + (index / 2)] & 0x0F;
            if (index < digits ? nibble > 9 : nibble != 0x0F)
                return false;
        }

        return true;
    }
}
