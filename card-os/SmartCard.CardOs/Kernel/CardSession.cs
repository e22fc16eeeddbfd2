using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Kernel;

internal enum CardApplication
{
    SecurityDomain,
    Subsidy,
}

/// <summary>A secure channel that is open.</summary>
/// <param name="IsIssuer">SCP03; otherwise SCP11a.</param>
/// <param name="Terminal">The peer's certificate; null for the issuer and for an X.509 peer.</param>
internal sealed record OpenChannel(SecureMessaging Messaging, bool IsIssuer, CardVerifiableCertificate? Terminal);

/// <summary>An ARQC that the issuer may still answer.</summary>
internal sealed record PendingArqc(Atc Atc, ReadOnlyMemory<byte> Cryptogram);

/// <summary>Everything that a card forgets without power, and most of it with a new selection.</summary>
internal sealed class CardSession : IDisposable
{
    public CardApplication Selected { get; private set; } = CardApplication.SecurityDomain;

    /// <summary>Null without a secure channel.</summary>
    public OpenChannel? Channel { get; private set; }

    /// <summary>Handshakes that are under way.</summary>
    public Scp03Card? Scp03 { get; private set; }
    public Scp11aCard? Scp11a { get; private set; }
    public bool PinVerified { get; set; }
    public PendingArqc? PendingArqc { get; set; }

    public void Select(CardApplication application)
    {
        Clear();
        Selected = application;
    }

    public void BeginScp03(Scp03Card handshake)
    {
        Clear();
        Scp03 = handshake;
    }

    public void BeginScp11a(Scp11aCard handshake)
    {
        Clear();
        Scp11a = handshake;
    }

    /// <summary>The handshake succeeded; it is over and the channel is open.</summary>
    public void Open(OpenChannel channel)
    {
        Clear();
        Channel = channel;
    }

    /// <summary>Ends the secure channel and everything that hangs on it. The selection stays.</summary>
    public void Clear()
    {
        Channel?.Messaging.Dispose();
        Scp03?.Dispose();
        Scp11a?.Dispose();
        (Channel, Scp03, Scp11a, PinVerified, PendingArqc) = (null, null, null, false, null);
    }

    public void Dispose() => Clear();
}
