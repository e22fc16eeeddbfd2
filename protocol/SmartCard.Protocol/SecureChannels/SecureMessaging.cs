using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// The secure messaging of SCP03 (GP Amendment D, 6.2), which is also SCP11's (Amendment F, 6.5): one engine, used by the host in one direction
/// and by the card in the other. Commands and answers alternate. The first thing that is wrong ends the session: keys are wiped and everything
/// after is refused. Not safe for two threads at once.
/// </summary>
public sealed class SecureMessaging : IDisposable
{
    public const int MacLength = 8;

    /// <summary>Most plaintext, each way, that one protected short APDU carries.</summary>
    public const int PlaintextBytesMax = 239;

    private const int BlockLength = 16;
    private const byte PaddingStart = 0x80;
    private const byte CommandCounterFlag = 0x00;
    private const byte ResponseCounterFlag = 0x80;

    private readonly SessionKeys _keys;
    private readonly Aes _encryption;
    private readonly AesCmac _commandMac;
    private readonly AesCmac _responseMac;
    private readonly byte[] _chain = new byte[AesCmac.MacLength];
    private ulong _counter;

    /// <summary>Takes ownership of the keys.</summary>
    /// <param name="macChain">16 bytes: zero before EXTERNAL AUTHENTICATE of SCP03, the receipt after MUTUAL AUTHENTICATE of SCP11.</param>
    /// <exception cref="ArgumentException">A level that is not supported, or a chain that has not 16 bytes.</exception>
    public SecureMessaging(SessionKeys keys, SecurityLevel level, ReadOnlySpan<byte> macChain)
    {
        if (!level.IsSupported())
            throw new ArgumentException($"Security level {(byte)level:X2} is not offered.", nameof(level));
        if (macChain.Length != AesCmac.MacLength)
            throw new ArgumentException("A MAC chaining value has 16 bytes.", nameof(macChain));
        _keys = keys;
        Level = level;
        macChain.CopyTo(_chain);
        _encryption = Aes.Create();
        _encryption.SetKey(keys.Enc);
        _commandMac = new AesCmac(keys.Mac);
        _responseMac = new AesCmac(keys.Rmac);
    }

    public SecurityLevel Level { get; }

    public bool HasEnded { get; private set; }

    /// <summary>Host: protects a command. Le stays as it is: it is not under the MAC.</summary>
    /// <exception cref="InvalidOperationException">The session has ended.</exception>
    public CommandApdu WrapCommand(CommandApdu command)
    {
        if (HasEnded)
            throw new InvalidOperationException("The secure channel has ended.");

        // Amendment D, 6.2.6: the counter moves also where there is nothing to encrypt.
        _counter++;
        var data = ToBody(command.Data.Span, SecurityLevel.CEnc, CommandCounterFlag);
        var wrapped = command with { Cla = (byte)(command.Cla | ClassByte.SecureMessagingBit), Data = data };
        AdvanceCommandChain(wrapped, data.AsSpan(..^MacLength), _chain);
        _chain.AsSpan(0, MacLength).CopyTo(data.AsSpan(^MacLength..));
        return wrapped;
    }

    /// <summary>A session whose first command is the EXTERNAL AUTHENTICATE that opens it: MACed, never encrypted, chain zero, not counted.</summary>
    internal static SecureMessaging ForExternalAuthenticate(SessionKeys keys, SecurityLevel level) => new(keys, level, ZeroBlock);

    internal CommandApdu WrapExternalAuthenticate(CommandApdu command)
    {
        var wrapped = command with { Cla = (byte)(command.Cla | ClassByte.SecureMessagingBit) };
        AdvanceCommandChain(wrapped, command.Data.Span, _chain);
        return wrapped with { Data = (byte[])[.. command.Data.Span, .. _chain.AsSpan(0, MacLength)] };
    }

    internal bool TryUnwrapExternalAuthenticate(CommandApdu wrapped)
    {
        if (!ClassByte.IsSecured(wrapped.Cla) || !ClassByte.IsBasicChannel(wrapped.Cla))
            return false;
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        AdvanceCommandChain(wrapped, wrapped.Data.Span[..^MacLength], mac);
        mac.CopyTo(_chain);
        return CryptographicOperations.FixedTimeEquals(mac[..MacLength], wrapped.Data.Span[^MacLength..]);
    }

