using SmartCard.TerminalAgent.FrontEnd;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using Spectre.Console;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>The console front end, and the session that any screen is drawn from.</summary>
public sealed class AMerchantsSession : IAsyncLifetime
{
    private Shop _shop = null!;

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task Fills_a_basket_taps_and_prints()
    {
        _shop.Insert(_shop.Bureau.MakeCard());

        var printed = await RunAsync("1 15", "1 5", "2 1", "t", "x");

        Assert.Contains("20 × Baladi bread   4.00", printed);
        Assert.Contains("= 34.00   (To pay: 4.00)", printed);
        Assert.Contains("Approved.\nHand over the goods.", printed);
        Assert.Contains("رقم العملية", printed);
        Assert.Contains("تقرير X", printed);
    }

    [Fact]
    public async Task Takes_the_card_first_and_fills_the_basket_in_sight_of_what_is_left()
    {
        _shop.Insert(_shop.Bureau.MakeCard());

        var printed = await RunAsync("t", "t", "1 5", "t");

        Assert.Contains("أمينة ع. م.", printed);
        Assert.Contains("Bread: 150 loaves", printed);
        Assert.Contains("Groceries: 170.00", printed);
        Assert.Contains("Approved.", printed);
    }

    [Fact]
    public async Task Draws_nothing_when_the_merchant_gives_up_with_the_card_on_the_reader()
    {
        _shop.Insert(_shop.Bureau.MakeCard());

        var printed = await RunAsync("t", "1 5", "c");

        Assert.Contains("Cancelled; nothing was drawn.", printed);
        Assert.Null(_shop.Terminal.Journal.FindLast());
    }

    [Fact]
    public async Task Shows_what_is_unsent_all_the_time_even_nothing()
    {
        _shop.Insert(_shop.CardWithAllowance());
        _shop.Backend.IsDown = true;

        var printed = await RunAsync("1 5", "t", "z", "s");

        Assert.Contains("● Online   Waiting to be sent: 0", printed);
        Assert.Contains("○ Without a line   Waiting to be sent: 1", printed);
        Assert.Contains("Not closed: 1 records wait to be sent.", printed);
        Assert.Contains("No line; nothing changed.", printed);
    }

    [Fact]
    public async Task Sounds_other_for_goods_than_for_none()
    {
        _shop.Insert(_shop.Bureau.MakeCard());
        Assert.Equal(1, (await RunAsync("1 5", "t")).Count(character => character == '\a'));

        _shop.Insert(_shop.Bureau.MakeCard());
        _shop.Backend.Decline = new Wire.Declined { Reason = Wire.DeclineReason.CardBlocked };
        Assert.Equal(3, (await RunAsync("1 5", "t")).Count(character => character == '\a'));
    }

    [Theory]
    [InlineData("9 1")]
    [InlineData("1 0")]
    [InlineData("1 -5")]
    [InlineData("1 99999999999")]
    [InlineData("r abc")]
    [InlineData("nonsense")]
    public async Task Does_not_stumble_over_what_it_does_not_understand(string command)
    {
        var printed = await RunAsync(command, "");

        Assert.Contains("Not understood.", printed);
        Assert.DoesNotContain("Basket", printed);
    }

    [Fact]
    public async Task Undoes_the_last_draw_and_closes_and_uploads()
    {
        _shop.Insert(_shop.Bureau.MakeCard());

        var printed = await RunAsync("1 5", "t", "v", "v", "s", "z", "u", "r", "r 7");

        Assert.Contains("The last draw is being undone; hand nothing over.", printed);
        Assert.Contains("The last draw cannot be undone.", printed);
        Assert.Contains("Everything is sent.", printed);
        Assert.Contains("Ledger: 0 lines accepted, 0 refused.", printed);
        Assert.Contains("*** نسخة ***", printed);
        Assert.Contains("There is no such receipt.", printed);
    }

