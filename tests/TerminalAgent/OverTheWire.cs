using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Readers;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>The terminal's own gRPC client against a real server on the loopback: TLS on both sides, deadlines, refusals in trailers.</summary>
public sealed class OverTheWire : IAsyncLifetime
{
    private readonly ManualClock _clock = new(new DateTimeOffset(2026, 11, 22, 7, 30, 0, TimeSpan.Zero));
    private readonly TestBureau _bureau = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("terminal-").FullName;
    private readonly List<string> _callers = [];
    private readonly InProcessCardReader _reader = new("Test reader");
    private FakeBackend _backend = null!;
    private WebApplication _server = null!;
    private Uri _address = null!;

    public async Task InitializeAsync()
    {
        _backend = new FakeBackend(_bureau, _clock);
        (_server, _address) = await ListenAsync(_backend.IssueServerCertificate("localhost"));
    }

    public async Task DisposeAsync()
    {
        _reader.Dispose();
        await _server.DisposeAsync();
        _backend.Dispose();
        _bureau.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_tap_is_authorised_by_the_certificate_that_enrolment_gave()
    {
        await using var terminal = await OpenAsync();

        var result = await TapAsync(terminal);

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
        Assert.Contains("Enrol as nobody", _callers);
        Assert.Contains("Authorise as CN=TERM0001", _callers);
    }

    [Fact]
    public async Task Records_and_ledgers_are_streamed()
    {
        await using var terminal = await OpenAsync();
        var card = MakeCardWithAllowance();
        _backend.IsDown = true;
        for (var tap = 0; tap < 3; tap++)
            await TapAsync(terminal, card);
        _backend.IsDown = false;

        Assert.Equal(3, (await terminal.SendUnsentAsync()).Presented);
        await terminal.CloseBatchAsync();
        Assert.Equal(3, (await terminal.UploadLedgerAsync()).Accepted);
    }

    [Fact]
    public async Task A_wrong_activation_code_is_refused_with_a_reason_and_nothing_is_stored()
    {
        var outcome = Assert.IsType<EnrolmentOutcome.Refused>(await EnrolAsync("WRONG"));

        Assert.Equal((RefusalReason.ActivationCodeWrong, "Ask."), (outcome.Refusal.Reason, outcome.Refusal.NextStep));
        Assert.False(File.Exists(Path.Combine(_folder, "identity.json")));
    }

    [Fact]
    public async Task An_enrolment_whose_answer_was_lost_is_repeated_with_the_same_requests()
    {
        _backend.After = _ => throw new RpcException(new Status(StatusCode.Unavailable, "Lost."));
        Assert.IsType<EnrolmentOutcome.NoAnswer>(await EnrolAsync());
        var keys = File.ReadAllBytes(Path.Combine(_folder, "identity.pending.json"));
        _backend.After = _ => { };

        Assert.IsType<EnrolmentOutcome.NoAnswer>(await EnrolAsync(alter: _ => throw new HttpRequestException("Cut.")));
        Assert.Equal(keys, File.ReadAllBytes(Path.Combine(_folder, "identity.pending.json")));
        Assert.IsType<EnrolmentOutcome.Enrolled>(await EnrolAsync());
        Assert.False(File.Exists(Path.Combine(_folder, "identity.pending.json")));
    }

    [Fact]
    public async Task A_server_that_does_not_lead_to_the_enrolled_root_is_not_spoken_to()
    {
        using var impostor = new FakeBackend(_bureau, _clock);
        var (server, address) = await ListenAsync(impostor.IssueServerCertificate("localhost"));
        await using (server)
        {
            Assert.IsType<EnrolmentOutcome.NoAnswer>(await EnrolAsync(address: address));
            Assert.Empty(_callers);
        }
    }

    [Fact]
    public async Task A_server_with_another_name_is_not_spoken_to()
    {
        var (server, address) = await ListenAsync(_backend.IssueServerCertificate("elsewhere"));
        await using (server)
            Assert.IsType<EnrolmentOutcome.NoAnswer>(await EnrolAsync(address: address));
    }

    [Fact]
    public async Task A_server_whose_certificate_is_over_is_not_spoken_to()
    {
        _clock.Advance(TimeSpan.FromDays(31));

        Assert.IsType<EnrolmentOutcome.NoAnswer>(await EnrolAsync());
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_in_time_leaves_a_draw_to_be_reversed()
    {
        await using var terminal = await OpenAsync(new BackendDeadlines { Authorise = TimeSpan.FromMilliseconds(300) });
        using var answering = new ManualResetEventSlim();
        _backend.Before = method =>
        {
            if (method == "Authorise")
                answering.Wait(TimeSpan.FromSeconds(20));
        };

        var result = await TapAsync(terminal);
        answering.Set();

        Assert.Equal(TapOutcomeKind.NoAnswer, result.Outcome.Kind);
        Assert.True((await terminal.SendUnsentAsync()).IsAllSent);
    }

    [Fact]
    public async Task A_refund_whose_answer_is_late_is_sent_again_and_claimed()
    {
        await using var terminal = await OpenAsync(new BackendDeadlines { Refund = TimeSpan.FromMilliseconds(300) });
        await TapAsync(terminal);
        using var answering = new ManualResetEventSlim();
        _backend.After = method =>
        {
            if (method == "Refund")
                answering.Wait(TimeSpan.FromSeconds(20));
        };

        var outcome = await terminal.RefundAsync(1);
        answering.Set();
        while (!(await terminal.SendUnsentAsync()).IsAllSent)
            await Task.Yield();

        Assert.IsType<RefundOutcome.Due>(outcome);
        Assert.Contains("Refund as CN=TERM0001", _callers);
        Assert.Single(_backend.Refunds);
        Assert.Single(_backend.RefundCalls.Distinct());
        await terminal.CloseBatchAsync();
        Assert.Equal(2, (await terminal.UploadLedgerAsync()).Accepted);
        Assert.Equal((1L, 20L), _backend.Uploads[0].Lines.Where(line => line.Refund).Select(line => (line.Quantity, line.CitizenPaidMinor)).Single());
    }

    [Fact]
    public async Task A_terminal_without_a_line_opens_with_what_it_has_and_serves()
    {
        await using (await OpenAsync())
        {
        }

        await _server.StopAsync();
        await using var terminal = await Terminal.OpenAsync(Options(), _reader, _clock);

        Assert.Equal(TapOutcomeKind.ApprovedOffline, (await TapAsync(terminal, MakeCardWithAllowance())).Outcome.Kind);
    }

    [Fact]
    public async Task A_certificate_in_its_last_third_is_renewed_and_the_new_one_used()
    {
        _backend.CertificateLife = TimeSpan.FromDays(30);
        await using var terminal = await OpenAsync();
        var first = terminal.Status().CertificateNotAfter;
        _clock.Advance(TimeSpan.FromDays(18));
        Assert.True(await terminal.RefreshAsync());
        Assert.Equal(first, terminal.Status().CertificateNotAfter);

        _clock.Advance(TimeSpan.FromDays(3));
        Assert.True(await terminal.RefreshAsync());

        Assert.True(terminal.Status().CertificateNotAfter > first);
        Assert.Equal(TapOutcomeKind.Approved, (await TapAsync(terminal)).Outcome.Kind);
    }

    [Fact]
    public async Task An_address_without_TLS_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => EnrolAsync(address: new Uri("http://localhost:1")));

    private async Task<Terminal> OpenAsync(BackendDeadlines? deadlines = null)
    {
        Assert.IsType<EnrolmentOutcome.Enrolled>(await EnrolAsync());
        return await Terminal.OpenAsync(Options() with { Deadlines = deadlines ?? new BackendDeadlines() }, _reader, _clock);
    }

    private TerminalOptions Options() => new() { DataFolder = _folder };

    private Task<EnrolmentOutcome> EnrolAsync(string code = FakeBackend.ActivationCode, Uri? address = null, Action<HttpRequestMessage>? alter = null) =>
        Enrolment.EnrolAsync(
            new EnrolmentOrder(_folder, address ?? _address, _backend.Root, Protocol.Transactions.TerminalId.Parse(FakeBackend.TerminalId), code)
            {
                WrapHandler = alter is null ? null : inner => new AlteringHandler(inner, alter),
            },
            _clock);

    private Task<TapResult> TapAsync(Terminal terminal, TestCard? card = null)
    {
        _reader.Remove();
        var onReader = new CardOnReader(card ?? _bureau.MakeCard());
        _reader.Insert(onReader, Atr.VirtualCard, onReader.Reset);
        return terminal.TapAsync(Shop.Loaves(1));
    }

    private TestCard MakeCardWithAllowance()
    {
        var card = _bureau.MakeCard();
        var today = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);
        using var session = card.OpenIssuerSession(application: Aid.Subsidy);
        session.Transmit(IssuerScript.ToCommand(card.Grant(
            ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 20, notBefore: today.AddDays(-1), notAfter: today.AddDays(90))));
        return card;
    }

