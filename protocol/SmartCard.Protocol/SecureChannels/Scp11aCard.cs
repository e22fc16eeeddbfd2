using System.Security.Cryptography;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.SecureChannels;

/// <summary>
/// The card's side of an SCP11a handshake (GP Amendment F, 7.5 and 7.6). PERFORM SECURITY OPERATION walks the terminal's certificates from the authority that the card
/// trusts; MUTUAL AUTHENTICATE then proves both sides and makes the session. One object per selected application. Keys and authority stay the
/// caller's. Commands come whole: <see cref="CommandChaining"/> has run before.
/// </summary>
public sealed class Scp11aCard : IDisposable
{
    private const byte MoreCertificatesFollow = 0x80;
    private const int CertificatesMax = 4;

    private readonly EcKeyPair _cardKey;
    private readonly CertificateAuthority _terminalAuthority;
    private readonly byte _keyVersion;
    private readonly Func<EcKeyPair> _generateEphemeral;
    private CertificateAuthority _anchor;
    private int _certificatesSeen;
    private byte[]? _terminalPoint;
    private CardVerifiableCertificate? _terminalCertificate;
    private DateOnly _latestDateSeen;

    /// <param name="cardKey">The card's key-agreement key, KID 11.</param>
    /// <param name="terminalAuthority">KID 10.</param>
    /// <param name="latestDateSeen">What the card has stored as the latest date it saw.</param>
    /// <param name="keyVersion">KVN of both; P1 = 00 asks for it too.</param>
    public Scp11aCard(
        EcKeyPair cardKey, CertificateAuthority terminalAuthority, DateOnly latestDateSeen, byte keyVersion = Scp11aKeys.KeyVersion)
        : this(cardKey, terminalAuthority, latestDateSeen, keyVersion, EcKeyPair.Generate)
    {
    }

    internal Scp11aCard(
        EcKeyPair cardKey, CertificateAuthority terminalAuthority, DateOnly latestDateSeen, byte keyVersion, Func<EcKeyPair> generateEphemeral)
    {
        _cardKey = cardKey;
        _terminalAuthority = terminalAuthority;
        _anchor = terminalAuthority;
        _latestDateSeen = latestDateSeen;
        _keyVersion = keyVersion;
        _generateEphemeral = generateEphemeral;
    }

    /// <summary>Moves forward with certificates that verify; the caller stores it when it has moved.</summary>
    public DateOnly LatestDateSeen => _latestDateSeen;

    /// <summary>
    /// Whose session MUTUAL AUTHENTICATE made: the terminal's card-verifiable certificate. Null when there is no session, and for a peer that showed X.509,
    /// which names no subsidy terminal and has no rights to draw.
    /// </summary>
    public CardVerifiableCertificate? Peer { get; private set; }

    /// <summary>
    /// 9000: the certificate is accepted. 6A88: another key is named; 6A80: not a certificate that this card reads; 6982: signature, role or date is wrong.
    /// After any refusal the walk starts again at the authority.
    /// </summary>
    public ResponseApdu PerformSecurityOperation(CommandApdu command)
    {
        var more = (command.P2 & MoreCertificatesFollow) != 0;
        var status = NamesKey(command.P1, (byte)(command.P2 & ~MoreCertificatesFollow), Scp11aKeys.TerminalAuthorityKeyId)
            ? Accept(command.Data, more)
            : StatusWord.ReferencedDataNotFound;
        if (!status.IsSuccess)
            Reset();
        return new ResponseApdu(status);
    }

    /// <summary>
    /// 9000 comes with a session, and with the card's ephemeral key and receipt. 6985: no certificate was accepted before; 6A88: another key is named; 6A80: the data
    /// asks for what is not offered, or a key off the curve. Whatever the answer, the next handshake begins with certificates again.
    /// </summary>
    public ResponseApdu MutualAuthenticate(CommandApdu command, out SecureMessaging? session)
    {
        session = null;
        var (point, certificate) = (_terminalPoint, _terminalCertificate);
        Reset();
        if (!NamesKey(command.P1, command.P2, Scp11aKeys.CardKeyId))
            return new ResponseApdu(StatusWord.ReferencedDataNotFound);
        if (point is null)
            return new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied);
        if (!Scp11aKeyAgreement.TryReadRequest(command.Data, out var keyUsage, out var terminalEphemeral)
            || !Scp11aKeyAgreement.TryGetLevel(keyUsage, out var level))
            return new ResponseApdu(StatusWord.WrongData);

