using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// The card's side of an SCP03 handshake, i = 70 (GP Amendment D, 7.1). One object per selected application; a failed or interrupted handshake starts
/// again with INITIALIZE UPDATE. The keys stay the caller's.
/// </summary>
/// <param name="keys">The key set.</param>
/// <param name="keyVersion">Its KVN; P1 = 00 asks for it too.</param>
/// <param name="application">The selected application, part of the card's challenge.</param>
/// <param name="diversificationData">10 bytes that tell a host which card's keys to derive: here 00 00 | card number, 8 bytes BCD, or zeros before one is known.</param>
public sealed class Scp03Card(Scp03StaticKeys keys, byte keyVersion, Aid application, ReadOnlyMemory<byte> diversificationData) : IDisposable
{
    private readonly byte[] _context = new byte[2 * Scp03Handshake.ChallengeLength];
    private SessionKeys? _pending;

    /// <summary>
    /// INITIALIZE UPDATE. The caller has already counted <paramref name="sequenceCounter"/> up and stored it: a counter that is used twice is a challenge that is used twice.
    /// </summary>
    /// <param name="sequenceCounter">1 to 16,777,215. At the end of its range the key set answers 6985 for ever.</param>
    public ResponseApdu InitializeUpdate(CommandApdu command, uint sequenceCounter)
    {
        Reset();
        if (command.P1 != 0x00 && command.P1 != keyVersion)
            return new ResponseApdu(StatusWord.ReferencedDataNotFound);
        if (command.P2 != 0x00)
            return new ResponseApdu(StatusWord.IncorrectParameters);
        if (command.Data.Length != Scp03Handshake.ChallengeLength)
            return new ResponseApdu(StatusWord.WrongLength);
        if (sequenceCounter is 0 or > Scp03Handshake.SequenceMax)
            return new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied);

        var response = new byte[10 + 3 + Scp03Handshake.ChallengeLength + Scp03Handshake.CryptogramLength + Scp03Handshake.SequenceLength];
        diversificationData.Span.CopyTo(response.AsSpan(0, Scp03Handshake.DiversificationLength));
        response[10] = keyVersion;
        response[11] = Scp03Handshake.ProtocolId;
        response[12] = Scp03Handshake.ProtocolParameter;
        var challenge = response.AsSpan(13, Scp03Handshake.ChallengeLength);
        Scp03Handshake.ComputeCardChallenge(keys, sequenceCounter, application, challenge);

        command.Data.Span.CopyTo(_context);
        challenge.CopyTo(_context.AsSpan(Scp03Handshake.ChallengeLength));
        _pending = Scp03Handshake.DeriveSessionKeys(keys, _context);
        Scp03Handshake.ComputeCardCryptogram(_pending, _context, response.AsSpan(21, Scp03Handshake.CryptogramLength));
        Scp03Handshake.WriteSequence(sequenceCounter, response.AsSpan(29));
        return new ResponseApdu(response, StatusWord.Success);
    }

    /// <summary>
    /// EXTERNAL AUTHENTICATE. 9000 comes with a session. 6985: no INITIALIZE UPDATE before; 6A86: a level that is not offered; 6300: the host's cryptogram is
    /// wrong; 6982: its MAC is.
    /// </summary>
    public ResponseApdu ExternalAuthenticate(CommandApdu command, out SecureMessaging? session)
    {
        session = null;
        var status = Authenticate(command, ref session);
        if (!status.IsSuccess)
        {
            session?.Dispose();
            session = null;
        }

        Reset();
        return new ResponseApdu(status);
    }

    /// <summary>Forgets a handshake that is under way.</summary>
    public void Reset()
    {
        _pending?.Dispose();
        _pending = null;
        CryptographicOperations.ZeroMemory(_context);
    }

    public void Dispose() => Reset();

    private StatusWord Authenticate(CommandApdu command, ref SecureMessaging? session)
    {
        if (_pending is null)
            return StatusWord.ConditionsOfUseNotSatisfied;
        var level = (SecurityLevel)command.P1;
        if (!level.IsSupported() || command.P2 != 0x00)
            return StatusWord.IncorrectParameters;
        if (command.Data.Length != Scp03Handshake.CryptogramLength + SecureMessaging.MacLength)
            return StatusWord.WrongLength;

        Span<byte> expected = stackalloc byte[Scp03Handshake.CryptogramLength];
        Scp03Handshake.ComputeHostCryptogram(_pending, _context, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, command.Data.Span[..Scp03Handshake.CryptogramLength]))
            return StatusWord.AuthenticationFailed;

        session = SecureMessaging.ForExternalAuthenticate(_pending, level);
        _pending = null; // the session owns the keys now
        return session.TryUnwrapExternalAuthenticate(command) ? StatusWord.Success : StatusWord.SecurityStatusNotSatisfied;
    }
}
