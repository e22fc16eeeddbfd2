using Polly;
using Polly.Retry;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent;

/// <summary>What a terminal does beside taps: sends what is unsent, keeps parameters, denylist and certificates fresh.</summary>
public sealed partial class Terminal
{
    /// <summary>Most pages of the denylist in one refresh.</summary>
    private const int DenylistPagesMax = 1_000;

    private static readonly TimeSpan ContactSavedEvery = TimeSpan.FromMinutes(5);

    private readonly Lock _senderTurn = new();
    private CancellationTokenSource _news = new();
    private CancellationTokenSource? _stopSending;
    private Task _sending = Task.CompletedTask;

    /// <summary>Sends now what the backend has not taken over: one try each.</summary>
    public async Task<SendReport> SendUnsentAsync(CancellationToken cancellationToken = default)
    {
        if (_parameters is not { } parameters)
            return new SendReport(0, 0, [], [], 0, null, true, _journal.CountUnsent() + _journal.CountRefundsDue());
        var report = await _sender.SendAsync(_connection.Link, parameters.AcknowledgementKey, cancellationToken);
        await TellClosedBatchesAsync(cancellationToken);
        SaveContact();
        return report;
    }

    /// <summary>
    /// Starts sending in the background: at once when there is something, then with growing pauses until everything is acknowledged; and upkeep at intervals.
    /// Ends with the terminal.
    /// </summary>
    public void StartSending()
    {
        lock (_senderTurn)
        {
            if (_stopSending is not null)
                return;
            _stopSending = new CancellationTokenSource();
            var stop = _stopSending.Token;
            _sending = Task.Run(() => KeepSendingAsync(stop), CancellationToken.None);
        }
    }

    /// <summary>Fetches parameters and denylist, and renews the certificates when it is time. True when the backend answered.</summary>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _oneUpkeep.WaitAsync(cancellationToken);
        try
        {
            return await RefreshParametersAsync(cancellationToken)
                && await RefreshDenylistAsync(cancellationToken)
                && await RenewWhenDueAsync(cancellationToken);
        }
        finally
        {
            SaveContact();
            _oneUpkeep.Release();
        }
    }

    private async Task<bool> RefreshParametersAsync(CancellationToken cancellationToken)
    {
        var answer = await _connection.Link.GetParametersAsync(_parameters?.Version ?? "", cancellationToken);
        _line.Note(answer);
        if (answer is not BackendAnswer<GetParametersResponse>.Answered { Value: var message })
            return false;
        // Parameters that cannot be worked with do not take the place of those that can.
        if (!message.Unchanged && TerminalParameters.TryRead(message, out var parameters, out _) && parameters.Terminal == Id)
        {
            _store.SaveParameters(parameters);
            Use(parameters);
        }

        return true;
    }

    private async Task<bool> RefreshDenylistAsync(CancellationToken cancellationToken)
    {
        for (var page = 0; page < DenylistPagesMax; page++)
        {
            var known = _store.DenylistVersion;
            var answer = await _connection.Link.GetDenylistAsync(known, cancellationToken);
            _line.Note(answer);
            if (answer is not BackendAnswer<GetDenylistResponse>.Answered { Value: var message })
                return false;
            if (message.Entries.Count > 0 || message.Version != known)
                _store.ApplyDenylist(message);
            if (!message.More || message.Version <= known)
                return true;
        }

        return true;
    }

    private async Task<bool> RenewWhenDueAsync(CancellationToken cancellationToken)
    {
        var old = _connection;
        if (!old.Identity.IsRenewalDue(_time.GetUtcNow()))
            return true;
        var outcome = await Enrolment.RenewAsync(_options.DataFolder, old.Identity, old.Link, cancellationToken);
        if (outcome is not EnrolmentOutcome.Enrolled || TerminalIdentity.Load(_options.DataFolder) is not { } renewed)
            return outcome is not EnrolmentOutcome.NoAnswer;

        // A tap under way holds on to the old identity: it is let go of between two taps.
        await _oneTap.WaitAsync(cancellationToken);
        try
        {
            _connection = Connect(renewed);
        }
        finally
        {
            _oneTap.Release();
        }

        old.Dispose();
        return true;
    }

    private async Task KeepSendingAsync(CancellationToken stop)
    {
        var upkeepDue = _time.GetUtcNow() + _options.UpkeepInterval;
        while (!stop.IsCancellationRequested)
        {
            // News that came before this line is in the journal already; news after it cuts the pauses below.
            using var pauses = CancellationTokenSource.CreateLinkedTokenSource(stop, Volatile.Read(ref _news).Token);
            try
            {
                await SendUntilAcknowledgedAsync(pauses.Token, stop);
                if (_time.GetUtcNow() >= upkeepDue)
                {
                    await RefreshAsync(stop);
                    upkeepDue = _time.GetUtcNow() + _options.UpkeepInterval;
                }

                await Task.Delay(_options.UpkeepInterval, _time, pauses.Token);
            }
            catch (OperationCanceledException) when (pauses.IsCancellationRequested)
            {
                // News, or the end.
            }
        }
    }

    /// <summary>Rounds with growing, spread pauses, until there is nothing left. A round under way is not cut off by news.</summary>
    private async Task SendUntilAcknowledgedAsync(CancellationToken pauses, CancellationToken stop)
    {
        var rounds = new ResiliencePipelineBuilder<SendReport> { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions<SendReport>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { IsAllSent: false }),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _options.RetryFirst,
                MaxDelay = _options.RetryLongest,
            })
            .Build();
        await rounds.ExecuteAsync(async _ => await SendUnsentAsync(stop), pauses);
    }

    private void WakeSender() => Interlocked.Exchange(ref _news, new CancellationTokenSource()).Cancel();

    private async Task StopSendingAsync()
    {
        CancellationTokenSource? stop;
        lock (_senderTurn)
            stop = _stopSending;
        if (stop is null)
            return;
        await stop.CancelAsync();
        await _sending;
        stop.Dispose();
    }

    /// <summary>The time of the last contact is kept for the next start, but not with a flush for every call.</summary>
    private void SaveContact()
    {
        if (_line.LastContact is not { } contact || contact - _savedContact < ContactSavedEvery)
            return;
        _store.SaveLastContact(contact);
        _savedContact = contact;
    }
}