    /// <summary>Card: checks and opens a command. On a refusal the session has ended.</summary>
    public bool TryUnwrapCommand(CommandApdu wrapped, [NotNullWhen(true)] out CommandApdu? command, out SecureChannelRefusal refusal)
    {
        command = null;
        if (HasEnded)
        {
            refusal = SecureChannelRefusal.NoSession;
            return false;
        }

        // The channel bits are not under the MAC (6.2.4), so any but the basic channel is refused outright.
        if (!ClassByte.IsSecured(wrapped.Cla) || !ClassByte.IsBasicChannel(wrapped.Cla) || wrapped.Data.Length < MacLength)
            return End(SecureChannelRefusal.NotProtected, out refusal);

        var body = wrapped.Data.Span[..^MacLength];
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        AdvanceCommandChain(wrapped, body, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..MacLength], wrapped.Data.Span[^MacLength..]))
            return End(SecureChannelRefusal.BadMac, out refusal);

        mac.CopyTo(_chain);
        _counter++;
        byte[] plain = [.. body];
        if (Level.Has(SecurityLevel.CEnc) && !body.IsEmpty && !TryDecrypt(body, CommandCounterFlag, out plain))
            return End(SecureChannelRefusal.BadPadding, out refusal);

        command = wrapped with { Cla = (byte)(wrapped.Cla & ~ClassByte.SecureMessagingBit), Data = plain };
        refusal = SecureChannelRefusal.None;
        return true;
    }

    /// <summary>
    /// Card: protects the answer to the command that was opened last. An error status travels bare, without its data (Amendment D, 6.2.5).
    /// Once the session has ended there is nothing to protect an answer with: it becomes 6982.
    /// </summary>
    public ResponseApdu WrapResponse(ResponseApdu response)
    {
        if (!response.Status.IsSuccess && !response.Status.IsWarning)
            return response.Data.IsEmpty ? response : new ResponseApdu(response.Status);
        if (HasEnded)
            return new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);
        if (!Level.Has(SecurityLevel.RMac))
            return response;

        var data = ToBody(response.Data.Span, SecurityLevel.REnc, ResponseCounterFlag);
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        ComputeResponseMac(data.AsSpan(..^MacLength), response.Status, mac);
        mac[..MacLength].CopyTo(data.AsSpan(^MacLength..));
        return new ResponseApdu(data, response.Status);
    }

    /// <summary>
    /// Host: checks and opens an answer. An error status comes bare: it ends nothing and proves nothing, anyone may have sent it. On a refusal the session
    /// has ended.
    /// </summary>
    public bool TryUnwrapResponse(ResponseApdu wrapped, [NotNullWhen(true)] out ResponseApdu? response, out SecureChannelRefusal refusal)
    {
        response = null;
        if (HasEnded)
        {
            refusal = SecureChannelRefusal.NoSession;
            return false;
        }

        refusal = SecureChannelRefusal.None;
        if (!wrapped.Status.IsSuccess && !wrapped.Status.IsWarning)
        {
            if (!wrapped.Data.IsEmpty)
                return End(SecureChannelRefusal.NotProtected, out refusal);
            response = wrapped;
            return true;
        }

        if (!Level.Has(SecurityLevel.RMac))
        {
            response = wrapped;
            return true;
        }

        if (wrapped.Data.Length < MacLength)
            return End(SecureChannelRefusal.NotProtected, out refusal);
        var body = wrapped.Data.Span[..^MacLength];
        Span<byte> mac = stackalloc byte[AesCmac.MacLength];
        ComputeResponseMac(body, wrapped.Status, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..MacLength], wrapped.Data.Span[^MacLength..]))
            return End(SecureChannelRefusal.BadMac, out refusal);

        byte[] plain = [.. body];
        if (Level.Has(SecurityLevel.REnc) && !body.IsEmpty && !TryDecrypt(body, ResponseCounterFlag, out plain))
            return End(SecureChannelRefusal.BadPadding, out refusal);
        response = new ResponseApdu(plain, wrapped.Status);
        return true;
    }

    /// <summary>AES-CBC under the DEK with a zero ICV, for keys in PUT KEY and STORE DATA. The data is whole blocks.</summary>
    public byte[] EncryptSensitive(ReadOnlySpan<byte> data)
    {
        using var aes = SensitiveDataCipher();
        return aes.EncryptCbc(data, ZeroBlock, PaddingMode.None);
    }

    /// <summary>The reverse of <see cref="EncryptSensitive"/>; fails on data that is not whole blocks.</summary>
    public bool TryDecryptSensitive(ReadOnlySpan<byte> data, out byte[] plain)
    {
        plain = [];
        if (data.IsEmpty || data.Length % BlockLength != 0)
            return false;
        using var aes = SensitiveDataCipher();
        plain = aes.DecryptCbc(data, ZeroBlock, PaddingMode.None);
        return true;
    }

    /// <summary>Ends the session and wipes its keys. What is refused from outside the engine, such as a selection, calls this.</summary>
    public void End()
    {
        if (HasEnded)
            return;
        HasEnded = true;
        _encryption.Dispose();
        _commandMac.Dispose();
        _responseMac.Dispose();
        _keys.Dispose();
        CryptographicOperations.ZeroMemory(_chain);
    }

    public void Dispose() => End();

    private static ReadOnlySpan<byte> ZeroBlock => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>CMAC(S-MAC, chain | CLA' INS P1 P2 | Lc with the MAC | data), 16 bytes (Amendment D, 6.2.4).</summary>
    private void AdvanceCommandChain(CommandApdu wrapped, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        var lc = body.Length + MacLength;
        Span<byte> header = stackalloc byte[7];
        header[0] = wrapped.Cla;
        header[1] = wrapped.Ins;
        header[2] = wrapped.P1;
        header[3] = wrapped.P2;
        if (lc <= CommandApdu.ShortDataBytesMax)
        {
            header[4] = (byte)lc;
            header = header[..5];
        }
        else
        {
            header[4] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(header[5..], (ushort)lc);
        }

        _commandMac.Append(_chain).Append(header).Append(body).GetMacAndReset(destination);
    }

    /// <summary>CMAC(S-RMAC, chain | data | SW), where the chain is the command's MAC (Amendment D, 6.2.5).</summary>
    private void ComputeResponseMac(ReadOnlySpan<byte> body, StatusWord status, Span<byte> destination) =>
        _responseMac.Append(_chain).Append(body).Append([status.Sw1, status.Sw2]).GetMacAndReset(destination);

    /// <summary>A message's body, encrypted where the level says so and there is something to encrypt, with room for the MAC behind it.</summary>
    private byte[] ToBody(ReadOnlySpan<byte> plain, SecurityLevel encrypted, byte counterFlag)
    {
        var encrypt = Level.Has(encrypted) && !plain.IsEmpty;
        var body = new byte[(encrypt ? PaddedLength(plain.Length) : plain.Length) + MacLength];
        if (encrypt)
            Encrypt(plain, counterFlag, body.AsSpan(..^MacLength));
        else
            plain.CopyTo(body);
        return body;
    }

    private void Encrypt(ReadOnlySpan<byte> plain, byte counterFlag, Span<byte> destination)
    {
        // ISO 9797-1 padding method 2.
        plain.CopyTo(destination);
        destination[plain.Length] = PaddingStart;
        destination[(plain.Length + 1)..].Clear();
        Span<byte> icv = stackalloc byte[BlockLength];
        ComputeIcv(counterFlag, icv);
        _encryption.EncryptCbc(destination, icv, destination, PaddingMode.None);
    }

    private bool TryDecrypt(ReadOnlySpan<byte> body, byte counterFlag, out byte[] plain)
    {
        plain = [];
        if (body.Length % BlockLength != 0)
            return false;
        Span<byte> icv = stackalloc byte[BlockLength];
        ComputeIcv(counterFlag, icv);
        var padded = _encryption.DecryptCbc(body, icv, PaddingMode.None);
        var end = padded.AsSpan().LastIndexOfAnyExcept((byte)0);
        var padding = padded.Length - end;
        var valid = end >= 0 && padded[end] == PaddingStart && padding <= BlockLength;
        if (valid)
            plain = padded[..end];
        CryptographicOperations.ZeroMemory(padded);
        return valid;
    }

    /// <summary>AES(S-ENC, flag 00.. counter): the command's counter, from 1; an answer sets the top byte to 80 (Amendment D, 6.2.6 and 6.2.7).</summary>
    private void ComputeIcv(byte counterFlag, Span<byte> destination)
    {
        destination.Clear();
        destination[0] = counterFlag;
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _counter);
        _encryption.EncryptEcb(destination, destination, PaddingMode.None);
    }

    private Aes SensitiveDataCipher()
    {
        if (HasEnded)
            throw new InvalidOperationException("The secure channel has ended.");
        var aes = Aes.Create();
        aes.SetKey(_keys.Dek);
        return aes;
    }

    private bool End(SecureChannelRefusal why, out SecureChannelRefusal refusal)
    {
        End();
        refusal = why;
        return false;
    }

    private static int PaddedLength(int length) => (length / BlockLength * BlockLength) + BlockLength;
}
