using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// A card channel under secure messaging: takes plain commands, gives plain answers. When an answer is not what the session demands, the session
/// ends, <see cref="Refusal"/> says why, and this and every later command is answered locally: 6988, then 6982.
/// </summary>
public sealed class SecureCardChannel(ICardChannel channel, SecureMessaging messaging) : ICardChannel, IDisposable
{
    public bool IsOpen => !messaging.HasEnded;

    public SecurityLevel Level => messaging.Level;

    /// <summary>Why the session ended; None while it is open, or when it was ended by this side.</summary>
    public SecureChannelRefusal Refusal { get; private set; }

    public ResponseApdu Transmit(CommandApdu command) =>
        TryTransmit(command, out var response, out var refusal) ? response : new ResponseApdu(refusal.ToStatusWord());

    /// <summary>True: the card's answer, which may be an error status. False: there is no answer to trust.</summary>
    public bool TryTransmit(CommandApdu command, [NotNullWhen(true)] out ResponseApdu? response, out SecureChannelRefusal refusal)
    {
        response = null;
        if (messaging.HasEnded)
        {
            refusal = SecureChannelRefusal.NoSession;
            return false;
        }

        var wrapped = channel.Transmit(messaging.WrapCommand(command));
        if (messaging.TryUnwrapResponse(wrapped, out response, out refusal))
            return true;
        Refusal = refusal;
        return false;
    }

    /// <summary>Encrypts a key for PUT KEY or STORE DATA under the session's DEK.</summary>
    public byte[] EncryptSensitive(ReadOnlySpan<byte> data) => messaging.EncryptSensitive(data);

    /// <summary>Ends the session on this side and wipes its keys. The channel underneath stays open.</summary>
    public void Dispose() => messaging.Dispose();
}

/// <summary>The result of opening a secure channel.</summary>
/// <param name="Channel">The open channel, or null.</param>
/// <param name="Refusal">Why there is none.</param>
/// <param name="Status">The card's last status word.</param>
public sealed record SecureChannelOutcome(SecureCardChannel? Channel, SecureChannelRefusal Refusal, StatusWord Status)
{
    [MemberNotNullWhen(true, nameof(Channel))]
    public bool IsOpen => Channel is not null;

    internal static SecureChannelOutcome Refused(SecureChannelRefusal refusal, StatusWord status) => new(null, refusal, status);
}
