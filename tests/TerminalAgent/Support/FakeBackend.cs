using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;
using CardSigned = SmartCard.Protocol.Transactions.SignedRecord;

namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>
/// A ministry in a test: keeps one outcome for each (card, ATC), undoes what is reversed, signs what it takes over. What it answers is set by
/// the test; that it holds to the contract is its own.
/// </summary>
public sealed partial class FakeBackend : IDisposable
{
    public const string ActivationCode = "ABCD-1234";
    public const string TerminalId = "TERM0001";
    public const long MerchantId = 7;

    private readonly TestBureau _bureau;
    private readonly TimeProvider _time;
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly EcKeyPair _acknowledgementKey = EcKeyPair.Generate();
    private readonly Lock _turn = new();
    private int _serial;

    public FakeBackend(TestBureau bureau, TimeProvider time)
    {
        (_bureau, _time) = (bureau, time);
        var request = new CertificateRequest("CN=Test root", _rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Root = request.CreateSelfSigned(time.GetUtcNow().AddDays(-30), time.GetUtcNow().AddDays(3650));
        Parameters = NewParameters();
    }

    public X509Certificate2 Root { get; }

    public GetParametersResponse Parameters { get; set; }

    /// <summary>Every call that arrived, by method, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Runs when a call arrives, before anything is done; may throw.</summary>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>Runs when a call was carried out, before its answer leaves; may throw: the answer is lost.</summary>
    public Action<string> After { get; set; } = _ => { };

    /// <summary>No call arrives.</summary>
    public bool IsDown { get; set; }

    /// <summary>What Authorise and Present answer next; none approves.</summary>
    public Declined? Decline { get; set; }

    public int LoavesLeft { get; set; } = 150;

    /// <summary>Of those, the ones that are lent to the card.</summary>
    public int LoavesLent { get; set; }

    /// <summary>Of those, the ones that it may draw with a line; null for all.</summary>
    public int? LoavesFromAllowance { get; set; }

    public List<byte[]> Scripts { get; } = [];

    /// <summary>Computes an ARPC for the card's ARQC; null sends none.</summary>
    public Func<CardSigned, byte[]>? Arpc { get; set; }

    public TimeSpan CertificateLife { get; set; } = TimeSpan.FromDays(60);

    public List<DenylistEntry> Denylist { get; } = [];

    /// <summary>Outcomes by (card, ATC).</summary>
    public Dictionary<(ulong Card, ushort Atc), Outcome> Outcomes { get; } = [];

    /// <summary>Records of the reversal advices that arrived, in order.</summary>
    public List<byte[]> ReversalAdvices { get; } = [];

    /// <summary>(card, ATC) of draws that were undone, or that can no longer be made.</summary>
    public HashSet<(ulong Card, ushort Atc)> Reversed { get; } = [];

    public List<byte[]> Presented { get; } = [];

    /// <summary>Refunds that arrived, in order, repeated ones too.</summary>
    public List<RefundRequest> RefundCalls { get; } = [];

    /// <summary>Recorded refunds by their id.</summary>
    public Dictionary<string, (RefundRequest Request, RefundResponse Answer)> Refunds { get; } = [];

    /// <summary>What Refund answers next; null lets it decide.</summary>
    public RefundResponse? RefundAnswer { get; set; }

    /// <summary>The ledger's date of what is refunded next; null for the clock's.</summary>
    public uint? RefundDate { get; set; }

    /// <summary>Signs with another key: somebody pretends to be the backend.</summary>
    public bool SignsWrongly { get; set; }

    public List<CloseBatchRequest> Closed { get; } = [];

    public List<(LedgerHeader Header, List<LedgerLine> Lines, int LargestChunk)> Uploads { get; } = [];

    public CallInvoker Invoker => new InMemoryCallInvoker(Arrive, After_)
        .Serve(binder => Terminals.BindService(binder, new TerminalsService(this)))
        .Serve(binder => Disbursements.BindService(binder, new DisbursementsService(this)))
        .Serve(binder => Wire.Batches.BindService(binder, new BatchesService(this)));

    public void Dispose()
    {
        Root.Dispose();
        _rootKey.Dispose();
        _acknowledgementKey.Dispose();
    }

    public static RpcException Refuse(RefusalReason reason, StatusCode status) => new(
        new Status(status, reason.ToString()),
        new Metadata { { "subsidy-refusal-bin", new Refusal { Reason = reason, NextStep = "Ask." }.ToByteArray() } });

    internal void Arrive(string method)
    {
        if (IsDown)
            throw new RpcException(new Status(StatusCode.Unavailable, "No line."));
        lock (_turn)
            Calls.Add(method);
        Before(method);
    }

    internal void After_(string method) => After(method);

    internal X509Certificate2 IssueServerCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = Sign(request, TimeSpan.FromDays(30));
        return X509CertificateLoader.LoadPkcs12(certificate.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
    }

    private EnrolResponse Certify(ByteString tlsRequest, ByteString cardRequest)
    {
        var tls = CertificateRequest.LoadSigningRequest(tlsRequest.ToByteArray(), HashAlgorithmName.SHA256);
        var card = CertificateRequest.LoadSigningRequest(cardRequest.ToByteArray(), HashAlgorithmName.SHA256);
        using var cardKey = card.PublicKey.GetECDsaPublicKey()!;
        Assert.True(EcPublicKey.TryFromSubjectPublicKeyInfo(cardKey.ExportSubjectPublicKeyInfo(), out var point));
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        var id = Protocol.Transactions.TerminalId.Parse(TerminalId);
        var certificate = CardVerifiableCertificate.Issue(
            new CertificateTerms(
                HolderReference.Parse("EGTERMCA00001"), point.ToPoint(), HolderReference.ForTerminal(id, 1),
                CertificateRights.Terminal(TerminalOperations.All, 1_000_000, ProgrammeCode.Bread, ProgrammeCode.Groceries, ProgrammeCode.BreadPoints),
                today.AddDays(-1), today.AddDays((int)CertificateLife.TotalDays)),
            _bureau.TerminalAuthorityKey);
        using var tlsCertificate = Sign(tls, CertificateLife);
        return new EnrolResponse
        {
            TlsCertificate = ByteString.CopyFrom(tlsCertificate.RawData),
            TlsChain = { ByteString.CopyFrom(Root.RawData) },
            CardCertificate = ByteString.CopyFrom(certificate.Encode()),
            NotAfterUnixSeconds = (_time.GetUtcNow() + CertificateLife).ToUnixTimeSeconds(),
        };
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan life)
    {
        byte[] serial = [0x10, (byte)Interlocked.Increment(ref _serial)];
        return request.Create(
            Root.SubjectName, X509SignatureGenerator.CreateForECDsa(_rootKey), _time.GetUtcNow().AddDays(-1), _time.GetUtcNow() + life, serial);
    }

    private ByteString Acknowledge(Acknowledgement acknowledgement)
    {
        if (!SignsWrongly)
            return ByteString.CopyFrom(_acknowledgementKey.Sign(acknowledgement.Encode()));
        using var other = EcKeyPair.Generate();
        return ByteString.CopyFrom(other.Sign(acknowledgement.Encode()));
    }

    private GetParametersResponse NewParameters() => new()
    {
        Version = "1",
        TerminalId = TerminalId,
        MerchantId = MerchantId,
        OutletId = 70,
        MerchantName = new Label { Ar = "مخبز النور", Fr = "Boulangerie Ennour", En = "Al Nour Bakery" },
        OutletName = new Label { Ar = "الجيزة", Fr = "Gizeh", En = "Giza" },
        Profile = "EG",
        TimeZone = "Africa/Cairo",
        Currency = 818,
        CurrencyDigits = 2,
        Programmes =
        {
            new Programme { Code = 1, Name = Label("خبز بلدي", "Pain", "Bread"), Unit = Wire.QuantityUnit.Loaf, CitizenPays = true },
            new Programme { Code = 2, Name = Label("سلع تموينية", "Épicerie", "Groceries"), Unit = Wire.QuantityUnit.MinorCurrency },
        },
        Prices =
        {
            Price(Bread, 1, Label("خبز بلدي", "Pain baladi", "Baladi bread"), 20, 164, 2026_01_01),
            Price(Oil, 2, Label("زيت طعام 800 مل", "Huile 800 ml", "Oil 800 ml"), 3000, 0, 2026_01_01),
            Price(Sugar, 2, Label("سكر 1 كجم", "Sucre 1 kg", "Sugar 1 kg"), 1260, 0, 2026_01_01),
            Price(Sugar, 2, Label("سكر 1 كجم", "Sucre 1 kg", "Sugar 1 kg"), 1300, 0, 2026_12_01),
        },
        Offline = new OfflineLimits { ValueMinorMax = 10_000, RecordsMax = 5, HoursMax = 48, PinAboveMinor = 5_000 },
        CardAuthorityCertificate = ByteString.CopyFrom(CardVerifiableCertificate.Issue(
            new CertificateTerms(
                HolderReference.Parse("EGROOT0000001"), _bureau.CardAuthorityKey.PublicKey.ToPoint(), _bureau.CardAuthority.Reference,
                new CertificateRights(CertificateRole.CardAuthority), TestBureau.Today.AddYears(-1), TestBureau.Today.AddYears(9)),
            _bureau.CardAuthorityKey).Encode()),
        AcknowledgementPublicKey = ByteString.CopyFrom(_acknowledgementKey.PublicPoint),
    };

    public static readonly CommodityCode Bread = new(100);
    public static readonly CommodityCode Oil = new(201);
    public static readonly CommodityCode Sugar = new(202);

    private static Label Label(string ar, string fr, string en) => new() { Ar = ar, Fr = fr, En = en };

    private static Price Price(CommodityCode commodity, uint programme, Label name, uint price, uint subsidy, uint from) => new()
    {
        Commodity = commodity.Value,
        Programme = programme,
        Name = name,
        UnitPriceMinor = price,
        UnitSubsidyMinor = subsidy,
        ValidFrom = new BusinessDate { Yyyymmdd = from },
    };
}
