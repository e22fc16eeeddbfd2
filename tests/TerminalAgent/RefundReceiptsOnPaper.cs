using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Receipts;
using SmartCard.TerminalAgent.Refunds;
using SmartCard.TerminalAgent.Tests.Support;
using static SmartCard.TerminalAgent.Tests.Support.PrintedPaper;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>What comes out of the printer when goods came back, whole; marks are shown as in <see cref="ReceiptsOnPaper"/>.</summary>
public sealed class RefundReceiptsOnPaper
{
    private static readonly RefundReceipt Recorded = new()
    {
        Merchant = new Text("مخبز النور", "Boulangerie Ennour", "Al Nour Bakery"),
        Outlet = new Text("الجيزة", "Gizeh", "Giza"),
        At = new LocalMoment(new DateOnly(2026, 11, 22), new TimeOnly(14, 32, 5)),
        Terminal = TerminalId.Parse("TERM0001"),
        Advice = new Advice(new("سُجّل المرتجع.", "Retour enregistré.", "The goods are taken back."), new("", "", "")),
        IsRecorded = true,
        Currency = 818,
        CurrencyDigits = 2,
        Number = "R000012",
        DrawNumber = 4817,
        TransactionId = new TransactionId(((UInt128)0x0123456789abcdef << 64) | 0x0011223344556677),
        LastFour = "4821",
        Lines =
        [
            new ReceiptLine(new Text("خبز بلدي", "Pain baladi", "Baladi bread"), 5, 20, CitizenPays: true),
            new ReceiptLine(new Text("زيت طعام 800 مل", "Huile 800 ml", "Oil 800 ml"), 1, 3000, CitizenPays: false),
        ],
        CitizenGetsMinor = 100,
        BusinessDate = new DateOnly(2026, 11, 22),
    };

    [Fact]
    public void In_Arabic_with_Arabic_Indic_digits_on_wide_paper() => AssertPaper(
        """
        <           منظومة الدعم الموحّدة
        <                مخبز النور
        <                  الجيزة
        <               إيصال مرتجع
        <[٢٠٢٦/١١/٢٢ ١٤:٣٢]                   [R٠٠٠٠١٢]
        <------------------------------------------
        <سُجّل المرتجع.
        <------------------------------------------
        <خبز بلدي
        <  ٥ × ٠٫٢٠                            ١٫٠٠
        <زيت طعام ٨٠٠ مل
        <  ١ × ٣٠٫٠٠                          ٣٠٫٠٠
        <------------------------------------------
        <الإجمالي                         ٣١٫٠٠ ج.م
        <يعود إلى رصيد الدعم              ٣٠٫٠٠ ج.م
        <يُردّ للمواطن                       ١٫٠٠ ج.م
        <------------------------------------------
        <تاريخ المرتجع                   [٢٠٢٦/١١/٢٢]
        <إيصال الصرف                         ٠٠٤٨١٧
        <بطاقة                            [**** ٤٨٢١]
        <ماكينة                            [TERM0001]
        <رقم العملية
        <[0123456789abcdef0011223344556677]
        """,
        ReceiptText.Render(Recorded, new ReceiptStyle(Language.Arabic, DigitStyle.ArabicIndic, 42)));

    [Fact]
    public void In_French_marked_as_a_copy() => AssertPaper(
        """
         Système unifié de subventions
               Boulangerie Ennour
                     Gizeh
                 Reçu de retour
                 *** COPIE ***
        22/11/2026 14:32         R000012
        --------------------------------
        Retour enregistré.
        --------------------------------
        Pain baladi
          5 × 0,20                  1,00
        Huile 800 ml
          1 × 30,00                30,00
        --------------------------------
        Total                  31,00 EGP
        Rendu au droit         30,00 EGP
        À rendre au citoyen     1,00 EGP
        --------------------------------
        Date du retour        22/11/2026
        Reçu du retrait           004817
        Carte                  **** 4821
        Terminal                TERM0001
        N° d'opération
        0123456789abcdef0011223344556677
        """,
        ReceiptText.Render(Recorded with { IsCopy = true }, new ReceiptStyle(Language.French, DigitStyle.Western, 32)));

