using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>Why a secure channel did not open, or why an open one ended.</summary>
public enum SecureChannelRefusal
{
    None = 0,

    /// <summary>There is no session: it never opened, or it has ended.</summary>
    NoSession,

    /// <summary>The other side answered with an error status; it is in the outcome.</summary>
    CardRefused,

    /// <summary>A field has the wrong length or is missing.</summary>
    Malformed,

    /// <summary>Another key version, another protocol, or a security level that the card does not offer.</summary>
    NotOffered,

    /// <summary>The card's public key is not a point on the curve.</summary>
    BadPublicKey,

    /// <summary>The card's cryptogram or receipt is wrong: it does not hold the keys.</summary>
    NotAuthentic,

    /// <summary>A command or an answer came without the protection that the session's level demands.</summary>
    NotProtected,

    /// <summary>The MAC is wrong.</summary>
    BadMac,

    /// <summary>The MAC is right and the padding under the encryption is not.</summary>
    BadPadding,
}

public static class SecureChannelRefusals
{
    /// <summary>What a card answers when secure messaging refuses a command: 6982 without a session, otherwise 6988, and the session is over.</summary>
    public static StatusWord ToStatusWord(this SecureChannelRefusal refusal) => refusal switch
    {
        SecureChannelRefusal.None => StatusWord.Success,
        SecureChannelRefusal.NoSession => StatusWord.SecurityStatusNotSatisfied,
        _ => StatusWord.SecureMessagingObjectsIncorrect,
    };
}
