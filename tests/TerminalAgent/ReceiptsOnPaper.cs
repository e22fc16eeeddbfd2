using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Receipts;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;
using static SmartCard.TerminalAgent.Tests.Support.PrintedPaper;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>
/// What comes out of the printer, whole. A right-to-left mark is shown as <c>&lt;</c> at the start of a line, an isolate as square brackets.
/// </summary>
public sealed class ReceiptsOnPaper
{
    private static readonly Receipt Approved = new()
    {
        Merchant = new Text("مخبز النور", "Boulangerie Ennour", "Al Nour Bakery"),
        Outlet = new Text("الجيزة", "Gizeh", "Giza"),
        At = new LocalMoment(new DateOnly(2026, 11, 20), new TimeOnly(14, 32, 5)),
        Terminal = TerminalId.Parse("TERM0001"),
        Advice = OutcomeTexts.For(TapOutcome.Of(TapOutcomeKind.Approved)),
        IsApproved = true,
        Currency = 818,
        CurrencyDigits = 2,
        Number = 4817,
        TransactionId = new TransactionId(((UInt128)0x0123456789abcdef << 64) | 0x0011223344556677),
        LastFour = "4821",
        Lines =
        [
            new ReceiptLine(new Text("خبز بلدي", "Pain baladi", "Baladi bread"), 20, 20, CitizenPays: true),
            new ReceiptLine(new Text("زيت طعام 800 مل", "Huile 800 ml", "Oil 800 ml"), 1, 3000, CitizenPays: false),
        ],
        CitizenPaysMinor = 400,
        Remaining =
        [
            new ReceiptRemaining(new Text("خبز بلدي", "Pain", "Bread"), QuantityUnit.Loaf, 25, Offline: false),
            new ReceiptRemaining(new Text("سلع تموينية", "Épicerie", "Groceries"), QuantityUnit.MinorCurrency, 17000, Offline: false),
        ],
    };

    private static readonly Receipt Declined = Approved with
    {
        Advice = DeclineTexts.For(Protocol.Grpc.V1.DeclineReason.BeyondEntitlement),
        IsApproved = false,
        CitizenPaysMinor = 0,
    };

    [Fact]
    public void In_Arabic_with_Arabic_Indic_digits_on_wide_paper() => AssertPaper(
        """
        <           منظومة الدعم الموحّدة
        <                مخبز النور
        <                  الجيزة
        <[٢٠٢٦/١١/٢٠ ١٤:٣٢]              إيصال ٠٠٤٨١٧
        <------------------------------------------
        <تم الصرف.
        <------------------------------------------
        <خبز بلدي
        <  ٢٠ × ٠٫٢٠                           ٤٫٠٠
        <زيت طعام ٨٠٠ مل
        <  ١ × ٣٠٫٠٠                          ٣٠٫٠٠
        <------------------------------------------
        <الإجمالي                         ٣٤٫٠٠ ج.م
        <من رصيد الدعم                    ٣٠٫٠٠ ج.م
        <المطلوب من المواطن                ٤٫٠٠ ج.م
        <------------------------------------------
        <المتبقي
        <  خبز بلدي                        ٢٥ رغيفًا
        <  سلع تموينية                   ١٧٠٫٠٠ ج.م
        <------------------------------------------
        <بطاقة                            [**** ٤٨٢١]
        <ماكينة                            [TERM0001]
        <رقم العملية
        <[0123456789abcdef0011223344556677]
        """,
        ReceiptText.Render(Approved, new ReceiptStyle(Language.Arabic, DigitStyle.ArabicIndic, 42)));

    [Fact]
    public void In_Arabic_with_Western_digits_on_narrow_paper() => AssertPaper(
        """
        <      منظومة الدعم الموحّدة
        <           مخبز النور
        <             الجيزة
        <[2026/11/20 14:32]    إيصال 004817
        <--------------------------------
        <الكمية تتجاوز الرصيد المتبقي.
        <خفّض الكمية إلى الرصيد المتبقي.
        <--------------------------------
        <المتبقي
        <  خبز بلدي              25 رغيفًا
        <  سلع تموينية         170.00 ج.م
        <--------------------------------
        <بطاقة                  [**** 4821]
        <ماكينة                  [TERM0001]
        <رقم العملية
        <[0123456789abcdef0011223344556677]
        """,
        ReceiptText.Render(Declined, new ReceiptStyle(Language.Arabic, DigitStyle.Western, 32)));

    [Fact]
    public void In_French_marked_as_a_copy() => AssertPaper(
        """
         Système unifié de subventions
               Boulangerie Ennour
                     Gizeh
                 *** COPIE ***
        20/11/2026 14:32     Reçu 004817
        --------------------------------
        Retrait accepté.
        --------------------------------
        Pain baladi
          20 × 0,20                 4,00
        Huile 800 ml
          1 × 30,00                30,00
        --------------------------------
        Total                  34,00 EGP
        Payé par le droit      30,00 EGP
        À payer                 4,00 EGP
        --------------------------------
        Reste
          Pain                  25 pains
          Épicerie            170,00 EGP
        --------------------------------
        Carte                  **** 4821
        Terminal                TERM0001
        N° d'opération
        0123456789abcdef0011223344556677
        """,
        ReceiptText.Render(Approved with { IsCopy = true }, new ReceiptStyle(Language.French, DigitStyle.ArabicIndic, 32)));

