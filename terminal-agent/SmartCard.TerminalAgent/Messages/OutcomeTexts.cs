using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Messages;

/// <summary>Every way in which a tap ends, in plain words, with the next step. Never a raw error.</summary>
public static class OutcomeTexts
{
    private static readonly Text TapAgain = new(
        "أعد تمرير البطاقة واتركها حتى تسمع الصفارة.",
        "Présentez la carte à nouveau et laissez-la jusqu'au signal.",
        "Tap the card again and leave it until the beep.");
    private static readonly Text SupplyOffice = new(
        "يراجع صاحب البطاقة مكتب التموين ومعه بطاقة الرقم القومي.",
        "Le titulaire s'adresse au bureau d'approvisionnement avec sa carte d'identité.",
        "The card holder goes to the supply office with an identity card.");
    private static readonly Text Connect = new(
        "صِل الماكينة بالشبكة وانتظر حتى تُرسل العمليات المحفوظة.",
        "Connectez le terminal et attendez l'envoi des opérations en attente.",
        "Connect the terminal and wait until the stored records are sent.");
    private static readonly Text CallSupport = new(
        "اتصل بالدعم الفني للماكينة.", "Appelez l'assistance du terminal.", "Call terminal support.");
    private static readonly Text HandOver = new("سلّم السلع للمواطن.", "Remettez les produits.", "Hand over the goods.");

