using System.Data.Common;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

/// <summary>The host with all its modules, on a database of its own, with two bakeries; nothing in it is a fake but the clock.</summary>
public abstract class WholeBackend(TestDatabase database) : IAsyncLifetime
{
    private readonly List<IDisposable> _open = [];
    private BackendHost? _host;

    internal static readonly MerchantId Bakery = new(1);
    internal static readonly MerchantId OtherBakery = new(2);

    internal FakeClock Clock { get; } = new(TimeProvider.System.GetUtcNow());

    internal T Get<T>() where T : notnull => Host.Services.GetRequiredService<T>();

    private BackendHost Host => _host ?? throw new InvalidOperationException("The fixture is not initialised.");

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        var settings = new Dictionary<string, string?>
        {
            ["Server:Listen"] = "127.0.0.1:0",
            ["Secrets:Passphrase"] = "for tests alone",
            ["Database:Provider"] = database.Options.Provider,
            ["Database:ConnectionString"] = database.Options.ConnectionString,
            ["Database:DataFolder"] = database.Options.DataFolder,
        };
        _host = await BackendHost.BuildAsync(new EmbeddedBackend { Settings = settings, Time = Clock }, CancellationToken.None);
        await _host.StartAsync(CancellationToken.None);
        foreach (var merchant in new[] { Bakery, OtherBakery })
        {
            var name = new Label("مخبز", "Boulangerie", "Bakery");
            await Get<IMerchants>().RegisterAsync(
                new MerchantRegistration(merchant, MerchantKind.Bakery, name, [ProgrammeCode.Bread], [new OutletRegistration(OutletOf(merchant), name, 1)]), CancellationToken.None);
        }
    }

    public async Task DisposeAsync()
    {
        _open.ForEach(resource => resource.Dispose());
        if (_host is not null)
            await _host.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>A terminal of the bakery, enrolled through the front door.</summary>
    internal async Task<Enrolled> EnrolAsync(string terminal)
    {
        var code = Assert.IsType<ActivationOutcome.Issued>(
            await Get<IMerchants>().IssueActivationCodeAsync(TerminalId.Parse(terminal), OutletOf(Bakery), CancellationToken.None)).ActivationCode;
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _open.Add(key);
        var request = new Wire.EnrolRequest { TerminalId = terminal, ActivationCode = code, TlsRequest = Request(key), CardRequest = NewRequest() };
        var answer = await new Wire.Terminals.TerminalsClient(Connect()).EnrolAsync(request);
        return new Enrolled(TerminalId.Parse(terminal), request, Connect(WithKey(answer.TlsCertificate.Memory, key)));
    }

    internal CallInvoker ConnectAsStaff(StaffRoles roles)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certified = Assert.IsType<StaffCertificationOutcome.Certified>(Get<ICertificateAuthority>().CertifyStaff("clerk", roles, Request(key).Memory));
        return Connect(WithKey(certified.TlsCertificate, key));
    }

    internal CallInvoker Connect(X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificate(Get<ICertificateAuthority>().RootCertificate.Span) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        var channel = GrpcChannel.ForAddress(Host.Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _open.Add(channel);
        return channel.CreateCallInvoker();
    }

    /// <summary>Every table of every module with the number of its rows.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> RowsAsync()
    {
        var factory = Get<IDbConnectionFactory>();
        await using var connection = await factory.OpenAsync(CancellationToken.None);
        var tables = await ColumnAsync(connection, factory.Provider == DatabaseProvider.Sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            : "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')");
        var rows = new Dictionary<string, long>();
        foreach (var table in tables)
            rows[(string)table] = (long)(await ColumnAsync(connection, $"SELECT count(*) FROM {table}")).Single();
        return rows;
    }

    internal static ByteString NewRequest()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(key);
    }

    private static ByteString Request(ECDsa key) =>
        ByteString.CopyFrom(new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSigningRequest());

    private static X509Certificate2 WithKey(ReadOnlyMemory<byte> der, ECDsa key)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(der.Span);
        using var both = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), password: null);
    }

    private static OutletId OutletOf(MerchantId merchant) => new(merchant.Value * 10);

    private static async Task<List<object>> ColumnAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<object>();
        while (await reader.ReadAsync())
            values.Add(reader.GetValue(0));
        return values;
    }
}

/// <param name="Request">What it enrolled with.</param>
/// <param name="Connection">With the certificate that it got.</param>
internal sealed record Enrolled(TerminalId Id, Wire.EnrolRequest Request, CallInvoker Connection)
{
    public Wire.Disbursements.DisbursementsClient Disbursements => new(Connection);

    public Wire.Batches.BatchesClient Batches => new(Connection);

    public Wire.Terminals.TerminalsClient Terminals => new(Connection);
}

public sealed class WholeBackendOnSqlite() : WholeBackend(new SqliteTestDatabase());

public sealed class WholeBackendOnPostgres() : WholeBackend(new PostgresTestDatabase());
