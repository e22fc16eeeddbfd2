using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>Writes receipts and batch reports as text for paper of a fixed width. Lines end in a line feed.</summary>
public static class ReceiptText
{
    public static string Render(Receipt receipt, ReceiptStyle style)
    {
        string Word(Text text) => style.WithDigits(text.In(style.Language));
        string Money(long minor) => style.Amount(minor, receipt.CurrencyDigits);
        var paper = NewPaper(style).Centre(Word(ReceiptWords.System)).Centre(Word(receipt.Merchant)).Centre(Word(receipt.Outlet));
        if (receipt.IsCopy)
            paper.Centre(Word(ReceiptWords.Copy));
        var number = receipt.Number == 0 ? "" : $"{Word(ReceiptWords.Receipt)} {style.WithDigits(receipt.Number.ToString("D6"))}";
        paper.Pair(paper.Isolate(Moment(receipt.At, style)), number).Rule();

        paper.Start(Word(receipt.Advice.What));
        if (receipt.IsApproved)
        {
            AddLines(paper, receipt.Lines, style, Word, Money);
            AddMoney(paper, receipt.Lines, receipt.CitizenPaysMinor, ReceiptWords.FromEntitlement, ReceiptWords.CitizenPays, Word, Money, receipt.Currency);
        }
        else
        {
            paper.Start(Word(receipt.Advice.NextStep));
        }

        AddRemaining(paper, receipt, style, Word, Money);
        paper.Rule();
        if (receipt.LastFour.Length > 0)
            paper.Pair(Word(ReceiptWords.Card), paper.Isolate("**** " + style.WithDigits(receipt.LastFour)));
        paper.Pair(Word(ReceiptWords.Terminal), paper.Isolate(receipt.Terminal.Value));
        if (receipt.TransactionId is { } transaction)
            paper.Start(Word(ReceiptWords.Transaction)).Start(paper.Isolate(transaction.ToString()));
        return paper.ToString();
    }

    public static string Render(RefundReceipt receipt, ReceiptStyle style)
    {
        string Word(Text text) => style.WithDigits(text.In(style.Language));
        string Money(long minor) => style.Amount(minor, receipt.CurrencyDigits);
        var paper = NewPaper(style).Centre(Word(ReceiptWords.System)).Centre(Word(receipt.Merchant)).Centre(Word(receipt.Outlet)).Centre(Word(ReceiptWords.RefundTitle));
        if (receipt.IsCopy)
            paper.Centre(Word(ReceiptWords.Copy));
        paper.Pair(paper.Isolate(Moment(receipt.At, style)), paper.Isolate(style.WithDigits(receipt.Number))).Rule();

        paper.Start(Word(receipt.Advice.What));
        if (!receipt.IsRecorded)
            paper.Start(Word(receipt.Advice.NextStep));
        AddLines(paper, receipt.Lines, style, Word, Money);
        if (receipt.IsRecorded)
            AddMoney(paper, receipt.Lines, receipt.CitizenGetsMinor, ReceiptWords.BackToEntitlement, ReceiptWords.CitizenGets, Word, Money, receipt.Currency);

        paper.Rule();
        if (receipt.BusinessDate is { } date)
            paper.Pair(Word(ReceiptWords.RefundDate), paper.Isolate(Date(date, style)));
        paper.Pair(Word(ReceiptWords.OfDraw), style.WithDigits(receipt.DrawNumber.ToString("D6")))
            .Pair(Word(ReceiptWords.Card), paper.Isolate("**** " + style.WithDigits(receipt.LastFour)))
            .Pair(Word(ReceiptWords.Terminal), paper.Isolate(receipt.Terminal.Value))
            .Start(Word(ReceiptWords.Transaction)).Start(paper.Isolate(receipt.TransactionId.ToString()));
        return paper.ToString();
    }

