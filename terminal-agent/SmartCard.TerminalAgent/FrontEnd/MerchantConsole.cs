using System.Globalization;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tap;
using Spectre.Console;
using Text = SmartCard.TerminalAgent.Messages.Text;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>
/// A merchant's session on a console: one command a line, the status line before each. It draws what <see cref="TerminalSession"/> holds and decides nothing.
/// </summary>
internal sealed partial class MerchantConsole(TerminalSession session, IAnsiConsole console, TextReader input, Language language)
{
    // Distinct sounds: one for goods, three for none.
    private const string SoundOfSuccess = "\a";
    private const string SoundOfFailure = "\a\a\a";

    private Terminal Terminal => session.Terminal;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ShowArticles();
        Say(ConsoleWords.Help);
        while (!cancellationToken.IsCancellationRequested)
        {
            console.WriteLine(StatusTable.Line(Terminal, language));
            console.Write("> ");
            if (await input.ReadLineAsync(cancellationToken) is not { } line || line.Trim() == "q")
                return;
            await ObeyAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), cancellationToken);
        }
    }

    private async Task ObeyAsync(string[] words, CancellationToken cancellationToken)
    {
        switch (words)
        {
            case []:
                return;
            case ["t"]:
                await TapAsync(cancellationToken);
                return;
            case ["c"]:
                session.Clear();
                ShowBasket();
                return;
            case ["v"]:
                Say(await session.CancelLastAsync(cancellationToken) ? ConsoleWords.Undone : ConsoleWords.CannotUndo);
                return;
            case ["r"]:
                Reprint(null);
                return;
            case ["r", ['R' or 'r', _, ..] number]:
                ReprintRefund(number);
                return;
            case ["r", var number] when long.TryParse(number, CultureInfo.InvariantCulture, out var wanted):
                Reprint(wanted);
                return;
            case ["s"]:
                var sent = await Terminal.SendUnsentAsync(cancellationToken);
                Say(sent.IsAllSent ? ConsoleWords.AllSent : ConsoleWords.NoLine);
                foreach (var refund in sent.Refunds)
                    ShowRefund(RefundOutcome.Of(refund));
                return;
            case ["b"]:
                ListRefunds();
                return;
            case ["b", var draw]:
                await RefundAsync(draw, cancellationToken);
                return;
            case ["x"]:
                if (Terminal.ReadBatch() is { } batch)
                    console.WriteLine(Terminal.Print(batch));
                else
                    Say(ConsoleWords.NothingToClose);
                return;
            case ["z"] or ["z!"]:
                await CloseAsync(evenIfUnsent: words[0] == "z!", cancellationToken);
                return;
            case ["u"]:
                var upload = await Terminal.UploadLedgerAsync(cancellationToken);
                Say(ConsoleWords.Ledger.With($"{upload.Accepted}", $"{upload.Refused}"));
                return;
            case [_, _] when TryAdd(words):
                ShowBasket();
                return;
            default:
                Say(ConsoleWords.NotUnderstood);
                Say(ConsoleWords.Help);
                return;
        }
    }

    private async Task TapAsync(CancellationToken cancellationToken)
    {
        Say(ConsoleWords.PresentCard);
        var result = await session.ServeAsync(cancellationToken, session.Basket.Count == 0 ? FillBasketAsync : null);
        console.Write(result.Outcome.IsApproved ? SoundOfSuccess : SoundOfFailure);
        Show(result.Receipt.Advice, result.Outcome.IsApproved);
        console.WriteLine(Terminal.Print(result.Receipt));
        if (result.Outcome.Kind != TapOutcomeKind.CardRemoved)
            Say(ConsoleWords.TakeCard);
    }

    /// <summary>The card came first: the merchant sees what is left and fills the basket while the card lies there.</summary>
    private async ValueTask<bool> FillBasketAsync(CardView card, CancellationToken cancellationToken)
    {
        var standing = card.IsOnline ? ConsoleWords.Online : ConsoleWords.Offline;
        console.WriteLine($"{card.HolderDisplay}  •••• {card.Card.LastFour}  {standing.In(language)}");
        foreach (var left in card.Remaining)
            console.WriteLine($"  {Terminal.Parameters!.NameOf(left.Programme).In(language)}: {Quantity(left)}");
        Say(ConsoleWords.FillBasket);
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            switch (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                case ["t"] when session.Basket.Count > 0:
                    return true;
                case ["c"]:
                    session.Clear();
                    return false;
                case var words when TryAdd(words):
                    ShowBasket();
                    break;
                default:
                    Say(ConsoleWords.FillBasket);
                    break;
            }
        }

        return false;
    }

    private bool TryAdd(string[] words) =>
        words is [var number, var quantity]
        && int.TryParse(number, CultureInfo.InvariantCulture, out var index) && uint.TryParse(quantity, CultureInfo.InvariantCulture, out var pieces)
        && session.Articles.ElementAtOrDefault(index - 1) is { } article
        && session.Add(article, pieces);

    private string Quantity(Journal.Remaining left) => left.Unit == QuantityUnit.MinorCurrency
        ? Amount(left.Quantity)
        : $"{left.Quantity} {Receipts.ReceiptWords.Unit(left.Unit, left.Quantity, language)}";

    private async Task CloseAsync(bool evenIfUnsent, CancellationToken cancellationToken)
    {
        switch (await Terminal.CloseBatchAsync(evenIfUnsent, cancellationToken))
        {
            case CloseOutcome.Closed closed:
                console.WriteLine(Terminal.Print(closed.Report, closed.IsBalanced));
                break;
            case CloseOutcome.ClosedHereOnly closed:
                console.WriteLine(Terminal.Print(closed.Report));
                Say(ConsoleWords.ClosedHere);
                break;
            case CloseOutcome.RefusedUnsent refused:
                Say(ConsoleWords.UnsentRefuses.With($"{refused.Report.Unsent}"));
                break;
            default:
                Say(ConsoleWords.NothingToClose);
                break;
        }
    }

    private void Reprint(long? number)
    {
        if (Terminal.Reprint(number) is { } receipt)
            console.WriteLine(Terminal.Print(receipt));
        else
            Say(ConsoleWords.NoReceipt);
    }

    private void ShowArticles()
    {
        var table = new Table().AddColumns("#", ConsoleWords.Article.In(language).EscapeMarkup(), ConsoleWords.Price.In(language).EscapeMarkup());
        var number = 0;
        foreach (var article in session.Articles)
            table.AddRow($"{++number}", $"{article.Name.In(language)} · {Terminal.Parameters!.NameOf(article.Programme).In(language)}".EscapeMarkup(), Amount(article.UnitPriceMinor));
        console.Write(table);
    }

    private void ShowBasket()
    {
        Say(ConsoleWords.Basket);
        foreach (var line in session.Basket)
            console.WriteLine($"  {Goods(line)}");
        var (total, citizenPays) = session.Totals();
        console.WriteLine($"  = {Amount(total)}   ({Receipts.ReceiptWords.CitizenPays.In(language)}: {Amount(citizenPays)})");
    }

    private void Show(Advice advice, bool isGood)
    {
        console.Write(new Markup($"{advice.What.In(language).EscapeMarkup()}\n", new Style(isGood ? Color.Green : Color.Red, decoration: Decoration.Bold)));
        console.WriteLine(advice.NextStep.In(language));
        console.WriteLine();
    }

    private string Amount(long minor) =>
        new Receipts.ReceiptStyle(language, Receipts.DigitStyle.Western, 42).Amount(minor, Terminal.Parameters?.CurrencyDigits ?? 2);

    private void Say(Text text) => console.WriteLine(text.In(language));
}

/// <summary>The PIN on the console's keyboard: for development. A shop has a PIN pad.</summary>
internal sealed class ConsolePinPad(IAnsiConsole console, Language language) : IPinPad
{
    public async ValueTask<char[]?> AskAsync(int triesLeft, CancellationToken cancellationToken)
    {
        if (!console.Profile.Capabilities.Interactive)
            return null;
        var prompt = new TextPrompt<string>(ConsoleWords.Pin.With($"{triesLeft}").In(language).EscapeMarkup()).Secret().AllowEmpty();
        var entered = await prompt.ShowAsync(console, cancellationToken);
        return entered.Length == 0 ? null : entered.ToCharArray();
    }
}
