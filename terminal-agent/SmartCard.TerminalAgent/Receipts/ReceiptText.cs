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
            AddGoods(paper, receipt, style, Word, Money);
        else
            paper.Start(Word(receipt.Advice.NextStep));

        AddRemaining(paper, receipt, style, Word, Money);
        paper.Rule();
        if (receipt.LastFour.Length > 0)
            paper.Pair(Word(ReceiptWords.Card), paper.Isolate("**** " + style.WithDigits(receipt.LastFour)));
        paper.Pair(Word(ReceiptWords.Terminal), paper.Isolate(receipt.Terminal.Value));
        if (receipt.TransactionId is { } transaction)
            paper.Start(Word(ReceiptWords.Transaction)).Start(paper.Isolate(transaction.ToString()));
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
                $"{style.Amount(report.CitizenPaidMinor, parameters.CurrencyDigits)} {Word(ReceiptWords.Currency(parameters.Currency))}")
            .Pair(Word(ReceiptWords.Declined), style.Number(report.Declined))
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

    private static void AddGoods(PaperText paper, Receipt receipt, ReceiptStyle style, Func<Text, string> word, Func<long, string> money)
    {
        paper.Rule();
        foreach (var line in receipt.Lines)
            paper.Start(word(line.Name)).Pair($"  {style.Number(line.Quantity)} × {money(line.UnitPriceMinor)}", money(line.TotalMinor));
        var currency = word(ReceiptWords.Currency(receipt.Currency));
        var total = receipt.Lines.Sum(line => line.TotalMinor);
        paper.Rule().Pair(word(ReceiptWords.Total), $"{money(total)} {currency}");
        if (total != receipt.CitizenPaysMinor)
            paper.Pair(word(ReceiptWords.FromEntitlement), $"{money(total - receipt.CitizenPaysMinor)} {currency}");
        paper.Pair(word(ReceiptWords.CitizenPays), $"{money(receipt.CitizenPaysMinor)} {currency}");
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
    private static string Moment(LocalMoment at, ReceiptStyle style)
    {
        var date = style.Language == Language.French
            ? $"{at.Date.Day:D2}/{at.Date.Month:D2}/{at.Date.Year:D4}"
            : $"{at.Date.Year:D4}/{at.Date.Month:D2}/{at.Date.Day:D2}";
        return style.WithDigits($"{date} {at.Time.Hour:D2}:{at.Time.Minute:D2}");
    }

    private static PaperText NewPaper(ReceiptStyle style)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(style.Columns, 24);
        return new PaperText(style.Columns, style.Language == Language.Arabic);
    }
}
