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

    /// <summary>True: nothing goes through.</summary>
    public bool IsDown { get; set; }

    /// <summary>Changes the next Authorise on its way, as a rogue terminal would; then nothing more.</summary>
    public Func<AuthoriseRequest, AuthoriseRequest>? TamperNext { get; set; }

    /// <summary>The last Authorise that went through.</summary>
    public AuthoriseRequest? LastAuthorise { get; private set; }

    /// <summary>The backend will hear and decide the next Authorise; its answer will not arrive.</summary>
    public void LoseNextAnswer() => Interlocked.Increment(ref _answersToLose);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The line is down.");
        var isAuthorise = request.RequestUri?.AbsolutePath == AuthorisePath;
        if (isAuthorise)
            await ReadAsync(request, cancellationToken);
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

        var headers = request.Content.Headers;
        var body = new byte[FrameHeaderLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.CalculateSize());
        message.WriteTo(body.AsSpan(FrameHeaderLength));
        request.Content = new ByteArrayContent(body);
        foreach (var (name, values) in headers)
        {
            if (name != "Content-Length")
                request.Content.Headers.TryAddWithoutValidation(name, values);
        }
    }
}