    [Fact]
    public async Task Takes_goods_back_that_the_merchant_chooses_and_prints()
    {
        _shop.Insert(_shop.Bureau.MakeCard());

        var printed = await RunAsync("1 5", "2 1", "t", "b 1", "1 9", "1 2", "b", "b 000001", "b", "b", "r R1", "r R9", "x");

        Assert.Contains("  1. 5 × Baladi bread   1.00\n  2. 1 × Oil 800 ml   30.00", printed);
        Assert.Equal([2, 3], _shop.Backend.RefundCalls.Select(call => (int)call.Lines[0].Quantity));
        Assert.Contains("Give the citizen the money that the receipt names.", printed);
        Assert.Contains("إيصال مرتجع", printed);
        Assert.Contains("  R000001   Draw's receipt 000001   The goods are taken back.   To give back: 0.40\n  R000002", printed);
        Assert.Contains("*** نسخة ***", printed);
        Assert.Contains("There is no such receipt.", printed);
        Assert.Contains("مرتجعات", printed);
    }

    [Fact]
    public async Task Takes_back_by_transaction_and_nothing_when_the_merchant_gives_up()
    {
        _shop.Insert(_shop.Bureau.MakeCard());
        await _shop.Terminal.TapAsync(Shop.Loaves(5));

        var printed = await RunAsync($"b {_shop.Terminal.Journal.FindLast()!.TransactionId}", "c", "b", "b 7", "b nonsense", "b 1", "b", "b 1");

        Assert.Contains("Nothing was taken back.", printed);
        Assert.Contains("There are no refunds.", printed);
        Assert.Equal(2, printed.Split("This terminal has no draw of that number.").Length - 1);
        Assert.Contains("That is more than what is left of the draw.", printed);
        Assert.Single(_shop.Backend.RefundCalls);
    }

    [Fact]
    public async Task Shows_refunds_that_are_due_until_they_are_recorded()
    {
        _shop.Insert(_shop.Bureau.MakeCard());
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        _shop.Backend.IsDown = true;
        var printed = await RunAsync("b 1", "b", "b");
        Assert.Contains("Give no money back before it is recorded.", printed);
        Assert.Contains("Waiting to be sent: 0   Refunds not recorded yet: 1", printed);
        Assert.Contains("R000001   Draw's receipt 000001   The refund is kept; the system has not answered yet.\n", printed);

        _shop.Backend.IsDown = false;
        printed = await RunAsync("s", "");
        Assert.Contains("Give the citizen the money that the receipt names.", printed);
        Assert.EndsWith("● Online   Waiting to be sent: 0\n> ", printed);
    }

    [Fact]
    public async Task Keeps_a_basket_that_was_not_drawn_and_empties_one_that_was()
    {
        var session = new TerminalSession(_shop.Terminal);
        session.Add(session.Articles[0], 5);
        _shop.Backend.Decline = new Wire.Declined { Reason = Wire.DeclineReason.OutsideDrawWindow };
        _shop.Insert(_shop.Bureau.MakeCard());
        await session.ServeAsync(CancellationToken.None);
        Assert.Single(session.Basket);

        _shop.Backend.Decline = null;
        _shop.Insert(_shop.Bureau.MakeCard());
        await session.ServeAsync(CancellationToken.None);
        Assert.Empty(session.Basket);
    }

    [Fact]
    public async Task Serves_no_card_twice_that_was_left_on_the_reader()
    {
        var session = new TerminalSession(_shop.Terminal);
        session.Add(session.Articles[0], 5);
        _shop.Insert(_shop.Bureau.MakeCard());
        await session.ServeAsync(CancellationToken.None);

        using var patience = new CancellationTokenSource();
        session.Add(session.Articles[0], 5);
        var second = session.ServeAsync(patience.Token);
        Assert.False(second.IsCompleted);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(TapOutcomeKind.Approved, session.Last!.Outcome.Kind);
    }

    private async Task<string> RunAsync(params string[] commands)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 120;
        await new MerchantConsole(new TerminalSession(_shop.Terminal), console, new StringReader(string.Join('\n', commands)), Language.English)
            .RunAsync(CancellationToken.None);
        return output.ToString();
    }
}
