using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Cryptography;
using SmartCard.Backend.Cards.Keys;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Journal;

namespace SmartCard.Simulate.World;

/// <summary>A personalised card as it left the bureau: the bytes of its memory, to be copied for each simulation.</summary>
internal sealed record CardImage(CardNumber Number, byte[] Memory, ReadOnlyMemory<byte> SignaturePoint);

/// <summary>
/// The ministry's keys, personalised cards and enrolled terminals. Making them costs more than a whole simulation, so they are made once and copied: a card's
/// memory, a terminal's folder. Which keys they have makes no difference to what happens.
/// </summary>
internal sealed class Bureau : IDisposable
{
    /// <summary>Certificates hold over every date that a simulation may have.</summary>
    public static readonly DateOnly ValidFrom = new(2024, 1, 1);
    public static readonly DateOnly ValidUntil = new(2034, 12, 31);

    private static readonly HolderReference RootName = HolderReference.Parse("SIMULROOT00001");
    private static readonly HolderReference TerminalAuthorityName = HolderReference.Parse("SIMULTERM00001");
    private static readonly HolderReference CardAuthorityName = HolderReference.Parse("SIMULCARD00001");

    private readonly IssuerVault _vault = new();
    private readonly DirectoryInfo _folder = FastFolder.New("bureau");

    /// <param name="firstCard">Number of the first card, and of the first household: simulations that share a database must not share cards.</param>
    public Bureau(int cards, IReadOnlyList<Merchant> merchants, ulong firstCard = 1)
    {
        Cryptography = new CardCryptography(_vault);
        CardAuthorityCertificate = Issue(SigningKey.CardVerifiableRoot, RootName, _vault.PublicPoint(SigningKey.CardAuthority), CardAuthorityName, new(CertificateRole.CardAuthority)).Encode();
        Cards = [.. Enumerable.Range(0, cards).Select(index => Personalise(CardNumber.FromPayload(630_001_000_000_000 + firstCard + (ulong)index)))];
        foreach (var merchant in merchants)
            Enrol(merchant);
    }

    public IReadOnlyList<CardImage> Cards { get; }

    /// <summary>The backend's own, over these keys: caches are shared by all simulations.</summary>
    public ICardCryptography Cryptography { get; }

    public ReadOnlyMemory<byte> CardAuthorityCertificate { get; }

    public ReadOnlyMemory<byte> AcknowledgementPoint => _vault.PublicPoint(SigningKey.Acknowledgement);

    public byte[] SignAcknowledgement(ReadOnlySpan<byte> message) => _vault.Sign(SigningKey.Acknowledgement, message);

