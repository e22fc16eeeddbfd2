using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Security;

/// <summary>Key objects made from <see cref="CardKeys"/> when first needed, kept until those keys change or the power goes.</summary>
internal sealed class Keyring : IDisposable
{
    private CardKeys? _of;
    private Scp03StaticKeys? _scp03;
    private EcKeyPair? _keyAgreement;
    private EcKeyPair? _signature;
    private CertificateAuthority? _terminalAuthority;

    public Scp03StaticKeys Scp03(CardKeys keys)
    {
        Follow(keys);
        return _scp03 ??= new Scp03StaticKeys(keys.Enc.Span, keys.Mac.Span, keys.Dek.Span);
    }

    public EcKeyPair? KeyAgreement(CardKeys keys)
    {
        Follow(keys);
        return keys.KeyAgreementScalar.IsEmpty ? null : _keyAgreement ??= EcKeyPair.FromScalar(keys.KeyAgreementScalar.Span);
    }

    public EcKeyPair? Signature(CardKeys keys)
    {
        Follow(keys);
        return keys.SignatureScalar.IsEmpty ? null : _signature ??= EcKeyPair.FromScalar(keys.SignatureScalar.Span);
    }

    public CertificateAuthority? TerminalAuthority(CardKeys keys)
    {
        Follow(keys);
        return keys.TerminalAuthorityPoint.IsEmpty
            ? null
            : _terminalAuthority ??= new CertificateAuthority(
                keys.TerminalAuthority, CertificateRole.TerminalAuthority, EcPublicKey.FromPoint(keys.TerminalAuthorityPoint.Span));
    }

    public void Dispose() => Forget();

    private void Follow(CardKeys keys)
    {
        // The sequence counter moves with every handshake and is no reason to make the objects again.
        if (_of is not null && _of with { Scp03Sequence = keys.Scp03Sequence } != keys)
            Forget();
        _of = keys;
    }

    private void Forget()
    {
        _scp03?.Dispose();
        _keyAgreement?.Dispose();
        _signature?.Dispose();
        (_of, _scp03, _keyAgreement, _signature, _terminalAuthority) = (null, null, null, null, null);
    }
}
