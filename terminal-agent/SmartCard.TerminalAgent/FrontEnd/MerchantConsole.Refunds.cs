using System.Globalization;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Refunds;
using Spectre.Console;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>Goods that are brought back: the merchant names the draw, sees what of it may come back, and says which.</summary>
internal sealed partial class MerchantConsole
{
    private async Task RefundAsync(string draw, CancellationToken cancellationToken)
    {
        switch (Find(draw))
        {
            case Refundable.Nothing nothing:
                console.Write(SoundOfFailure);
                Show(RefundTexts.For(nothing.Reason), isGood: false);
                return;
            case Refundable.Goods refundable when await ChooseGoodsAsync(refundable.Left, cancellationToken) is { } goods:
                ShowRefund(await Terminal.RefundAsync(refundable.Draw.TransactionId, goods, cancellationToken));
                return;
            default:
                Say(ConsoleWords.NothingTakenBack);
                return;
        }
    }

    private Refundable Find(string draw)
    {
        if (TransactionId.TryParse(draw, out var transaction))
            return Terminal.FindRefundable(transaction);
        return Terminal.FindRefundable(long.TryParse(draw, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    /// <summary>Null: the merchant gave up.</summary>
    private async Task<IReadOnlyList<BasketLine>?> ChooseGoodsAsync(IReadOnlyList<BasketLine> left, CancellationToken cancellationToken)
    {
        for (var index = 0; index < left.Count; index++)
            console.WriteLine($"  {index + 1}. {Goods(left[index])}");
        Say(ConsoleWords.ChooseGoods);
        var chosen = new SortedDictionary<int, BasketLine>();
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            switch (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                case ["b"]:
                    return chosen.Count == 0 ? left : [.. chosen.Values];
                case ["c"]:
                    return null;
                case [var number, var quantity]
                    when int.TryParse(number, CultureInfo.InvariantCulture, out var place) && uint.TryParse(quantity, CultureInfo.InvariantCulture, out var pieces)
                    && left.ElementAtOrDefault(place - 1) is { Quantity: > 0 } article && pieces > 0 && pieces <= article.Quantity:
                    chosen[place] = article with { Quantity = pieces };
                    console.WriteLine($"  {Goods(chosen[place])}");
                    break;
                default:
                    Say(ConsoleWords.ChooseGoods);
                    break;
            }
        }

        return null;
    }

    private void ShowRefund(RefundOutcome outcome)
    {
        var isGood = outcome is RefundOutcome.Recorded;
        console.Write(isGood ? SoundOfSuccess : SoundOfFailure);
        Show(RefundTexts.For(outcome), isGood);
        var refund = outcome switch
        {
            RefundOutcome.Recorded recorded => recorded.Refund,
            RefundOutcome.Due due => due.Refund,
            _ => null,
        };
        if (refund is not null)
            PrintRefund(refund);
    }

    /// <summary>Those that are due and those of today: who is to get money back, and who has to wait for it.</summary>
    private void ListRefunds()
    {
        var refunds = Terminal.RecentRefunds();
        if (refunds.Count == 0)
            Say(ConsoleWords.NoRefunds);
        foreach (var refund in refunds)
        {
            var money = refund.State == RefundState.Recorded ? $"   {Receipts.ReceiptWords.CitizenGets.In(language)}: {Amount(refund.CitizenGetsMinor)}" : "";
            console.WriteLine($"  {refund.ReceiptNumber}   {Receipts.ReceiptWords.OfDraw.In(language)} {refund.Draw.Sequence:D6}   {RefundTexts.For(refund).What.In(language)}{money}");
        }
    }

    private void ReprintRefund(string number)
    {
        if (long.TryParse(number.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && Terminal.ReprintRefund(wanted) is { } receipt)
            console.WriteLine(Terminal.Print(receipt));
        else
            Say(ConsoleWords.NoReceipt);
    }

    private void PrintRefund(RefundEntry refund)
    {
        if (Terminal.ReceiptOf(refund) is { } receipt)
            console.WriteLine(Terminal.Print(receipt));
    }

    private string Goods(BasketLine line) =>
        $"{line.Quantity} × {Terminal.Parameters!.NameOf(line.Commodity).In(language)}   {Amount((long)line.Quantity * line.UnitPriceMinor)}";
}