    [Fact]
    public void Without_a_line_say_what_is_left_on_the_card() => AssertPaper(
        """
         Système unifié de subventions
               Boulangerie Ennour
                     Gizeh
        20/11/2026 14:32     Reçu 004817
        --------------------------------
        La quantité dépasse le solde
        restant.
        Réduisez la quantité au solde
        restant.
        --------------------------------
        Reste sur la carte, hors ligne
          Pain                    1 pain
        --------------------------------
        Carte                  **** 4821
        Terminal                TERM0001
        N° d'opération
        0123456789abcdef0011223344556677
        """,
        ReceiptText.Render(
            Declined with { Remaining = [Approved.Remaining[0] with { Quantity = 1, Offline = true }] },
            new ReceiptStyle(Language.French, DigitStyle.Western, 32)));

    [Fact]
    public async Task Of_a_batch_that_is_closed()
    {
        await using var shop = await Shop.OpenAsync();
        var card = shop.Bureau.MakeCard();
        await shop.TapAsync(card, [.. Shop.Loaves(20), .. Shop.Oil(1)]);
        var closed = Assert.IsType<CloseOutcome.Closed>(await shop.Terminal.CloseBatchAsync());

        AssertPaper(
            """
            <           منظومة الدعم الموحّدة
            <                مخبز النور
            <                  الجيزة
            <             تقرير الوردية Z
            <[٢٠٢٦/١١/٢٢ ٠٩:٣٠]                   وردية ١
            <------------------------------------------
            <خبز بلدي
            <  عمليات                                 ١
            <  الكمية                          ٢٠ رغيفًا
            <  مدفوع من المواطنين                  ٤٫٠٠
            <سلع تموينية
            <  عمليات                                 ١
            <  الكمية                         ٣٠٫٠٠ ج.م
            <  مدفوع من المواطنين                  ٠٫٠٠
            <------------------------------------------
            <مدفوع من المواطنين                ٤٫٠٠ ج.م
            <عمليات مرفوضة                            ٠
            <لم تُخدم                                  ٠
            <عمليات ملغاة                             ٠
            <بانتظار الإرسال                          ٠
            <              مطابق للمنظومة
            <------------------------------------------
            <ماكينة                            [TERM0001]
            """,
            shop.Terminal.Print(closed.Report, closed.IsBalanced));
    }

    [Theory]
    [InlineData(1, "1 رغيف")]
    [InlineData(2, "2 رغيفان")]
    [InlineData(3, "3 أرغفة")]
    [InlineData(10, "10 أرغفة")]
    [InlineData(11, "11 رغيفًا")]
    [InlineData(99, "99 رغيفًا")]
    [InlineData(100, "100 رغيف")]
    [InlineData(103, "103 أرغفة")]
    [InlineData(150, "150 رغيفًا")]
    [InlineData(0, "0 رغيف")]
    public void Count_loaves_as_Arabic_does(long loaves, string expected)
    {
        var receipt = Approved with { Remaining = [Approved.Remaining[0] with { Quantity = loaves }] };

        Assert.Contains(expected, ReceiptText.Render(receipt, new ReceiptStyle(Language.Arabic, DigitStyle.Western, 42)));
    }

    [Theory]
    [InlineData(Language.Arabic, 24)]
    [InlineData(Language.Arabic, 32)]
    [InlineData(Language.French, 24)]
    [InlineData(Language.English, 42)]
    public void Never_exceed_the_paper_but_for_an_identifier(Language language, int columns)
    {
        foreach (var kind in Enum.GetValues<TapOutcomeKind>().Where(kind => kind != TapOutcomeKind.Declined))
        {
            var receipt = Declined with { Advice = OutcomeTexts.For(TapOutcome.Of(kind)) };
            var lines = ReceiptText.Render(receipt, new ReceiptStyle(language, DigitStyle.Western, columns)).TrimEnd('\n').Split('\n');
            Assert.All(lines[..^1], line => Assert.InRange(PaperText.WidthOf(line), 0, columns));
        }
    }

    [Fact]
    public async Task Show_no_more_of_a_card_than_its_last_four_digits_and_no_name()
    {
        await using var shop = await Shop.OpenAsync();
        var card = shop.Bureau.MakeCard();

        var result = await shop.TapAsync(card, Shop.Loaves(5));

        var text = ReceiptText.Render(result.Receipt, new ReceiptStyle(Language.Arabic, DigitStyle.Western, 42));
        Assert.Contains("**** " + card.Number.LastFour, text);
        Assert.DoesNotContain(card.Number.FullDigits[..12], text);
        Assert.DoesNotContain("أمينة", text);
    }

    [Fact]
    public async Task Can_be_printed_again_from_the_journal_word_for_word_but_for_the_mark()
    {
        await using var shop = await Shop.OpenAsync();
        var first = await shop.TapAsync(shop.Bureau.MakeCard(), Shop.Loaves(5));
        await shop.TapAsync(shop.Bureau.MakeCard(), Shop.Oil(1));
        await shop.RestartAsync();

        var copy = shop.Terminal.Print(shop.Terminal.Reprint(number: 1)!).Split('\n');

        var original = shop.Terminal.Print(first.Receipt).Split('\n');
        Assert.Equal(original, copy.Where(line => !line.Contains("نسخة")));
        Assert.Equal(original.Length + 1, copy.Length);
        Assert.Equal(2, shop.Terminal.Reprint()!.Number);
        Assert.Null(shop.Terminal.Reprint(number: 99));
    }

    [Fact]
    public async Task Print_a_reversed_draw_again_as_one_that_gave_no_goods()
    {
        await using var shop = await Shop.OpenAsync();
        var result = await shop.TapAsync(shop.Bureau.MakeCard(), Shop.Loaves(5));
        await shop.Terminal.CancelAsync(result.TransactionId!.Value);

        var copy = shop.Terminal.Reprint()!;

        Assert.False(copy.IsApproved);
        Assert.Equal(OutcomeTexts.For(TapOutcome.Of(TapOutcomeKind.Cancelled)), copy.Advice);
    }
}
