using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Issuance;

/// <summary>A card while a batch decides on it: as read, then as it shall be written.</summary>
internal sealed class CardFile
{
    private CardState _state;

    public required CardNumber Card { get; init; }
    public required HouseholdId Household { get; init; }
    public required string OrderId { get; init; }
    public required byte KeyVersion { get; init; }
    public CardNumber? Replaces { get; init; }
    public bool IsNew { get; init; }
    public bool IsChanged { get; private set; }

    public required CardState State
    {
        get => _state;
        set
        {
            IsChanged |= _state != default(CardState) && _state != value;
            _state = value;
        }
    }

    public byte[]? KeyAgreementKey { get; set; }
    public byte[]? SignatureKey { get; set; }
    public byte[]? KeyAgreementCertificate { get; set; }
    public byte[]? SignatureCertificate { get; set; }

    public bool IsCertified => SignatureCertificate is not null;

    public void Certify(byte[] keyAgreementKey, byte[] signatureKey, byte[] keyAgreementCertificate, byte[] signatureCertificate)
    {
        (KeyAgreementKey, SignatureKey) = (keyAgreementKey, signatureKey);
        (KeyAgreementCertificate, SignatureCertificate) = (keyAgreementCertificate, signatureCertificate);
        IsChanged = true;
    }
}
