using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Disbursements;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Disbursements.Queries;
using SmartCard.Backend.Hosting;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Services;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Simulate.Faults;
using SmartCard.Simulate.Network;
using SmartCard.Simulate.Scheduling;
using SmartCard.Simulate.Stores;
using SmartCard.Simulate.World;
using Merchant = SmartCard.Simulate.World.Merchant;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Simulate.Backends;

/// <summary>
/// A backend: the real services over the real ledger path, in a process that may be killed and started again with nothing but the database. Its listener (TLS, HTTP) and
/// the check of certificates are simulated.
/// </summary>
internal sealed class BackendStation(string name, SimulatedWorld world) : ICallServer
{
    private SimulatedProcess? _process;
    private ServiceTable? _services;
    private DisbursementLedger? _ledger;
    private PeriodEnds? _periodEnds;

    public string Name => name;

    public bool IsAlive => _process?.IsAlive ?? false;

    public void Start()
    {
        var process = new SimulatedProcess(world.Scheduler, name, world.Crashed);
        _process = process;
        process.Start(() =>
        {
            BuildServices(process);
            return Task.CompletedTask;
        });
        world.Trace.Add(name, "starts");
    }

    /// <summary>Memory is gone; whoever waits for an answer may wait.</summary>
    public void Kill()
    {
        if (!IsAlive)
            return;
        _process!.Kill();
        (_services, _ledger, _periodEnds) = (null, null, null);
        world.Trace.Add(name, "dies");
        world.Network.Broken(this);
    }

    /// <summary>Credits a household, as the rollover of a period does; again and again until it is told that it is done.</summary>
    public void Credit(Guid credit, HouseholdId household, QuotaCode quota, PeriodId period, long amount, Action done)
    {
        _process!.Start(async () =>
        {
            try
            {
                while (_ledger is null)
                    await _process.PauseAsync(TimeSpan.FromSeconds(1));
                await _ledger.CreditAsync(credit, household, quota, period, amount, CancellationToken.None);
                done();
            }
            catch (Exception failure) when (failure is LedgerUnavailableException or SimulatedDatabaseException)
            {
                // Whoever credits asks again.
            }
        });
    }

    /// <summary>As it does every hour.</summary>
    public void SettlePeriods() => _process!.Start(async () =>
    {
        if (_periodEnds is not { } ends)
            return;
        try
        {
            world.Trace.Add(name, $"ends of periods: {await ends.SettleAsync()} households changed");
        }
        catch (Exception failure) when (failure is LedgerUnavailableException or System.Data.Common.DbException)
        {
            world.Trace.Add(name, "ends of periods have to wait");
        }
    });

    public void Serve(string terminal, string method, byte[] request, Action<byte[]?, RpcException?> answer) => _process!.Start(async () =>
    {
        try
        {
            var response = await (await ServicesAsync()).CallAsync(method, request, ContextOf(terminal, method));
            if (method.EndsWith("/Authorise", StringComparison.Ordinal))
                world.Answered(AuthoriseResponse.Parser.ParseFrom(response).Outcome, AuthoriseRequest.Parser.ParseFrom(request).SignedRecord);
            answer(response, null);
        }
        catch (RpcException refusal)
        {
            answer(null, Noted(refusal));
        }
        catch (Exception failure) when (failure is LedgerUnavailableException or System.Data.Common.DbException)
        {
            answer(null, new RpcException(new Status(StatusCode.Unavailable, "the database is away")));
        }
    });

    public void Serve(string terminal, string method, MessageStream requests, MessageStream responses, Action<RpcException?> ended) => _process!.Start(async () =>
    {
        try
        {
            responses.OnSend = response => world.Answered(PresentResponse.Parser.ParseFrom(response).Outcome, asked: null);
            await (await ServicesAsync()).CallAsync(method, requests, responses, ContextOf(terminal, method));
            ended(null);
        }
        catch (RpcException refusal)
        {
            ended(Noted(refusal));
        }
        catch (Exception failure) when (failure is LedgerUnavailableException or System.Data.Common.DbException)
        {
            ended(new RpcException(new Status(StatusCode.Unavailable, "the database is away")));
        }
    });

    /// <summary>A listener that is up before its services lets callers wait.</summary>
    private async Task<ServiceTable> ServicesAsync()
    {
        while (_services is null)
            await _process!.PauseAsync(TimeSpan.FromMilliseconds(50));
        return _services;
    }

    private RpcException Noted(RpcException refusal)
    {
        if (refusal.Trailers.GetValue(Refusals.ReasonTrailer) == "BUSY")
            world.Faults.Note(FaultKind.QueueFull, name);
        return refusal;
    }

    /// <summary>What <see cref="CallerCheck"/> does with a terminal's certificate.</summary>
    private SimulatedCallContext ContextOf(string terminal, string method)
    {
        var standing = world.Registers.StandingOf(Merchant.All.Single(merchant => merchant.Name == terminal));
        return standing.State == Backend.Merchants.Contracts.TerminalState.Enrolled
            ? new SimulatedCallContext(method, standing)
            : throw Refusals.Of(RefusalReason.CertificateRevoked, string.Empty, "The terminal was withdrawn: ask the supply office.");
    }

    private void BuildServices(SimulatedProcess process)
    {
        var time = new SimulatedTime(world.Scheduler);
        var programmes = world.Season.Programmes;
        var calendar = new BusinessCalendar(time, programmes.Profile.IanaZone);
        var store = new UnreliableStore(world.Store, process, world.Faults, world.Chance, Kill, world.Wrote, world.Plants.AcknowledgesBeforeTheWrite);
        // The loops stay in this process: they take turns like everything else.
        var path = new LedgerPath(store, world.LedgerOptions, calendar, time, TaskScheduler.FromCurrentSynchronizationContext(), NullLogger.Instance);
        var lookups = new Lookups(world.Registers.Cards, world.Registers.Issuance, world.Registers.Registry, programmes, path);
        var clock = new RecordClock(calendar);
        _ledger = new DisbursementLedger(path, new LedgerQueries(NoDatabase.Instance), lookups, world.Bureau.Cryptography, programmes, clock);
        _periodEnds = new PeriodEnds(world, path, clock);
        var services = new ServiceTable();
        Wire.Disbursements.BindService(services, new DisbursementsService(
            _ledger, world.Registers.Registry, world.Registers.Merchants, world.Registers.Authority,
            new CallRates(Options.Create(new ServerOptions()), time), new CallJournal(NullLogger<CallJournal>.Instance, time), time));
        Wire.Terminals.BindService(services, new TerminalsService(
            world.Registers.Merchants, world.Registers.Cards, world.Registers.Authority,
            new TerminalParameters(world.Registers.Merchants, programmes, world.Registers.Authority, calendar)));
        Wire.Batches.BindService(services, new BatchCloses(world));
        _services = services;
    }
}