        using var ephemeral = _generateEphemeral();
        Span<byte> z = stackalloc byte[2 * P256.CoordinateLength];
        if (!ephemeral.TryAgree(terminalEphemeral.Value.Span, z[..P256.CoordinateLength])
            || !_cardKey.TryAgree(point, z[P256.CoordinateLength..]))
            return new ResponseApdu(StatusWord.WrongData);

        var publicKeyObject = new TlvWriter().Append(Scp11aKeyAgreement.PublicKey, ephemeral.PublicPoint).ToArray();
        Span<byte> receipt = stackalloc byte[Scp11aKeyAgreement.ReceiptLength];
        var keys = Scp11aKeyAgreement.Derive(z, keyUsage, command.Data.Span, publicKeyObject, receipt);
        CryptographicOperations.ZeroMemory(z);

        session = new SecureMessaging(keys, level, receipt);
        Peer = certificate;
        var data = new TlvWriter().AppendEncoded(publicKeyObject).Append(Scp11aKeyAgreement.Receipt, receipt).ToArray();
        return new ResponseApdu(data, StatusWord.Success);
    }

    /// <summary>Forgets the certificates and the peer: a new selection, or the end of the session.</summary>
    public void Reset()
    {
        _anchor = _terminalAuthority;
        _certificatesSeen = 0;
        _terminalPoint = null;
        _terminalCertificate = null;
        Peer = null;
    }

    public void Dispose() => Reset();

    private bool NamesKey(byte p1, byte p2, byte keyId) => (p1 == 0x00 || p1 == _keyVersion) && p2 == keyId;

    private StatusWord Accept(ReadOnlyMemory<byte> certificate, bool more)
    {
        // A certificate after the last one begins another walk.
        if (_terminalPoint is not null)
            Reset();
        if (++_certificatesSeen > CertificatesMax || certificate.IsEmpty)
            return StatusWord.WrongData;
        return certificate.Span[0] == 0x30 ? AcceptX509(certificate, more) : AcceptCardVerifiable(certificate.Span, more);
    }

    private StatusWord AcceptCardVerifiable(ReadOnlySpan<byte> bytes, bool more)
    {
        if (!CardVerifiableCertificate.TryDecode(bytes, out var certificate, out _))
            return StatusWord.WrongData;
        var role = more ? CertificateRole.TerminalAuthority : CertificateRole.Terminal;
        if (_anchor.CheckWithoutClock(certificate, role, ref _latestDateSeen) != CertificateRefusal.None)
            return StatusWord.SecurityStatusNotSatisfied;
        if (more)
        {
            _anchor = CertificateAuthority.FromCertificate(certificate);
            return StatusWord.Success;
        }

        _terminalPoint = certificate.PublicPoint.ToArray();
        _terminalCertificate = certificate;
        return StatusWord.Success;
    }

    private StatusWord AcceptX509(ReadOnlyMemory<byte> der, bool more)
    {
        if (!X509PublicKeyExtractor.TryExtract(der, out var certificate))
            return StatusWord.WrongData;
        // Dates of X.509 do not move the card's clock: they are not ours to trust that far.
        var usable = more ? certificate.MayCertify : certificate.MayAgreeOnKeys;
        if (!usable || !certificate.IsSignedBy(_anchor.PublicKey) || _latestDateSeen > certificate.ExpirationDate)
            return StatusWord.SecurityStatusNotSatisfied;
        if (more)
        {
            // The anchor takes no role: an X.509 authority leads to X.509 alone.
            _anchor = new CertificateAuthority(default, CertificateRole.None, EcPublicKey.FromPoint(certificate.PublicPoint.Span));
            return StatusWord.Success;
        }

        _terminalPoint = certificate.PublicPoint.ToArray();
        return StatusWord.Success;
    }
}