    private async Task<(WebApplication Server, Uri Address)> ListenAsync(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (client, _, _) => client.Issuer == _backend.Root.Subject,
                SslProtocols = SslProtocols.Tls13,
            });
        }));
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<Doorman>());
        builder.Services.AddSingleton(new Doorman(_backend, _callers));
        builder.Services.AddSingleton(new FakeBackend.TerminalsService(_backend));
        builder.Services.AddSingleton(new FakeBackend.DisbursementsService(_backend));
        builder.Services.AddSingleton(new FakeBackend.BatchesService(_backend));
        var server = builder.Build();
        server.MapGrpcService<FakeBackend.TerminalsService>();
        server.MapGrpcService<FakeBackend.DisbursementsService>();
        server.MapGrpcService<FakeBackend.BatchesService>();
        await server.StartAsync();
        return (server, new Uri($"https://localhost:{new Uri(server.Urls.Single()).Port}"));
    }

    /// <summary>Notes who calls what, and lets the test interfere.</summary>
    private sealed class Doorman(FakeBackend backend, List<string> callers) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            var method = Arrive(context);
            var answer = await continuation(request, context);
            backend.After_(method);
            return answer;
        }

        public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
        {
            Arrive(context);
            return await continuation(requestStream, context);
        }

        public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        {
            Arrive(context);
            await continuation(requestStream, responseStream, context);
        }

        private string Arrive(ServerCallContext context)
        {
            var method = context.Method[(context.Method.LastIndexOf('/') + 1)..];
            var client = context.GetHttpContext().Connection.ClientCertificate;
            lock (callers)
                callers.Add($"{method} as {client?.Subject ?? "nobody"}");
            backend.Arrive(method);
            return method;
        }
    }

    private sealed class AlteringHandler(HttpMessageHandler inner, Action<HttpRequestMessage> alter) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            alter(request);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
