using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// The host's side of an SCP03 handshake: INITIALIZE UPDATE, then EXTERNAL AUTHENTICATE (GP Amendment D, 5 and 7.1). Use <see cref="Open"/>;
/// the steps are there for hosts that move the APDUs themselves. The keys stay the caller's.
/// </summary>
public sealed class Scp03Host
{
    private const int ResponseLength = Scp03Handshake.DiversificationLength + 3 + Scp03Handshake.ChallengeLength + Scp03Handshake.CryptogramLength;

    private readonly Scp03StaticKeys _keys;
    private readonly SecurityLevel _level;
    private readonly byte _keyVersion;
    private readonly byte[] _hostChallenge;

    /// <param name="keyVersion">KVN, or 00 for whichever the card has.</param>
    /// <param name="hostChallenge">8 random bytes.</param>
    public Scp03Host(Scp03StaticKeys keys, SecurityLevel level, byte keyVersion, ReadOnlySpan<byte> hostChallenge)
    {
        if (!level.IsSupported())
            throw new ArgumentException($"Security level {(byte)level:X2} is not offered.", nameof(level));
        if (hostChallenge.Length != Scp03Handshake.ChallengeLength)
            throw new ArgumentException("A host challenge has 8 bytes.", nameof(hostChallenge));
        _keys = keys;
        _level = level;
        _keyVersion = keyVersion;
        _hostChallenge = hostChallenge.ToArray();
    }

    /// <summary>Step 1: what to send.</summary>
    public CommandApdu InitializeUpdate =>
        new(ClassByte.Proprietary, Instruction.InitializeUpdate, _keyVersion, 0x00, _hostChallenge, CommandApdu.ShortLeMax);

    /// <summary>Both steps over a channel with the card's security domain or application selected.</summary>
    public static SecureChannelOutcome Open(
        ICardChannel channel, Scp03StaticKeys keys, SecurityLevel level, byte keyVersion, IRandomSource random)
    {
        Span<byte> challenge = stackalloc byte[Scp03Handshake.ChallengeLength];
        random.Fill(challenge);
        var host = new Scp03Host(keys, level, keyVersion, challenge);

        var answer = channel.Transmit(host.InitializeUpdate);
        if (!host.TryAuthenticate(answer, out var externalAuthenticate, out var messaging, out var refusal))
            return SecureChannelOutcome.Refused(refusal, answer.Status);
        answer = channel.Transmit(externalAuthenticate);
        if (answer.Status.IsSuccess)
            return new SecureChannelOutcome(new SecureCardChannel(channel, messaging), SecureChannelRefusal.None, answer.Status);
        messaging.Dispose();
        return SecureChannelOutcome.Refused(SecureChannelRefusal.CardRefused, answer.Status);
    }

    /// <summary>
    /// Step 2: checks the card's answer and makes EXTERNAL AUTHENTICATE. The session is for use once the card has answered that with 9000.
    /// </summary>
    public bool TryAuthenticate(
        ResponseApdu initializeUpdateResponse,
        [NotNullWhen(true)] out CommandApdu? externalAuthenticate,
        [NotNullWhen(true)] out SecureMessaging? messaging,
        out SecureChannelRefusal refusal)
    {
        externalAuthenticate = null;
        messaging = null;
        if (!TryReadResponse(initializeUpdateResponse, out var cardChallenge, out var cardCryptogram, out refusal))
            return false;

        Span<byte> context = stackalloc byte[2 * Scp03Handshake.ChallengeLength];
        _hostChallenge.CopyTo(context);
        cardChallenge.CopyTo(context[Scp03Handshake.ChallengeLength..]);
        var session = Scp03Handshake.DeriveSessionKeys(_keys, context);
        Span<byte> cryptogram = stackalloc byte[Scp03Handshake.CryptogramLength];
        Scp03Handshake.ComputeCardCryptogram(session, context, cryptogram);
        if (!CryptographicOperations.FixedTimeEquals(cryptogram, cardCryptogram))
        {
            session.Dispose();
            refusal = SecureChannelRefusal.NotAuthentic;
            return false;
        }

        Scp03Handshake.ComputeHostCryptogram(session, context, cryptogram);
        messaging = SecureMessaging.ForExternalAuthenticate(session, _level);
        externalAuthenticate = messaging.WrapExternalAuthenticate(new CommandApdu(
            ClassByte.Proprietary, Instruction.ExternalAuthenticate, (byte)_level, 0x00, cryptogram.ToArray(), null));
        return true;
    }

    private bool TryReadResponse(
        ResponseApdu response, out ReadOnlySpan<byte> cardChallenge, out ReadOnlySpan<byte> cardCryptogram, out SecureChannelRefusal refusal)
    {
        cardChallenge = default;
        cardCryptogram = default;
        refusal = SecureChannelRefusal.CardRefused;
        if (!response.Status.IsSuccess)
            return false;

        // Diversification data 10 | KVN, protocol, i | challenge 8 | cryptogram 8 | sequence counter 3, the last only with a pseudo-random challenge.
        var data = response.Data.Span;
        refusal = SecureChannelRefusal.Malformed;
        if (data.Length is not (ResponseLength or ResponseLength + Scp03Handshake.SequenceLength))
            return false;
        var keyInformation = data.Slice(Scp03Handshake.DiversificationLength, 3);
        refusal = SecureChannelRefusal.NotOffered;
        if (keyInformation[1] != Scp03Handshake.ProtocolId
            || (_keyVersion != 0 && keyInformation[0] != _keyVersion)
            || (_level.Has(SecurityLevel.RMac) && (keyInformation[2] & 0x20) == 0)
            || (_level.Has(SecurityLevel.REnc) && (keyInformation[2] & 0x40) == 0))
            return false;

        var rest = data[(Scp03Handshake.DiversificationLength + 3)..];
        cardChallenge = rest[..Scp03Handshake.ChallengeLength];
        cardCryptogram = rest.Slice(Scp03Handshake.ChallengeLength, Scp03Handshake.CryptogramLength);
        refusal = SecureChannelRefusal.None;
        return true;
    }
}
