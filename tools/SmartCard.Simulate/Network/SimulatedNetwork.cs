using Grpc.Core;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Scheduling;

namespace SmartCard.Simulate.Network;

/// <summary>Where calls arrive: a backend of this network, or what stands before it.</summary>
internal interface ICallServer
{
    bool IsAlive { get; }

    string Name { get; }

    /// <summary>Serves a call; the answer is given when it is ready, and never where the server dies.</summary>
    void Serve(string terminal, string method, byte[] request, Action<byte[]?, RpcException?> answer);

    void Serve(string terminal, string method, MessageStream requests, MessageStream responses, Action<RpcException?> ended);
}

/// <summary>
/// The network between terminals and backends. Messages take their time, may be lost, come twice, late, or one after another that was sent later. Who hears
/// nothing gives up at its deadline. Which backend gets a call is chance, as behind a balancer.
/// </summary>
internal sealed class SimulatedNetwork(Scheduler scheduler, Chance chance, FaultPlan faults, Trace trace, Func<IReadOnlyList<ICallServer>> servers)
{
    private static readonly TimeSpan Quickest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(120);

    /// <summary>Longer than the deadline of a draw, so that some arrive after they were given up.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(12);

    private readonly SimulatedProcess _wires = new(scheduler, "network", (_, crash) => throw new InvalidOperationException("The simulated network broke.", crash));
    private readonly HashSet<string> _cut = [];
    private readonly Dictionary<string, long> _latestArrived = [];
    private readonly List<Pending> _pending = [];
    private long _sent;

    /// <summary>No message passes between this terminal and any backend until it is mended.</summary>
    public void Cut(string terminal)
    {
        _cut.Add(terminal);
        faults.Note(FaultKind.LineDown, terminal);
    }

    public void Mend(string terminal) => _cut.Remove(terminal);

    public void MendAll() => _cut.Clear();

    /// <summary>A backend died: some callers hear of it soon, others wait for their deadline.</summary>
    public void Broken(ICallServer server)
    {
        foreach (var pending in _pending.Where(pending => pending.Server == server).ToArray())
        {
            _pending.Remove(pending);
            if (chance.Next(2) == 0)
                After(chance.Between(Quickest, Slowest), () => pending.Fail(Unavailable()));
        }
    }

    /// <exception cref="RpcException">Refused, or no answer.</exception>
    public async Task<byte[]> CallAsync(SimulatedProcess terminal, string method, byte[] request, TimeSpan deadline, CancellationToken cancellation)
    {
        var answered = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var number = _sent++;
        using var noAnswer = new SimulatedTimer(scheduler, terminal, _ => answered.TrySetException(DeadlineExceeded()), null);
        noAnswer.Change(deadline, Timeout.InfiniteTimeSpan);
        using var calledOff = cancellation.Register(() => answered.TrySetException(new RpcException(new Status(StatusCode.Cancelled, "called off"))));
        if (!IsLost(FaultKind.RequestLost, terminal.Name))
            After(Delay(terminal.Name), () => Arrive(terminal.Name, number, method, request, answered));
        if (faults.Strikes(FaultKind.RequestDoubled, terminal.Name))
            After(chance.Between(Quickest, chance.Next(2) == 0 ? Slowest : Latest), () => Arrive(terminal.Name, number, method, request, answered));
        return await answered.Task;
    }

    public StreamCall OpenStream(SimulatedProcess terminal, string method, TimeSpan deadline)
    {
        var call = new StreamCall(this, terminal.Name);
        call.Deadline = new SimulatedTimer(scheduler, terminal, _ => call.Fail(DeadlineExceeded()), null);
        call.Deadline.Change(deadline, Timeout.InfiniteTimeSpan);
        After(Delay(terminal.Name), () =>
        {
            if (_cut.Contains(terminal.Name) || Server() is not { } server)
            {
                call.Fail(Unavailable());
                return;
            }

            trace.Add(server.Name, $"serves {Short(method)} for {terminal.Name}");
            var pending = new Pending(server, call.Fail);
            _pending.Add(pending);
            server.Serve(terminal.Name, method, call.AtServer, call.FromServer, failure =>
            {
                _pending.Remove(pending);
                if (failure is null)
                    call.FromServer.Complete();
                else
                    call.FromServer.Break(failure);
            });
        });
        _wires.Start(() => call.CarryAsync(call.Requests, call.AtServer));
        _wires.Start(() => call.CarryAsync(call.FromServer, call.Responses));
        return call;
    }