    /// <summary>The folder of an enrolled terminal that has never been opened, copied to <paramref name="target"/>.</summary>
    public void CopyTerminal(Merchant merchant, string target) => TerminalFolder.Copy(FolderOf(merchant), target);

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _vault.Dispose();
    }

    private CardImage Personalise(CardNumber number)
    {
        var medium = new RamMedium();
        using var factoryKeys = CardKeyReferences.PublishedTestKeys();
        Card.Manufacture(JournalledMemory.Format(medium, SystemRandomSource.Instance), factoryKeys);
        using var card = new Card(JournalledMemory.Open(medium));
        var link = new InProcessCardLink(card);
        link.Insert();
        var keys = new IssuerKeys(_vault).KeysOf(number, IssuerKeys.CurrentVersion);
        using var data = new CardPersonalisationData
        {
            Number = number,
            Enc = keys.Enc.ToArray(),
            Mac = keys.Mac.ToArray(),
            Dek = keys.Dek.ToArray(),
            CryptogramKey = keys.ApplicationCryptogram.ToArray(),
            ScriptKey = keys.ScriptMac.ToArray(),
            TerminalAuthorityPoint = _vault.PublicPoint(SigningKey.TerminalAuthority),
            TerminalAuthority = TerminalAuthorityName,
            Pin = "4711",
            Puk = "12345678",
            RiskLimits = new CardRiskLimits(LowerConsecutiveOffline: 3, UpperConsecutiveOffline: 5, PinThresholdMinor: 10_000),
            ApplicationData = new CardApplicationData(818, 818),
        };
        ReadOnlyMemory<byte> signaturePoint = default;
        var outcome = new CardPersonaliser(link, SystemRandomSource.Instance).Personalise(factoryKeys, data, (card, points) =>
        {
            signaturePoint = points.SignaturePoint.ToArray();
            return new CardCertificates(
                Issue(SigningKey.CardAuthority, CardAuthorityName, points.KeyAgreementPoint, HolderReference.ForCard(card), new(CertificateRole.CardKeyAgreement)).Encode(),
                Issue(SigningKey.CardAuthority, CardAuthorityName, points.SignaturePoint, HolderReference.ForCard(card), new(CertificateRole.CardSignature)).Encode());
        });
        return outcome.IsComplete
            ? new CardImage(number, medium.ToArray(), signaturePoint)
            : throw new InvalidOperationException($"A card could not be personalised: {outcome.FailedStep}, {outcome.Status}.");
    }

    private void Enrol(Merchant merchant)
    {
        var folder = Directory.CreateDirectory(FolderOf(merchant)).FullName;
        using var cardKey = EcKeyPair.Generate();
        using var tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Nothing is carried over TLS here, but an identity has a certificate for it.
        using var tls = new CertificateRequest($"CN={merchant.Terminal}", tlsKey, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(ValidFrom, default, TimeSpan.Zero), new DateTimeOffset(ValidUntil, default, TimeSpan.Zero));
        var rights = CertificateRights.Terminal(TerminalOperations.All, 1_000_000, [.. merchant.Programmes]);
        TerminalIdentity.Save(folder, new StoredIdentity
        {
            Terminal = merchant.Terminal.Value,
            Backend = new Uri("https://simulated.invalid"),
            TlsKey = tlsKey.ExportPkcs8PrivateKey(),
            CardKey = cardKey.ExportPkcs8(),
            TlsCertificate = tls.RawData,
            TlsChain = [tls.RawData],
            CardCertificate = Issue(
                SigningKey.TerminalAuthority, TerminalAuthorityName, cardKey.PublicKey.ToPoint(), HolderReference.ForTerminal(merchant.Terminal, 1), rights).Encode(),
            NotAfterUnixSeconds = new DateTimeOffset(ValidUntil, default, TimeSpan.Zero).ToUnixTimeSeconds(),
        });
        TerminalDatabase.Open(Path.Combine(folder, TerminalFolder.Database)).Dispose();
    }

    private CardVerifiableCertificate Issue(SigningKey signer, HolderReference authority, ReadOnlyMemory<byte> point, HolderReference holder, CertificateRights rights) =>
        CardVerifiableCertificate.Issue(new CertificateTerms(authority, point, holder, rights, ValidFrom, ValidUntil), body => _vault.Sign(signer, body.Span));

    private string FolderOf(Merchant merchant) => Path.Combine(_folder.FullName, merchant.Terminal.Value);

    /// <summary>Keys for one run of the program.</summary>
    private sealed class IssuerVault : IKeyStore, IDisposable
    {
        private readonly Lock _turn = new();
        private readonly Dictionary<SigningKey, EcKeyPair> _signers = Enum.GetValues<SigningKey>().ToDictionary(key => key, _ => EcKeyPair.Generate());

        public void DeriveCardKey(CardKeyPurpose purpose, CardNumber card, byte masterVersion, Span<byte> destination) =>
            CardKeyDerivation.DeriveCardKey(SHA256.HashData([(byte)purpose, masterVersion]).AsSpan(0, CardKeyDerivation.KeyLength), purpose, card, masterVersion).CopyTo(destination);

        public byte[] Sign(SigningKey key, ReadOnlySpan<byte> data)
        {
            lock (_turn)
                return _signers[key].Sign(data);
        }

        public ReadOnlyMemory<byte> PublicPoint(SigningKey key) => _signers[key].PublicPoint.ToArray();

        public void Dispose()
        {
            foreach (var signer in _signers.Values)
                signer.Dispose();
        }
    }
}

/// <summary>Memory, where the platform has a folder of it: a simulated terminal's disk need not survive this machine's power.</summary>
internal static class FastFolder
{
    private static int s_made;

    /// <summary>A folder of its own.</summary>
    public static DirectoryInfo New(string purpose) => Directory.CreateDirectory(Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"smartcard-{purpose}-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}"));
}

/// <summary>A terminal's folder on disk, as far as it outlives the process.</summary>
internal static class TerminalFolder
{
    public const string Database = "terminal.db";

    /// <summary>As the files lie at this moment, whatever process has them open.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in (ReadOnlySpan<string>)["identity.json", Database, Database + "-wal"])
        {
            var source = Path.Combine(from, file);
            if (File.Exists(source))
                File.Copy(source, Path.Combine(to, file));
        }
    }
}