    [Fact]
    public async Task Of_one_that_is_due_names_the_goods_and_no_money()
    {
        await using var shop = await Shop.OpenAsync();
        var card = shop.Bureau.MakeCard();
        await shop.TapAsync(card, Shop.Loaves(5));
        shop.Backend.IsDown = true;
        var due = Assert.IsType<RefundOutcome.Due>(await shop.Terminal.RefundAsync(1, Shop.Loaves(2))).Refund;

        AssertPaper(
            $"""
             Système unifié de subventions
                   Boulangerie Ennour
                         Gizeh
                     Reçu de retour
            22/11/2026 09:30         R000001
            --------------------------------
            Retour conservé ; le système n'a
            pas encore répondu.
            Ne rendez pas d'argent avant
            l'enregistrement. L'envoi se
            fait tout seul.
            --------------------------------
            Pain baladi
              2 × 0,20                  0,40
            --------------------------------
            Reçu du retrait           000001
            Carte                  **** {card.Number.LastFour}
            Terminal                TERM0001
            N° d'opération
            {due.Draw.TransactionId}
            """,
            ReceiptText.Render(shop.Terminal.ReceiptOf(due)!, new ReceiptStyle(Language.French, DigitStyle.Western, 32)));
    }

    [Fact]
    public async Task Can_be_printed_again_from_the_journal_word_for_word_but_for_the_mark()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.TapAsync(shop.Bureau.MakeCard(), Shop.Loaves(5));
        var refund = Assert.IsType<RefundOutcome.Recorded>(await shop.Terminal.RefundAsync(1)).Refund;
        var original = shop.Terminal.Print(shop.Terminal.ReceiptOf(refund)!).Split('\n');
        await shop.RestartAsync();
        shop.Clock.Advance(TimeSpan.FromHours(1));

        var copy = shop.Terminal.Print(shop.Terminal.ReprintRefund(1)!).Split('\n');

        Assert.Equal(original, copy.Where(line => !line.Contains("نسخة")));
        Assert.Equal(original.Length + 1, copy.Length);
        Assert.Null(shop.Terminal.ReprintRefund(2));
    }

    [Theory]
    [InlineData(Language.Arabic, 24)]
    [InlineData(Language.French, 24)]
    [InlineData(Language.English, 42)]
    public void Never_exceed_the_paper_but_for_an_identifier(Language language, int columns)
    {
        foreach (var advice in Enum.GetValues<RefundRefusal>().Select(RefundTexts.For))
        {
            var receipt = Recorded with { Advice = advice, IsRecorded = false, BusinessDate = null };
            var lines = ReceiptText.Render(receipt, new ReceiptStyle(language, DigitStyle.Western, columns)).TrimEnd('\n').Split('\n');
            Assert.All(lines[..^1], line => Assert.InRange(PaperText.WidthOf(line), 0, columns));
        }
    }

    [Fact]
    public async Task Of_a_batch_say_how_much_went_back()
    {
        await using var shop = await Shop.OpenAsync();
        await shop.TapAsync(shop.Bureau.MakeCard(), Shop.Loaves(20));
        await shop.Terminal.RefundAsync(1, Shop.Loaves(5));
        await shop.Terminal.RefundAsync(1, Shop.Loaves(2));
        var closed = Assert.IsType<CloseOutcome.Closed>(await shop.Terminal.CloseBatchAsync());

        AssertPaper(
            """
             Système unifié de subventions
                   Boulangerie Ennour
                         Gizeh
                  Rapport Z (clôture)
            22/11/2026 09:30           Lot 1
            --------------------------------
            Pain
              Opérations                   1
              Quantité              20 pains
              Payé par les citoyens     4,00
            --------------------------------
            Payé par les citoyens   4,00 EGP
            Rendu aux citoyens      1,40 EGP
            Retours                        2
            Opérations refusées            0
            Non servis                     0
            Opérations annulées            0
            En attente d'envoi             0
                  Conforme au système
            --------------------------------
            Terminal                TERM0001
            """,
            ReceiptText.Render(closed.Report, shop.Terminal.Parameters!, new ReceiptStyle(Language.French, DigitStyle.Western, 32), shop.Terminal.Now!.Value, closed.IsBalanced));
    }
}
