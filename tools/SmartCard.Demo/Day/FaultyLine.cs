using System.Buffers.Binary;
using Google.Protobuf;
using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Demo.Day;

/// <summary>A terminal's line to the backend, and what can go wrong on it. It stands around the real connection, on the terminal's side.</summary>
internal sealed class FaultyLine(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string AuthorisePath = "/subsidy.v1.Disbursements/Authorise";
    private const int FrameHeaderLength = 5;

    private int _answersToLose;
    private bool _holdsNext;
    private HttpRequestMessage? _held;

    /// <summary>True: nothing goes through.</summary>
    public bool IsDown { get; set; }

    /// <summary>Changes the next Authorise on its way, as a rogue terminal would; then nothing more.</summary>
    public Func<AuthoriseRequest, AuthoriseRequest>? TamperNext { get; set; }

    /// <summary>The last Authorise that went through.</summary>
    public AuthoriseRequest? LastAuthorise { get; private set; }

    /// <summary>The next Authorise gets stuck on its way: the terminal hears nothing, and the backend neither until <see cref="DeliverHeldAsync"/>.</summary>
    public void HoldNextBack() => _holdsNext = true;

    /// <summary>The Authorise that was stuck arrives after all; what the backend answers reaches no terminal any more.</summary>
    public async Task<AuthoriseResponse> DeliverHeldAsync(CancellationToken cancellationToken)
    {
        using var late = _held ?? throw new InvalidOperationException("No Authorise was held back.");
        _held = null;
        using var response = await base.SendAsync(late, cancellationToken);
        var frame = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return AuthoriseResponse.Parser.ParseFrom(frame.AsSpan(FrameHeaderLength));
    }

    /// <summary>The backend will hear and decide the next Authorise; its answer will not arrive.</summary>
    public void LoseNextAnswer() => Interlocked.Increment(ref _answersToLose);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The line is down.");
        var isAuthorise = request.RequestUri?.AbsolutePath == AuthorisePath;
        if (isAuthorise)
            await ReadAsync(request, cancellationToken);
        if (isAuthorise && _holdsNext)
        {
            _holdsNext = false;
            _held = Copy(request);
            throw new HttpRequestException(HttpRequestError.Unknown, "The request is stuck on its way.");
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (!isAuthorise || Volatile.Read(ref _answersToLose) == 0)
            return response;

        Interlocked.Decrement(ref _answersToLose);
        response.Dispose();
        throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer was lost.");
    }

    private async Task ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // gRPC over HTTP/2: one byte that says "not compressed", four of length, the message.
        var frame = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        var message = AuthoriseRequest.Parser.ParseFrom(frame.AsSpan(FrameHeaderLength));
        LastAuthorise = message.Clone();
        if (TamperNext is { } tamper)
        {
            TamperNext = null;
            message = tamper(message);
        }

        var body = new byte[FrameHeaderLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.CalculateSize());
        message.WriteTo(body.AsSpan(FrameHeaderLength));
        request.Content = WithHeadersOf(request.Content, new ByteArrayContent(body));
    }

    /// <summary>A request of its own: the caller disposes the one that it gave up.</summary>
    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var body = new MemoryStream();
        request.Content!.CopyTo(body, context: null, CancellationToken.None);
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = WithHeadersOf(request.Content, new ByteArrayContent(body.ToArray())),
        };
        foreach (var (name, values) in request.Headers)
            copy.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }

    private static ByteArrayContent WithHeadersOf(HttpContent original, ByteArrayContent content)
    {
        foreach (var (name, values) in original.Headers)
        {
            if (name != "Content-Length")
                content.Headers.TryAddWithoutValidation(name, values);
        }

        return content;
    }
}
