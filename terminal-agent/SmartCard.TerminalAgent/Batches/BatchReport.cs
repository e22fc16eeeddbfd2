using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Batches;

/// <summary>A batch's draws of one programme: approved and not reversed.</summary>
/// <param name="Quantity">In the programme's unit.</param>
public readonly record struct ProgrammeTotal(ProgrammeCode Programme, int Draws, long Quantity, long CitizenPaidMinor);

/// <summary>What an X report reads and a Z report closes.</summary>
/// <param name="Number">Consecutive for the terminal, from 1.</param>
/// <param name="Totals">By programme, in order of code.</param>
/// <param name="NotServed">Taps that ended without a draw.</param>
/// <param name="Declined">Draws that card or backend declined.</param>
/// <param name="Reversed">Draws that were undone, or are being undone.</param>
/// <param name="DeclinedAfterwards">Offline draws that the backend declined when they were presented: the merchant is not paid for them.</param>
/// <param name="Torn">Draws that were cut off and whose card has not come back.</param>
/// <param name="Unsent">Of this batch, records that the backend has not taken over and refunds that it has not answered.</param>
/// <param name="Refunds">Refunds that the backend recorded on the batch's date. They take nothing off <paramref name="Totals"/>: those are of draws, here as at the backend.</param>
/// <param name="CitizensGotBackMinor">What the merchant gives back to citizens for them.</param>
/// <param name="ClosedAt">Null for a batch that is still open.</param>
public sealed record BatchReport(
    int Number, DateOnly BusinessDate, DateTimeOffset OpenedAt, IReadOnlyList<ProgrammeTotal> Totals,
    int NotServed, int Declined, int Reversed, int DeclinedAfterwards, int Torn, int Unsent, int Refunds, long CitizensGotBackMinor, LocalMoment? ClosedAt)
{
    public long CitizenPaidMinor => Totals.Sum(total => total.CitizenPaidMinor);
}

/// <summary>How a Z ended.</summary>
public abstract record CloseOutcome
{
    private CloseOutcome()
    {
    }

    /// <summary>Closed and numbered here; the backend has it and compared.</summary>
    /// <param name="IsBalanced">False: its own totals are <paramref name="HostTotals"/>; resolving that is another process.</param>
    public sealed record Closed(BatchReport Report, bool IsBalanced, IReadOnlyList<ProgrammeTotal> HostTotals) : CloseOutcome;

    /// <summary>Closed and numbered here, and told to the backend until it answers.</summary>
    /// <param name="Refusal">What the backend had against it; null where it did not answer.</param>
    public sealed record ClosedHereOnly(BatchReport Report, CallRefusal? Refusal) : CloseOutcome;

    /// <summary>Not closed: records are unsent. Send them, or close all the same and have the rest in a later settlement.</summary>
    public sealed record RefusedUnsent(BatchReport Report) : CloseOutcome;

    /// <summary>Nothing was drawn since the last Z.</summary>
    public sealed record NothingToClose : CloseOutcome;
}

/// <summary>What came of uploading the ledgers of closed batches.</summary>
/// <param name="Batches">Numbers of the batches that the backend now has.</param>
/// <param name="Refusals">Rows that it did not take, with the reason of each.</param>
/// <param name="IsComplete">False: something is left to upload.</param>
public sealed record LedgerUploadReport(
    IReadOnlyList<int> Batches, int Accepted, int Refused, IReadOnlyList<Protocol.Grpc.V1.LineRefusal> Refusals, CallRefusal? Refusal, bool IsComplete);
