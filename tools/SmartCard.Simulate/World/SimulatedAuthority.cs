using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Simulate.World;

/// <summary>The bureau's certificates and signature, as terminals see them. Nobody enrols during a simulation.</summary>
internal sealed class SimulatedAuthority(Bureau bureau) : ICertificateAuthority
{
    public ReadOnlyMemory<byte> RootCertificate => throw NotSimulated();

    public ReadOnlyMemory<byte> CardAuthorityCertificate => bureau.CardAuthorityCertificate;

    public ReadOnlyMemory<byte> TerminalAuthorityCertificate => throw NotSimulated();

    public ReadOnlyMemory<byte> AcknowledgementPublicKey => bureau.AcknowledgementPoint;

    public IReadOnlyList<ReadOnlyMemory<byte>> IntermediateCertificates => throw NotSimulated();

    public byte[] SignAcknowledgement(ReadOnlySpan<byte> message) => bureau.SignAcknowledgement(message);

    public TerminalCertificationOutcome CertifyTerminal(
        TerminalId terminal, MerchantId merchant, OutletId outlet, IReadOnlyList<ProgrammeCode> programmes, ReadOnlyMemory<byte> tlsRequest, ReadOnlyMemory<byte> cardRequest) =>
        throw NotSimulated();

    public X509Certificate2 ServerCertificate(IReadOnlyList<string> names) => throw NotSimulated();

    public StaffCertificationOutcome CertifyStaff(string name, StaffRoles roles, ReadOnlyMemory<byte> tlsRequest) => throw NotSimulated();

    public StaffCertificationOutcome CertifyAggregator(string name, ReadOnlyMemory<byte> tlsRequest) => throw NotSimulated();

    public CertificateHolder? HolderOf(X509Certificate2 certificate) => throw NotSimulated();

    private static NotSupportedException NotSimulated() => new("Nobody enrols in a simulation.");
}
