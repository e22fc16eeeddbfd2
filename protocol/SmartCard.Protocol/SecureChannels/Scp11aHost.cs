using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>The numbers that name the SCP11a keys on a card.</summary>
public static class Scp11aKeys
{
    public const byte KeyVersion = 0x01;

    /// <summary>The authority that certifies terminals (off-card entities).</summary>
    public const byte TerminalAuthorityKeyId = 0x10;

    /// <summary>The card's own key-agreement key.</summary>
    public const byte CardKeyId = 0x11;
}

/// <summary>
/// The terminal's side of an SCP11a handshake (GP Amendment F, 7.5 and 7.6): hands its certificates over with PERFORM SECURITY OPERATION, then MUTUAL
/// AUTHENTICATE. Use <see cref="Open"/>. The card's public key comes from a card certificate that the caller has checked.
/// </summary>
public sealed class Scp11aHost : IDisposable
{
    private const byte MoreCertificatesFollow = 0x80;

    private readonly EcKeyPair _terminalKey;
    private readonly EcKeyPair _ephemeral;
    private readonly ReadOnlyMemory<byte> _cardPoint;
    private readonly byte _keyVersion;
    private readonly byte _keyUsage;
    private readonly byte[] _request;

    /// <param name="terminalKey">The key in the terminal's certificate; stays the caller's.</param>
    /// <param name="cardPoint">The card's static key, 65 bytes.</param>
    /// <param name="level">33, or 11 for MACs alone.</param>
    public Scp11aHost(EcKeyPair terminalKey, ReadOnlyMemory<byte> cardPoint, SecurityLevel level = SecurityLevel.Full, byte keyVersion = Scp11aKeys.KeyVersion)
        : this(terminalKey, cardPoint, level, keyVersion, EcKeyPair.Generate())
    {
    }

    internal Scp11aHost(EcKeyPair terminalKey, ReadOnlyMemory<byte> cardPoint, SecurityLevel level, byte keyVersion, EcKeyPair ephemeral)
    {
        _terminalKey = terminalKey;
        _cardPoint = cardPoint;
        _keyVersion = keyVersion;
        _ephemeral = ephemeral;
        _keyUsage = level switch
        {
            SecurityLevel.Full => Scp11aKeyAgreement.UsageWithEncryption,
            SecurityLevel.CMacRMac => Scp11aKeyAgreement.UsageMacOnly,
            _ => throw new ArgumentException("SCP11a offers levels 33 and 11.", nameof(level)),
        };
        _request = Scp11aKeyAgreement.EncodeRequest(_keyUsage, ephemeral.PublicPoint);
    }

    /// <summary>The second step: what to send after the certificates.</summary>
    public CommandApdu MutualAuthenticate => new(
        ClassByte.Proprietary, Instruction.MutualAuthenticate, _keyVersion, Scp11aKeys.CardKeyId, _request, CommandApdu.ShortLeMax);

    /// <summary>Both steps, over a channel with the application selected. Long certificates go as chained commands.</summary>
    /// <param name="certificates">From the one that the card's authority signed to the terminal's own; card-verifiable or X.509.</param>
    public static SecureChannelOutcome Open(
        ICardChannel channel,
        EcKeyPair terminalKey,
        IReadOnlyList<ReadOnlyMemory<byte>> certificates,
        ReadOnlyMemory<byte> cardPoint,
        SecurityLevel level = SecurityLevel.Full,
        byte keyVersion = Scp11aKeys.KeyVersion)
    {
        var exchange = new ApduExchange(channel);
        foreach (var command in PresentCertificates(certificates, keyVersion))
        {
            var presented = exchange.Transmit(command);
            if (!presented.Status.IsSuccess)
                return SecureChannelOutcome.Refused(SecureChannelRefusal.CardRefused, presented.Status);
        }

        using var host = new Scp11aHost(terminalKey, cardPoint, level, keyVersion);
        var answer = exchange.Transmit(host.MutualAuthenticate);
        return host.TryComplete(answer, out var messaging, out var refusal)
            ? new SecureChannelOutcome(new SecureCardChannel(exchange, messaging), SecureChannelRefusal.None, answer.Status)
            : SecureChannelOutcome.Refused(refusal, answer.Status);
    }

    /// <summary>The first step: PERFORM SECURITY OPERATION, one command a certificate, bit 8 of P2 on all but the last.</summary>
    public static IEnumerable<CommandApdu> PresentCertificates(
        IReadOnlyList<ReadOnlyMemory<byte>> certificates, byte keyVersion = Scp11aKeys.KeyVersion)
    {
        for (var i = 0; i < certificates.Count; i++)
        {
            var more = i < certificates.Count - 1 ? MoreCertificatesFollow : (byte)0;
            yield return new CommandApdu(
                ClassByte.Proprietary, Instruction.PerformSecurityOperation, keyVersion, (byte)(Scp11aKeys.TerminalAuthorityKeyId | more),
                certificates[i], null);
        }
    }

    /// <summary>Checks the card's answer to MUTUAL AUTHENTICATE. True: the card is genuine and the session is open.</summary>
    public bool TryComplete(ResponseApdu response, [NotNullWhen(true)] out SecureMessaging? messaging, out SecureChannelRefusal refusal)
    {
        messaging = null;
        refusal = SecureChannelRefusal.CardRefused;
        if (!response.Status.IsSuccess)
            return false;
        refusal = SecureChannelRefusal.Malformed;
        if (!BerTlv.TryParse(response.Data, TlvLimits.Card, out var nodes, out _)
            || nodes is not [{ } cardKey, { } receipt]
            || cardKey.Tag != Scp11aKeyAgreement.PublicKey
            || receipt.Tag != Scp11aKeyAgreement.Receipt
            || receipt.Value.Length != Scp11aKeyAgreement.ReceiptLength)
            return false;

        Span<byte> z = stackalloc byte[2 * P256.CoordinateLength];
        refusal = SecureChannelRefusal.BadPublicKey;
        if (!_ephemeral.TryAgree(cardKey.Value.Span, z[..P256.CoordinateLength])
            || !_terminalKey.TryAgree(_cardPoint.Span, z[P256.CoordinateLength..]))
            return false;

        Span<byte> expected = stackalloc byte[Scp11aKeyAgreement.ReceiptLength];
        var keys = Scp11aKeyAgreement.Derive(z, _keyUsage, _request, cardKey.Encoded.Span, expected);
        CryptographicOperations.ZeroMemory(z);
        if (!CryptographicOperations.FixedTimeEquals(expected, receipt.Value.Span))
        {
            keys.Dispose();
            refusal = SecureChannelRefusal.NotAuthentic;
            return false;
        }

        _ = Scp11aKeyAgreement.TryGetLevel(_keyUsage, out var level);
        messaging = new SecureMessaging(keys, level, expected);
        refusal = SecureChannelRefusal.None;
        return true;
    }

    /// <summary>Wipes the ephemeral key.</summary>
    public void Dispose() => _ephemeral.Dispose();
}
