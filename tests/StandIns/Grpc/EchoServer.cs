using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SmartCard.StandIns.Tests.Grpc;

/// <summary>The real Kestrel and Grpc.AspNetCore.Server on a free loopback port with TLS, and a client of the real Grpc.Net.Client.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate = SelfSigned("localhost");
    private GrpcChannel? _channel;

    public EchoServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(_certificate);
        }));
        builder.Services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<NamingInterceptor>();
            grpc.ResponseCompressionAlgorithm = "gzip";
            grpc.MaxReceiveMessageSize = 64 * 1024;
        });
        builder.Services.AddSingleton<EchoService>();
        _app = builder.Build();
        _app.MapGrpcService<EchoService>();
    }

    public Echo.EchoClient Client => new(_channel ?? throw new InvalidOperationException("Not started."));

    internal EchoService Service => _app.Services.GetRequiredService<EchoService>();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        var port = new Uri(_app.Urls.Single()).Port;
        _channel = GrpcChannel.ForAddress($"https://localhost:{port}", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => _certificate.Equals(certificate) },
            },
        });
    }

    public async Task DisposeAsync()
    {
        _channel?.Dispose();
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var today = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(today.AddDays(-1), today.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>Tells the client, in a trailer, which method it came through.</summary>
    private sealed class NamingInterceptor : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            context.ResponseTrailers.Add("intercepted", context.Method);
            return continuation(request, context);
        }
    }
}

/// <summary>Answers in the words it got; a line that starts with "!" is an instruction.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    /// <summary>Ends when the server has seen the client's cancellation of a Repeat without end.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task<Line> Say(Line request, ServerCallContext context)
    {
        switch (request.Text)
        {
            case "!refuse":
                throw new RpcException(
                    new Status(StatusCode.FailedPrecondition, "not today"),
                    new Metadata { { "reason", "holiday" }, { "evidence-bin", [0x00, 0xFF] } });
            case "!hang":
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                break;
            case "!headers":
                await context.WriteResponseHeadersAsync(new Metadata { { "greeting", context.RequestHeaders.GetValue("greeting") ?? "none" } });
                break;
        }
        return new Line { Text = request.Text };
    }

    public override async Task Repeat(Line request, IServerStreamWriter<Line> responseStream, ServerCallContext context)
    {
        // However the write in flight ends, the call's own token tells that nobody listens any more.
        await using var gone = context.CancellationToken.Register(() => Cancelled.TrySetResult());
        for (var i = 1; request.Times == 0 || i <= request.Times; i++)
        {
            await responseStream.WriteAsync(new Line { Text = $"{request.Text} {i}" }, context.CancellationToken);
        }
    }

    public override async Task<Line> Join(IAsyncStreamReader<Line> requestStream, ServerCallContext context)
    {
        var texts = new List<string>();
        await foreach (var line in requestStream.ReadAllAsync(context.CancellationToken))
        {
            texts.Add(line.Text);
        }
        return new Line { Text = string.Join(' ', texts) };
    }

    public override async Task Chat(IAsyncStreamReader<Line> requestStream, IServerStreamWriter<Line> responseStream, ServerCallContext context)
    {
        await foreach (var line in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new Line { Text = $"re: {line.Text}" });
        }
    }
}
