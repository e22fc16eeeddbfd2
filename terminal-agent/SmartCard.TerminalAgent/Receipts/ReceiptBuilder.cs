using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>Makes receipts: of a tap as it ends, and again from the journal.</summary>
internal static class ReceiptBuilder
{
    /// <summary>Quotas from here on are caps on single articles: they limit a draw, but a citizen does not "have" them left.</summary>
    private const int FirstCapQuota = 200;

    private static readonly Text Nameless = new("", "", "");

    /// <summary>A tap that ended before a draw was begun.</summary>
    public static Receipt WithoutDraw(
        TapOutcome outcome, TerminalParameters parameters, LocalMoment at, CardNumber? card, IReadOnlyList<Remaining> remaining) => new()
        {
            Merchant = parameters.MerchantName,
            Outlet = parameters.OutletName,
            At = at,
            Terminal = parameters.Terminal,
            Advice = OutcomeTexts.For(outcome),
            IsApproved = false,
            Currency = parameters.Currency,
            CurrencyDigits = parameters.CurrencyDigits,
            LastFour = card?.LastFour ?? "",
            Remaining = ToLines(remaining, parameters),
        };

    /// <summary>A terminal that was never told whose it is.</summary>
    public static Receipt WithoutParameters(TapOutcome outcome, TerminalId terminal, LocalMoment at) => new()
    {
        Merchant = Nameless,
        Outlet = Nameless,
        At = at,
        Terminal = terminal,
        Advice = OutcomeTexts.For(outcome),
        IsApproved = false,
        Currency = 0,
        CurrencyDigits = 0,
    };

    public static Receipt OfDraw(JournalEntry entry, TapOutcome outcome, TerminalParameters parameters) =>
        WithoutDraw(outcome, parameters, new LocalMoment(entry.Request.Date, entry.Request.Time), entry.Card, entry.Remaining) with
        {
            IsApproved = outcome.IsApproved,
            Number = entry.Sequence,
            TransactionId = entry.TransactionId,
            Lines = [.. entry.Lines.Select(line => ToLine(line, parameters))],
            CitizenPaysMinor = outcome.IsApproved ? entry.Request.AmountMinor : 0,
        };

    /// <summary>The same receipt again, marked as a copy.</summary>
    public static Receipt Copy(JournalEntry entry, TerminalParameters parameters) =>
        OfDraw(entry, OutcomeOf(entry), parameters) with { IsCopy = true };

    public static RefundReceipt OfRefund(RefundEntry refund, TerminalParameters parameters, BusinessClock clock) => new()
    {
        Merchant = parameters.MerchantName,
        Outlet = parameters.OutletName,
        At = clock.At(refund.AnsweredAt ?? refund.AskedAt),
        Terminal = parameters.Terminal,
        Advice = RefundTexts.For(refund),
        IsRecorded = refund.State == RefundState.Recorded,
        Currency = parameters.Currency,
        CurrencyDigits = parameters.CurrencyDigits,
        Number = refund.ReceiptNumber,
        DrawNumber = refund.Draw.Sequence,
        TransactionId = refund.Draw.TransactionId,
        LastFour = refund.Draw.Card.LastFour,
        Lines = [.. refund.Lines.Select(line => ToLine(line, parameters))],
        CitizenGetsMinor = refund.CitizenGetsMinor,
        BusinessDate = refund.BusinessDate,
    };

    /// <summary>How an entry's tap ended, as far as the journal has it.</summary>
    public static TapOutcome OutcomeOf(JournalEntry entry) => entry.State switch
    {
        EntryState.Approved => TapOutcome.Of(TapOutcomeKind.Approved),
        EntryState.Declined when entry.Outcome?.Declined is { } declined => TapOutcome.DeclinedBecause(declined),
        EntryState.Unsent or EntryState.Presented when entry.Record?.Record.Kind == CryptogramKind.Offline => TapOutcome.Of(TapOutcomeKind.ApprovedOffline),
        EntryState.Unsent or EntryState.Presented => TapOutcome.Of(TapOutcomeKind.DeclinedByCard),
        EntryState.Intent or EntryState.Torn => TapOutcome.Of(TapOutcomeKind.Torn),
        EntryState.NotCommitted => TapOutcome.Of(TapOutcomeKind.CardFault),
        EntryState.ReversalDue or EntryState.Reversed when entry.ReversalReason == ReversalReason.Cancelled => TapOutcome.Of(TapOutcomeKind.Cancelled),
        _ => TapOutcome.Of(TapOutcomeKind.NoAnswer),
    };

    private static ReceiptLine ToLine(BasketLine line, TerminalParameters parameters) => new(
        parameters.NameOf(line.Commodity), line.Quantity, line.UnitPriceMinor,
        parameters.Programmes.TryGetValue(line.Programme, out var programme) && programme.CitizenPays);

    private static List<ReceiptRemaining> ToLines(IReadOnlyList<Remaining> remaining, TerminalParameters parameters) =>
    [
        .. remaining
            .Where(left => left.Quota < FirstCapQuota)
            .Select(left => new ReceiptRemaining(parameters.NameOf(left.Programme), left.Unit, left.Quantity, left.Offline)),
    ];
}