    private void Arrive(string terminal, long number, string method, byte[] request, TaskCompletionSource<byte[]> answered)
    {
        if (_cut.Contains(terminal))
            return;
        if (_latestArrived.GetValueOrDefault(terminal, -1) > number)
            faults.Note(FaultKind.MessagesReordered, terminal);
        _latestArrived[terminal] = Math.Max(number, _latestArrived.GetValueOrDefault(terminal));
        if (Server() is not { } server)
        {
            answered.TrySetException(Unavailable());
            return;
        }

        trace.Add(server.Name, $"serves {Short(method)} for {terminal}");
        var pending = new Pending(server, failure => answered.TrySetException(failure));
        _pending.Add(pending);
        server.Serve(terminal, method, request, (answer, failure) =>
        {
            _pending.Remove(pending);
            if (IsLost(FaultKind.AnswerLost, terminal))
                return;
            After(Delay(terminal), () =>
            {
                if (_cut.Contains(terminal))
                    return;
                if (failure is null)
                    answered.TrySetResult(answer!);
                else
                    answered.TrySetException(failure);
            });
        });
    }

    private ICallServer? Server()
    {
        var alive = servers().Where(server => server.IsAlive).ToArray();
        return alive.Length == 0 ? null : chance.Pick(alive);
    }

    private bool IsLost(FaultKind kind, string terminal) => _cut.Contains(terminal) || faults.Strikes(kind, terminal);

    private TimeSpan Delay(string terminal) =>
        faults.Strikes(FaultKind.MessageDelayed, terminal) ? chance.Between(Slowest, Latest) : chance.Between(Quickest, Slowest);

    private void After(TimeSpan delay, Action action) => new SimulatedTimer(scheduler, _wires, _ => action(), null).Change(delay, Timeout.InfiniteTimeSpan);

    private static string Short(string method) => method[(method.LastIndexOf('/') + 1)..];

    private static RpcException Unavailable() => new(new Status(StatusCode.Unavailable, "the connection broke"));

    private static RpcException DeadlineExceeded() => new(new Status(StatusCode.DeadlineExceeded, "no answer"));

    private sealed record Pending(ICallServer Server, Action<RpcException> Fail);

    /// <summary>A call of two streams: a message a time in each direction, in order, until one is cut off.</summary>
    internal sealed class StreamCall(SimulatedNetwork network, string terminal)
    {
        private bool _isBroken;

        public SimulatedTimer? Deadline { get; set; }

        /// <summary>What the terminal wrote.</summary>
        public MessageStream Requests { get; } = new();

        /// <summary>What has arrived of it.</summary>
        public MessageStream AtServer { get; } = new();

        /// <summary>What the backend wrote.</summary>
        public MessageStream FromServer { get; } = new();

        /// <summary>What has arrived of it.</summary>
        public MessageStream Responses { get; } = new();

        public async Task CarryAsync(MessageStream from, MessageStream to)
        {
            try
            {
                while (await from.ReceiveAsync(CancellationToken.None) is { } message)
                {
                    await network._wires.PauseAsync(network.Delay(terminal));
                    if (_isBroken)
                        return;
                    if (network.IsLost(FaultKind.StreamCut, terminal))
                    {
                        Fail(Unavailable());
                        return;
                    }

                    to.Send(message);
                }

                to.Complete();
            }
            catch (RpcException failure)
            {
                to.Break(failure);
            }
        }

        public void Fail(RpcException failure)
        {
            _isBroken = true;
            Deadline?.Dispose();
            Responses.Break(failure);
            AtServer.Break(new RpcException(new Status(StatusCode.Cancelled, "the caller is gone")));
        }

        /// <summary>The terminal lets go of the call.</summary>
        public void HangUp() => Fail(new RpcException(new Status(StatusCode.Cancelled, "called off")));
    }
}
