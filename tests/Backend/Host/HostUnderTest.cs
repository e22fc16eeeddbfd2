using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.PeriodEnds;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

/// <summary>
/// The real host on a loopback port, with TLS, over modules that are fakes: what is tested is the door, not the house. Everything
/// the modules were asked to record is in <see cref="Recorded"/>.
/// </summary>
internal sealed class HostUnderTest : IAsyncDisposable
{
    public static readonly TerminalId Bakery = TerminalId.Parse("BAKERY01");
    public static readonly TerminalId OtherBakery = TerminalId.Parse("BAKERY02");
    public static readonly MerchantId BakeryMerchant = new(1);
    public static readonly MerchantId OtherMerchant = new(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smartcard-host-");
    private readonly List<GrpcChannel> _channels = [];
    private BackendHost? _host;

    private HostUnderTest()
    {
        Clock = new FakeClock(TimeProvider.System.GetUtcNow());
        Authority = new TestAuthority(Clock.GetUtcNow());
        Recorded = new Recorded();
        Merchants = new FakeMerchants(Recorded);
        Ledgers = new FakeMerchantLedgers(Recorded);
        Disbursements = new FakeDisbursements(Recorded);
        Cards = new FakeCards(Recorded);
        foreach (var (terminal, merchant) in new[] { (Bakery, BakeryMerchant), (OtherBakery, OtherMerchant) })
            Merchants.Terminals[terminal] = new TerminalStanding(terminal, merchant, OutletOf(merchant), TerminalState.AwaitingEnrolment, false, "", [ProgrammeCode.Bread]);
    }

    public FakeClock Clock { get; }
    public TestAuthority Authority { get; }
    public Recorded Recorded { get; }
    public FakeMerchants Merchants { get; }
    public FakeMerchantLedgers Ledgers { get; }
    public FakeDisbursements Disbursements { get; }
    public FakeCards Cards { get; }
    public FakeDatabase Database { get; } = new();
    public LogLines Log { get; } = new();

    public Uri Address => _host!.Address;

    public static async Task<HostUnderTest> StartAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var test = new HostUnderTest();
        test._host = await BackendHost.BuildAsync(
            new EmbeddedBackend
            {
                Settings = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
                {
                    ["Server:Listen"] = "127.0.0.1:0",
                    ["Database:DataFolder"] = test._folder.FullName,
                    ["Secrets:Passphrase"] = "for tests alone",
                },
                Time = test.Clock,
                Logging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(test.Log),
                Replace = test.ReplaceModules,
            },
            CancellationToken.None);
        await test._host.StartAsync(CancellationToken.None);
        return test;
    }

    /// <summary>After the calls that are under way.</summary>
    public Task StopAsync() => _host!.StopAsync(CancellationToken.None);

    /// <summary>A channel with a client certificate, or with none.</summary>
    public CallInvoker Connect(X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, chain, errors) => IsOurs(chain, errors);
        if (certificate is not null)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        var channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxRetryAttempts = 1 });
        _channels.Add(channel);
        return channel.CreateCallInvoker();
    }

    /// <summary>A channel of a terminal that is enrolled with the certificate it calls with.</summary>
    public CallInvoker ConnectAs(TerminalId terminal) => Connect(Enrol(terminal));

    public CallInvoker ConnectAsStaff(StaffRoles roles) => Connect(Authority.Staff("clerk", roles));

    public CallInvoker ConnectAsAggregator(string name) => Connect(Authority.Aggregator(name));

    /// <summary>The certificate that is from now on in force for the terminal.</summary>
    public X509Certificate2 Enrol(TerminalId terminal, DateTimeOffset? notAfter = null)
    {
        var standing = Merchants.Terminals[terminal];
        var certificate = Authority.Terminal(terminal, standing.Merchant, standing.Outlet, notAfter);
        Merchants.Terminals[terminal] = standing with { State = TerminalState.Enrolled, TlsSerialNumber = certificate.SerialNumber };
        return certificate;
    }

    /// <summary>Expects a refusal and that its two trailers say the same.</summary>
    public static async Task<(Wire.Refusal Refusal, RpcException Exception)> RefusedAsync(StatusCode status, Wire.RefusalReason reason, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        Assert.True(status == exception.StatusCode, $"{exception.Status}");
        var bytes = exception.Trailers.GetValueBytes("subsidy-refusal-bin");
        Assert.NotNull(bytes);
        var refusal = Wire.Refusal.Parser.ParseFrom(bytes);
        Assert.Equal(reason, refusal.Reason);
        Assert.Equal(reason.ToString(), exception.Trailers.GetValue("subsidy-reason")!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        Assert.NotEmpty(refusal.NextStep);
        return (refusal, exception);
    }

    public static OutletId OutletOf(MerchantId merchant) => new(merchant.Value * 10);

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        Authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private bool IsOurs(X509Chain? chain, SslPolicyErrors errors) =>
        !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
        && chain!.ChainElements.Any(element => element.Certificate.Subject == "CN=Test intermediate" && element.Certificate.RawData.AsSpan().SequenceEqual(Authority.IntermediateCertificates[0].Span));

    private void ReplaceModules(IServiceCollection services)
    {
        services.RemoveAll<ModuleSchema>(); // fakes have no tables
        services.Remove(services.Single(service => service.ImplementationType == typeof(PeriodEndService)));
        services.Replace(ServiceDescriptor.Singleton<IDbConnectionFactory>(Database));
        services.Replace(ServiceDescriptor.Singleton<ICertificateAuthority>(Authority));
        services.Replace(ServiceDescriptor.Singleton<IMerchants>(Merchants));
        services.Replace(ServiceDescriptor.Singleton<IMerchantLedgers>(Ledgers));
        services.Replace(ServiceDescriptor.Singleton<IDisbursements>(Disbursements));
        services.Replace(ServiceDescriptor.Singleton<ICards>(Cards));
        services.Replace(ServiceDescriptor.Singleton<ICardIssuance>(Cards));
        services.Replace(ServiceDescriptor.Singleton<IRegistry>(new FakeRegistry()));
        services.Replace(ServiceDescriptor.Singleton<IReconciliation>(new FakeReconciliation(Recorded)));
    }
}

/// <summary>The host's log, to be read by a test.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> All => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}

/// <summary>A host for each test.</summary>
public abstract class WithAHost : IAsyncLifetime
{
    private HostUnderTest? _host;

    private protected HostUnderTest Host => _host ?? throw new InvalidOperationException("The host is not started.");

    private protected virtual Dictionary<string, string?> Settings => [];

    public async Task InitializeAsync() => _host = await HostUnderTest.StartAsync(Settings);

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }
}