    private static readonly Dictionary<TapOutcomeKind, Advice> Table = new()
    {
        [TapOutcomeKind.Approved] = new(new("تم الصرف.", "Retrait accepté.", "Approved."), HandOver),
        [TapOutcomeKind.ApprovedOffline] = new(
            new("تم الصرف من رصيد البطاقة.", "Retrait accepté par la carte.", "Approved by the card."), HandOver),
        [TapOutcomeKind.DeclinedByCard] = new(
            new("رفضت البطاقة العملية.", "La carte a refusé l'opération.", "The card declined the draw."),
            new("جرّب كمية أقل، أو انتظر عودة الاتصال.", "Essayez une quantité moindre ou attendez le retour de la ligne.", "Try a smaller quantity, or wait until the line is back.")),
        [TapOutcomeKind.NoAnswer] = new(
            new("لم يصل الرد في الوقت المحدد؛ تُلغى العملية.", "Pas de réponse à temps ; l'opération est annulée.", "No answer in time; the draw is being undone."),
            new("لا تسلّم السلع. أعد تمرير البطاقة.", "Ne remettez pas les produits. Présentez la carte à nouveau.", "Do not hand over the goods. Tap the card again.")),
        [TapOutcomeKind.CardRemoved] = new(
            new("رُفعت البطاقة قبل إتمام العملية؛ لم يُخصم شيء.", "La carte a été retirée trop tôt ; rien n'a été débité.", "The card was taken away too early; nothing was drawn."), TapAgain),
        [TapOutcomeKind.Torn] = new(
            new("رُفعت البطاقة أثناء الخصم.", "La carte a été retirée pendant le débit.", "The card was taken away while it was drawing."),
            new("لا تسلّم السلع. أعد تمرير البطاقة نفسها لمعرفة ما تم.", "Ne remettez pas les produits. Présentez la même carte pour savoir ce qui a été fait.", "Do not hand over the goods. Tap the same card again to see what was done.")),
        [TapOutcomeKind.Cancelled] = new(
            new("أُلغيت العملية؛ لم يُخصم شيء.", "Opération abandonnée ; rien n'a été débité.", "Cancelled; nothing was drawn."),
            new("ابدأ عملية جديدة.", "Commencez une nouvelle opération.", "Start a new draw.")),
        [TapOutcomeKind.NotSubsidyCard] = new(
            new("ليست بطاقة دعم.", "Ce n'est pas une carte de subvention.", "This is not a subsidy card."),
            new("استخدم بطاقة الدعم.", "Utilisez la carte de subvention.", "Use the subsidy card.")),
        [TapOutcomeKind.CardBlocked] = new(
            new("البطاقة موقوفة.", "La carte est bloquée.", "The card is blocked."), SupplyOffice),
        [TapOutcomeKind.CardExpired] = new(
            new("انتهت صلاحية البطاقة.", "La carte est expirée.", "The card has expired."), SupplyOffice),
        [TapOutcomeKind.CardNotGenuine] = new(
            new("لم يمكن التحقق من البطاقة.", "La carte n'a pas pu être vérifiée.", "The card could not be verified."), SupplyOffice),
        [TapOutcomeKind.TerminalNotAccepted] = new(
            new("لم تقبل البطاقة هذه الماكينة.", "La carte n'accepte pas ce terminal.", "The card does not accept this terminal."), CallSupport),
        [TapOutcomeKind.CardFault] = new(
            new("تعذّر إتمام العملية على البطاقة.", "La carte n'a pas pu terminer l'opération.", "The card could not complete the draw."), TapAgain),
        [TapOutcomeKind.CardDenylisted] = new(
            new("البطاقة موقوفة.", "La carte est bloquée.", "The card is blocked."), SupplyOffice),
        [TapOutcomeKind.OfflineValueTooHigh] = new(
            new("المبلغ أكبر من حد الصرف دون اتصال.", "La valeur dépasse la limite hors ligne.", "This is worth more than may be drawn without a line."),
            new("خفّض الكمية، أو انتظر عودة الاتصال.", "Réduisez la quantité ou attendez le retour de la ligne.", "Reduce the quantity, or wait until the line is back.")),
        [TapOutcomeKind.TooManyUnsent] = new(
            new("بلغت العمليات المحفوظة حدها الأقصى.", "Trop d'opérations attendent d'être envoyées.", "Too many records wait to be sent."), Connect),
        [TapOutcomeKind.TooLongWithoutContact] = new(
            new("مضى وقت طويل دون اتصال.", "Le terminal est hors ligne depuis trop longtemps.", "The terminal has been without a line for too long."), Connect),
        [TapOutcomeKind.PinWrong] = new(
            new("الرقم السري غير صحيح؛ المحاولات الباقية: {0}.", "Code erroné ; essais restants : {0}.", "Wrong PIN; tries left: {0}."), TapAgain),
        [TapOutcomeKind.PinBlocked] = new(
            new("أُوقف الرقم السري.", "Le code est bloqué.", "The PIN is blocked."), SupplyOffice),
        [TapOutcomeKind.PinNotEntered] = new(
            new("لم يُدخل الرقم السري؛ لم يُخصم شيء.", "Aucun code saisi ; rien n'a été débité.", "No PIN was entered; nothing was drawn."), TapAgain),
        [TapOutcomeKind.TerminalNotReady] = new(
            new("الماكينة غير جاهزة للصرف.", "Le terminal n'est pas prêt.", "The terminal is not ready."),
            new("صِل الماكينة بالشبكة، أو سجّلها من جديد.", "Connectez le terminal ou enregistrez-le à nouveau.", "Connect the terminal, or enrol it again.")),
        [TapOutcomeKind.TerminalRefused] = new(
            new("رفضت المنظومة هذه الماكينة.", "Le système refuse ce terminal.", "The system refuses this terminal."), CallSupport),
        [TapOutcomeKind.BasketRefused] = new(
            new("السلة غير صالحة للصرف.", "Ce panier ne peut pas être servi.", "This basket cannot be drawn."),
            new("راجع الأصناف والكميات.", "Vérifiez les articles et les quantités.", "Check the articles and quantities.")),
    };

    public static Advice For(TapOutcome outcome)
    {
        if (outcome.Kind == TapOutcomeKind.Declined)
            return DeclineTexts.For(outcome.Decline);
        var advice = Table[outcome.Kind];
        return outcome.Kind == TapOutcomeKind.PinWrong
            ? advice with { What = advice.What.With(outcome.PinTriesLeft.ToString()) }
            : advice;
    }
}