    /// <summary>An X report, or a Z report where the batch is closed.</summary>
    /// <param name="isBalanced">Whether the backend's totals are the same; null where it has not said.</param>
    public static string Render(BatchReport report, TerminalParameters parameters, ReceiptStyle style, LocalMoment now, bool? isBalanced = null)
    {
        string Word(Text text) => style.WithDigits(text.In(style.Language));
        var paper = NewPaper(style).Centre(Word(ReceiptWords.System)).Centre(Word(parameters.MerchantName)).Centre(Word(parameters.OutletName));
        paper.Centre(Word(report.ClosedAt is null ? ReceiptWords.XReport : ReceiptWords.ZReport));
        paper.Pair(paper.Isolate(Moment(report.ClosedAt ?? now, style)), $"{Word(ReceiptWords.Batch)} {style.Number(report.Number)}").Rule();
        foreach (var total in report.Totals)
        {
            var unit = parameters.Programmes.TryGetValue(total.Programme, out var programme) ? programme.Unit : QuantityUnit.Piece;
            paper.Start(Word(parameters.NameOf(total.Programme)))
                .Pair("  " + Word(ReceiptWords.Draws), style.Number(total.Draws))
                .Pair("  " + Word(ReceiptWords.Quantity), Counted(total.Quantity, unit, parameters.Currency, parameters.CurrencyDigits, style))
                .Pair("  " + Word(ReceiptWords.CitizenPaid), style.Amount(total.CitizenPaidMinor, parameters.CurrencyDigits));
        }

        paper.Rule()
            .Pair(Word(ReceiptWords.CitizenPaid),
                $"{style.Amount(report.CitizenPaidMinor, parameters.CurrencyDigits)} {Word(ReceiptWords.Currency(parameters.Currency))}");
        if (report.Refunds > 0)
        {
            paper.Pair(Word(ReceiptWords.CitizensGotBack),
                    $"{style.Amount(report.CitizensGotBackMinor, parameters.CurrencyDigits)} {Word(ReceiptWords.Currency(parameters.Currency))}")
                .Pair(Word(ReceiptWords.Refunds), style.Number(report.Refunds));
        }

        paper.Pair(Word(ReceiptWords.Declined), style.Number(report.Declined))
            .Pair(Word(ReceiptWords.NotServed), style.Number(report.NotServed))
            .Pair(Word(ReceiptWords.Reversed), style.Number(report.Reversed));
        if (report.DeclinedAfterwards > 0)
            paper.Pair(Word(ReceiptWords.DeclinedAfterwards), style.Number(report.DeclinedAfterwards));
        if (report.Torn > 0)
            paper.Pair(Word(ReceiptWords.Torn), style.Number(report.Torn));
        paper.Pair(Word(ReceiptWords.Unsent), style.Number(report.Unsent));
        if (isBalanced is { } balanced)
            paper.Centre(Word(balanced ? ReceiptWords.Balanced : ReceiptWords.NotBalanced));
        return paper.Rule().Pair(Word(ReceiptWords.Terminal), paper.Isolate(parameters.Terminal.Value)).ToString();
    }

    private static void AddLines(PaperText paper, IReadOnlyList<ReceiptLine> lines, ReceiptStyle style, Func<Text, string> word, Func<long, string> money)
    {
        paper.Rule();
        foreach (var line in lines)
            paper.Start(word(line.Name)).Pair($"  {style.Number(line.Quantity)} × {money(line.UnitPriceMinor)}", money(line.TotalMinor));
    }

    /// <summary>What the lines are worth, and who pays it or gets it back: the citizen, and the entitlement where something is left.</summary>
    private static void AddMoney(
        PaperText paper, IReadOnlyList<ReceiptLine> lines, long citizenMinor, Text entitlement, Text citizen, Func<Text, string> word, Func<long, string> money,
        ushort currencyCode)
    {
        var currency = word(ReceiptWords.Currency(currencyCode));
        var total = lines.Sum(line => line.TotalMinor);
        paper.Rule().Pair(word(ReceiptWords.Total), $"{money(total)} {currency}");
        if (total != citizenMinor)
            paper.Pair(word(entitlement), $"{money(total - citizenMinor)} {currency}");
        paper.Pair(word(citizen), $"{money(citizenMinor)} {currency}");
    }

    private static void AddRemaining(PaperText paper, Receipt receipt, ReceiptStyle style, Func<Text, string> word, Func<long, string> money)
    {
        if (receipt.Remaining.Count == 0)
            return;
        paper.Rule().Start(word(receipt.Remaining[0].Offline ? ReceiptWords.LeftOnCard : ReceiptWords.Left));
        foreach (var left in receipt.Remaining)
            paper.Pair("  " + word(left.Programme), Counted(left.Quantity, left.Unit, receipt.Currency, receipt.CurrencyDigits, style));
    }

    private static string Counted(long quantity, QuantityUnit unit, ushort currency, int currencyDigits, ReceiptStyle style) => unit == QuantityUnit.MinorCurrency
        ? $"{style.Amount(quantity, currencyDigits)} {ReceiptWords.Currency(currency).In(style.Language)}"
        : $"{style.Number(quantity)} {ReceiptWords.Unit(unit, quantity, style.Language)}";

    // Slashes: hyphens would reorder a date in right-to-left text.
    private static string Date(DateOnly date, ReceiptStyle style) => style.WithDigits(style.Language == Language.French
        ? $"{date.Day:D2}/{date.Month:D2}/{date.Year:D4}"
        : $"{date.Year:D4}/{date.Month:D2}/{date.Day:D2}");

    private static string Moment(LocalMoment at, ReceiptStyle style) => $"{Date(at.Date, style)} {style.WithDigits($"{at.Time.Hour:D2}:{at.Time.Minute:D2}")}";

    private static PaperText NewPaper(ReceiptStyle style)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(style.Columns, 24);
        return new PaperText(style.Columns, style.Language == Language.Arabic);
    }
}
