namespace SmartCard.TerminalAgent.Backend;

/// <summary>
/// What is known of the line. After a call without an answer it is taken to be down for a while, so that the next citizens are not kept waiting for it;
/// any answer ends that at once. Safe for several threads.
/// </summary>
internal sealed class LineState(TimeProvider time, TimeSpan holdDown, DateTimeOffset? lastContact)
{
    private readonly Lock _turn = new();
    private DateTimeOffset? _lastContact = lastContact;
    private DateTimeOffset? _downUntil;

    public bool IsHeldDown
    {
        get
        {
            lock (_turn)
                return _downUntil > time.GetUtcNow();
        }
    }

    /// <summary>False from a call without an answer until the next answer.</summary>
    public bool IsUp
    {
        get
        {
            lock (_turn)
                return _downUntil is null && _lastContact is not null;
        }
    }

    /// <summary>When the backend last answered; null when it never did.</summary>
    public DateTimeOffset? LastContact
    {
        get
        {
            lock (_turn)
                return _lastContact;
        }
    }

    /// <summary>Takes note of how a call went. A refusal is an answer; one that shuts this terminal out is no contact that it may live on without a line.</summary>
    public void Note<T>(BackendAnswer<T> answer)
    {
        lock (_turn)
        {
            var now = time.GetUtcNow();
            switch (answer)
            {
                case BackendAnswer<T>.NoAnswer:
                    _downUntil = now + holdDown;
                    break;
                case BackendAnswer<T>.Refused { Refusal.ConcernsTerminal: true }:
                    _downUntil = null;
                    break;
                default:
                    _downUntil = null;
                    _lastContact = now;
                    break;
            }
        }
    }
}
