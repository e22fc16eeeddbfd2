namespace SmartCard.CardOs.Kernel;

/// <summary>What takes a chip noticeable time.</summary>
public enum CardOperation
{
    Sign,
    VerifySignature,
    GenerateKeyPair,
    AgreeOnKey,
    SetUpAesKey,
    RunAes,
}

/// <summary>
/// How long a card takes. An emulated card answers in microseconds; with the silicon profile each command takes at least as long as it would on a security controller:
/// P-256 signature 60 ms, verification 85, key pair 75, ECDH 80 (Infineon Trust class); AES key set-up 6, AES operation 2; transfer at
/// 424 or 106 kbit/s. A command's own computing is part of that time, not on top of it.
/// </summary>
public sealed class CardTiming
{
    /// <summary>Contactless bit rates of ISO 14443-4.</summary>
    public const int FastBitsPerSecond = 424_000;
    public const int SlowBitsPerSecond = 106_000;

    private static readonly TimeSpan[] SiliconCosts =
    [
        TimeSpan.FromMilliseconds(60),
        TimeSpan.FromMilliseconds(85),
        TimeSpan.FromMilliseconds(75),
        TimeSpan.FromMilliseconds(80),
        TimeSpan.FromMilliseconds(6),
        TimeSpan.FromMilliseconds(2),
    ];

    private readonly TimeSpan[]? _costs;
    private readonly int _bitsPerSecond;
    private readonly TimeProvider _time;
    private TimeSpan _charged;
    private long _began;

    private CardTiming(TimeSpan[]? costs, int bitsPerSecond, TimeProvider time) => (_costs, _bitsPerSecond, _time) = (costs, bitsPerSecond, time);

    /// <summary>Time that the card itself took since it was made, sleep included: what a benchmark subtracts to find the system's share.</summary>
    public TimeSpan OwnTime { get; private set; }

    /// <summary>What the profile alone makes of the commands so far: zero without one.</summary>
    public TimeSpan ProfileTime { get; private set; }

    /// <summary>As fast as the machine.</summary>
    public static CardTiming None(TimeProvider? time = null) => new(null, 0, time ?? TimeProvider.System);

    public static CardTiming Silicon(int bitsPerSecond = FastBitsPerSecond, TimeProvider? time = null) =>
        new(SiliconCosts, bitsPerSecond, time ?? TimeProvider.System);

    internal void Charge(CardOperation operation, int times = 1)
    {
        if (_costs is not null)
            _charged += times * _costs[(int)operation];
    }

    internal void BeginCommand(int commandBytes)
    {
        _began = _time.GetTimestamp();
        _charged = TransferTime(commandBytes);
    }

    internal void EndCommand(int responseBytes)
    {
        var due = _charged + TransferTime(responseBytes);
        ProfileTime += due;
        var elapsed = _time.GetElapsedTime(_began);
        if (due > elapsed)
        {
            // A sleep counts whole milliseconds; the rest of the last one is spun away, so that no command is early.
            Thread.Sleep((int)(due - elapsed).TotalMilliseconds);
            while ((elapsed = _time.GetElapsedTime(_began)) < due)
                Thread.SpinWait(20);
        }

        OwnTime += elapsed;
    }

    private TimeSpan TransferTime(int bytes) => _costs is null ? TimeSpan.Zero : TimeSpan.FromSeconds(8.0 * bytes / _bitsPerSecond);
}
