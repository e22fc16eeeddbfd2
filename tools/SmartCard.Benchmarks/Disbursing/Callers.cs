using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>Channels over mTLS to the backend under test, each a connection of its own.</summary>
internal static class Callers
{
    public static GrpcChannel Open(Uri address, X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2 root) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { root },
                        RevocationMode = X509RevocationMode.NoCheck,
                        DisableCertificateDownloads = true,
                    },
                },
            },
        });

    /// <summary>Streams of an aggregator, with as many draws under way as the window lets through.</summary>
    public static async Task<RunFigures> StreamAsync(IReadOnlyList<GrpcChannel> channels, MadeDraws draws, int window, TimeSpan length, CancellationToken cancellation)
    {
        var next = -1;
        var answered = 0;
        var meter = ProcessorMeter.Start();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(channels.Select(OneAsync));
        return RunFigures.Of(answered, Stopwatch.GetElapsedTime(started), meter);

        async Task OneAsync(GrpcChannel channel)
        {
            using var places = new SemaphoreSlim(window);
            using var call = new Wire.Disbursements.DisbursementsClient(channel).AuthoriseStream(cancellationToken: cancellation);
            var reading = Task.Run(() => ReadAsync(call.ResponseStream, places), cancellation);
            var hint = new WriteOptions(WriteFlags.BufferHint);
            while (!reading.IsCompleted && Stopwatch.GetElapsedTime(started) < length && Interlocked.Increment(ref next) is var number && number < draws.Count)
            {
                if (!places.Wait(0, cancellation) && await Task.WhenAny(places.WaitAsync(cancellation), reading) == reading)
                    break;
                // What is written while there is room leaves together.
                call.RequestStream.WriteOptions = places.CurrentCount > 0 ? hint : null;
                await call.RequestStream.WriteAsync(new Wire.AuthoriseStreamRequest { Number = (ulong)number, Request = draws.RequestAt(number) }, cancellation);
            }
            await call.RequestStream.CompleteAsync();
            await reading;
        }

        async Task ReadAsync(IAsyncStreamReader<Wire.AuthoriseStreamResponse> responses, SemaphoreSlim places)
        {
            await foreach (var response in responses.ReadAllAsync(cancellation))
            {
                AssertApproved(response);
                Interlocked.Increment(ref answered);
                places.Release();
            }
        }
    }

    /// <summary>Unary calls, one under way for each channel: as many terminals, each with one citizen in front of it.</summary>
    public static async Task<RunFigures> UnaryAsync(IReadOnlyList<GrpcChannel> channels, MadeDraws draws, TimeSpan length, CancellationToken cancellation)
    {
        // A record names its terminal, so each channel has draws of its own.
        var queues = QueuesOf(draws, channels.Count);
        var answered = 0;
        var meter = ProcessorMeter.Start();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(channels.Select((channel, terminal) => Task.Run(() => OneAsync(channel, queues[terminal]), cancellation)));
        return RunFigures.Of(answered, Stopwatch.GetElapsedTime(started), meter);

        async Task OneAsync(GrpcChannel channel, ConcurrentQueue<int> queue)
        {
            var client = new Wire.Disbursements.DisbursementsClient(channel);
            while (Stopwatch.GetElapsedTime(started) < length && queue.TryDequeue(out var number))
            {
                await AuthoriseAsync(client, draws, number, cancellation);
                Interlocked.Increment(ref answered);
            }
        }
    }

    /// <summary>
    /// Calls at a given rate whether answers come or not, as citizens do; each is timed from the moment at which it was due, so that what a stall
    /// delays counts (no coordinated omission).
    /// </summary>
    /// <returns>Milliseconds, one for each call.</returns>
    public static async Task<IReadOnlyList<double>> OpenLoopAsync(IReadOnlyList<GrpcChannel> channels, MadeDraws draws, int perSecond, CancellationToken cancellation)
    {
        var clients = channels.Select(channel => new Wire.Disbursements.DisbursementsClient(channel)).ToArray();
        var queues = QueuesOf(draws, channels.Count);
        var times = new double[draws.Count];
        var running = new Task[draws.Count];
        var pace = new Pace(perSecond);
        for (var call = 0; call < draws.Count; call++)
        {
            await pace.UntilDueAsync(call, cancellation);
            running[call] = OneAsync(call);
        }
        await Task.WhenAll(running);
        return times;

        async Task OneAsync(int call)
        {
            var terminal = call % clients.Length;
            if (!queues[terminal].TryDequeue(out var number))
                throw new InvalidOperationException("A terminal has no draw left.");
            await Task.Yield();
            await AuthoriseAsync(clients[terminal], draws, number, cancellation);
            times[call] = pace.MillisecondsSince(call);
        }
    }

    /// <summary>The same over an aggregator's streams, in turn.</summary>
    /// <inheritdoc cref="OpenLoopAsync" path="/returns"/>
    public static async Task<IReadOnlyList<double>> OpenLoopStreamAsync(IReadOnlyList<GrpcChannel> channels, MadeDraws draws, int perSecond, CancellationToken cancellation)
    {
        var calls = channels.Select(channel => new Wire.Disbursements.DisbursementsClient(channel).AuthoriseStream(cancellationToken: cancellation)).ToArray();
        var times = new double[draws.Count];
        var pace = new Pace(perSecond);
        var reading = calls.Select(call => Task.Run(() => ReadAsync(call.ResponseStream), cancellation)).ToArray();
        for (var number = 0; number < draws.Count; number++)
        {
            await pace.UntilDueAsync(number, cancellation);
            await calls[number % calls.Length].RequestStream.WriteAsync(new Wire.AuthoriseStreamRequest { Number = (ulong)number, Request = draws.RequestAt(number) }, cancellation);
        }
        foreach (var call in calls)
            await call.RequestStream.CompleteAsync();
        await Task.WhenAll(reading);
        foreach (var call in calls)
            call.Dispose();
        return times;

        async Task ReadAsync(IAsyncStreamReader<Wire.AuthoriseStreamResponse> responses)
        {
            await foreach (var response in responses.ReadAllAsync(cancellation))
            {
                AssertApproved(response);
                times[response.Number] = pace.MillisecondsSince((int)response.Number);
            }
        }
    }

    private static void AssertApproved(Wire.AuthoriseStreamResponse response)
    {
        if (response.Decided?.Outcome.Approved is null)
            throw new InvalidOperationException($"A draw of the benchmark was answered {response}.");
    }

    private static async Task AuthoriseAsync(Wire.Disbursements.DisbursementsClient client, MadeDraws draws, int number, CancellationToken cancellation)
    {
        var response = await client.AuthoriseAsync(draws.RequestAt(number), cancellationToken: cancellation);
        if (response.Outcome.Approved is null)
            throw new InvalidOperationException($"A draw of the benchmark was answered {response.Outcome}.");
    }

    private static ConcurrentQueue<int>[] QueuesOf(MadeDraws draws, int terminals)
    {
        var queues = Enumerable.Range(0, terminals).Select(_ => new ConcurrentQueue<int>()).ToArray();
        for (var number = 0; number < draws.Count; number++)
            queues[draws.TerminalAt(number)].Enqueue(number);
        return queues;
    }

    /// <summary>When each call of a steady rate is due, from now on.</summary>
    private sealed class Pace(int perSecond)
    {
        private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

        private readonly long _started = Stopwatch.GetTimestamp();

        public async Task UntilDueAsync(int call, CancellationToken cancellation)
        {
            while (Stopwatch.GetElapsedTime(_started) is var now && now < DueAt(call))
                await Task.Delay(DueAt(call) - now < ShortestWait ? ShortestWait : DueAt(call) - now, cancellation);
        }

        public double MillisecondsSince(int call) => (Stopwatch.GetElapsedTime(_started) - DueAt(call)).TotalMilliseconds;

        private TimeSpan DueAt(int call) => TimeSpan.FromSeconds((double)call / perSecond);
    }
}
