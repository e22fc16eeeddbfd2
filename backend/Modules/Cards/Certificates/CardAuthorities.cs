using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Certificates;

/// <summary>
/// The card-verifiable side (protocol/spec/certificates-and-keys.md): root, the authority whose terminals cards accept, the
/// authority that certifies cards. Their certificates are made at first run and kept under the data folder.
/// </summary>
internal sealed class CardAuthorities
{
    private const int RootYears = 20;
    private const int AuthorityYears = 15;
    private const int TerminalSerials = 100_000;

    // The number at the end tells key generations apart.
    private static readonly HolderReference Root = HolderReference.Parse("SUBSIDYROOT00001");
    private static readonly HolderReference TerminalAuthority = HolderReference.Parse("SUBSIDYTERM00001");
    private static readonly HolderReference CardAuthority = HolderReference.Parse("SUBSIDYCARD00001");

    private readonly IKeyStore _keys;
    private readonly BusinessCalendar _calendar;
    private readonly CardsOptions _options;
    private readonly IRandomSource _random;

    public CardAuthorities(IKeyStore keys, DataFolder data, BusinessCalendar calendar, CardsOptions options, IRandomSource random)
    {
        (_keys, _calendar, _options, _random) = (keys, calendar, options, random);
        var folder = data.Folder(PkiFolder.Name);
        RootCertificate = Load(folder, "card-root.cvc", Root, CertificateRole.Root, SigningKey.CardVerifiableRoot, RootYears);
        TerminalAuthorityCertificate = Load(folder, "terminal-authority.cvc", TerminalAuthority, CertificateRole.TerminalAuthority, SigningKey.TerminalAuthority, AuthorityYears);
        CardAuthorityCertificate = Load(folder, "card-authority.cvc", CardAuthority, CertificateRole.CardAuthority, SigningKey.CardAuthority, AuthorityYears);
    }

    public CardVerifiableCertificate RootCertificate { get; }

    public CardVerifiableCertificate TerminalAuthorityCertificate { get; }

    public CardVerifiableCertificate CardAuthorityCertificate { get; }

    /// <summary>Both certificates of a card, over points that were validated.</summary>
    public (byte[] KeyAgreement, byte[] Signature) CertifyCard(CardNumber card, byte[] keyAgreementKey, byte[] signatureKey)
    {
        var holder = HolderReference.ForCard(card);
        var (from, until) = (_calendar.Today, _calendar.Today.AddYears(_options.CardCertificateYears));
        return (
            Issue(SigningKey.CardAuthority, new(CardAuthority, keyAgreementKey, holder, new(CertificateRole.CardKeyAgreement), from, until)).Encode(),
            Issue(SigningKey.CardAuthority, new(CardAuthority, signatureKey, holder, new(CertificateRole.CardSignature), from, until)).Encode());
    }

    public CardVerifiableCertificate CertifyTerminal(TerminalId terminal, ReadOnlyMemory<byte> point, IReadOnlyList<ProgrammeCode> programmes, DateOnly until)
    {
        Span<byte> random = stackalloc byte[sizeof(uint)];
        _random.Fill(random);
        var serial = (int)(BitConverter.ToUInt32(random) % TerminalSerials);
        var rights = CertificateRights.Terminal(TerminalOperations.All, _options.TerminalAmountMinorMax, [.. programmes]);
        return Issue(SigningKey.TerminalAuthority, new(TerminalAuthority, point, HolderReference.ForTerminal(terminal, serial), rights, _calendar.Today, until));
    }

    private CardVerifiableCertificate Issue(SigningKey signer, CertificateTerms terms) =>
        CardVerifiableCertificate.Issue(terms, body => _keys.Sign(signer, body.Span));

    private CardVerifiableCertificate Load(DataFolder folder, string file, HolderReference holder, CertificateRole role, SigningKey key, int years)
    {
        var point = _keys.PublicPoint(key);
        var encoded = folder.GetOrCreate(
            file, () => Issue(SigningKey.CardVerifiableRoot, new(Root, point, holder, new(role), _calendar.Today, _calendar.Today.AddYears(years))).Encode());
        return CardVerifiableCertificate.TryDecode(encoded, out var certificate, out _) && certificate.PublicPoint.Span.SequenceEqual(point.Span)
            ? certificate
            : throw new InvalidDataException(PkiFolder.DoesNotFit(folder.PathOf(file)));
    }
}

internal static class PkiFolder
{
    public const string Name = "pki";

    public static string DoesNotFit(string path) =>
        $"{path} is no certificate over this installation's key: restore the data folder's pki and secrets from one backup.";
}
