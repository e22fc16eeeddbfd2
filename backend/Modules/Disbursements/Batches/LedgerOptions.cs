using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>How the path of a draw is laid out; configuration section <see cref="Section"/>.</summary>
internal sealed class LedgerOptions
{
    public const string Section = "Disbursements";

    /// <summary>
    /// Writers side by side at most; SQLite uses one. One decides while the other's batch is with the database; the second is at work only where an eighth of a full
    /// batch waits. More than the processors can serve gain nothing.
    /// </summary>
    public int Writers { get; set; } = 2;

    /// <summary>Requests that may wait for a writer; the next is told to come back.</summary>
    public int QueueMax { get; set; } = 16_384;

    /// <summary>Requests that one write carries at most. Larger ones spare hardly a flush more, and what is on its way at once is what each garbage collection has to keep.</summary>
    public int BatchMax { get; set; } = 256;

    /// <summary>Draws that may be anywhere on their way at once; the next is told to come back.</summary>
    public int InFlightMax { get; set; } = 20_000;

    /// <summary>When a request that was turned away may come back.</summary>
    public int RetryAfterMs { get; set; } = 200;

    /// <summary>How often a request is decided anew because others were quicker or a connection broke.</summary>
    public int AttemptsMax { get; set; } = 10;

    /// <summary>The wait after a broken connection, times the number of attempts.</summary>
    public int BackOffMs { get; set; } = 50;
}

/// <summary>Stops the start with a sentence that names the setting and what it may be.</summary>
internal sealed class LedgerOptionsValidator : IValidateOptions<LedgerOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerOptions options)
    {
        var problems = new[]
        {
            Problem(nameof(options.Writers), options.Writers, 1, 64),
            Problem(nameof(options.QueueMax), options.QueueMax, 1, 1_000_000),
            Problem(nameof(options.BatchMax), options.BatchMax, 1, 16_384),
            Problem(nameof(options.InFlightMax), options.InFlightMax, 1, 1_000_000),
            Problem(nameof(options.RetryAfterMs), options.RetryAfterMs, 1, 60_000),
            Problem(nameof(options.AttemptsMax), options.AttemptsMax, 1, 100),
            Problem(nameof(options.BackOffMs), options.BackOffMs, 0, 10_000),
        }.OfType<string>().ToArray();
        return problems.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static string? Problem(string setting, int value, int min, int max) =>
        value >= min && value <= max ? null : $"{LedgerOptions.Section}:{setting} is {value}; it may be {min} to {max}.";
}
