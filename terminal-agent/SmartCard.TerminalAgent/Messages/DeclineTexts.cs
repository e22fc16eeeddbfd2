using SmartCard.Protocol.Grpc.V1;

namespace SmartCard.TerminalAgent.Messages;

/// <summary>
/// Every decline of the backend in plain words, with what the citizen or the merchant can do. No word of it blames the
/// citizen, and none says how fraud is found.
/// </summary>
public static class DeclineTexts
{
    private static readonly Text TapAgain = new("أعد تمرير البطاقة.", "Présentez la carte une nouvelle fois.", "Tap the card again.");
    private static readonly Text CallSupport = new(
        "اتصل بالدعم الفني للماكينة واذكر رقم العملية.",
        "Appelez l'assistance du terminal et donnez le numéro de l'opération.",
        "Call terminal support and give the transaction number.");
    private static readonly Text SupplyOffice = new(
        "يراجع صاحب البطاقة مكتب التموين ومعه بطاقة الرقم القومي.",
        "Le titulaire s'adresse au bureau d'approvisionnement avec sa carte d'identité.",
        "The card holder goes to the supply office with an identity card.");
    private static readonly Text RefreshPrices = new(
        "حدّث قائمة الأسعار ثم أعد العملية.",
        "Mettez la liste de prix à jour, puis recommencez.",
        "Refresh the price list, then start again.");

    private static readonly Dictionary<DeclineReason, Advice> Table = new()
    {
        [DeclineReason.MalformedRecord] = new(
            new("تعذّرت قراءة بيانات العملية.", "Les données de l'opération sont illisibles.", "The transaction's data could not be read."), TapAgain),
        [DeclineReason.TerminalNotEnrolled] = new(
            new("هذه الماكينة غير مسجّلة.", "Ce terminal n'est pas enregistré.", "This terminal is not enrolled."), CallSupport),
        [DeclineReason.TerminalMismatch] = new(
            new("العملية تخص ماكينة أخرى.", "L'opération vient d'un autre terminal.", "The transaction belongs to another terminal."), CallSupport),
        [DeclineReason.UnknownCard] = new(
            new("البطاقة غير معروفة للمنظومة.", "La carte est inconnue du système.", "The system does not know this card."), SupplyOffice),
        [DeclineReason.WrongCryptogram] = new(
            new("لم يمكن التحقق من البطاقة.", "La carte n'a pas pu être vérifiée.", "The card could not be verified."), SupplyOffice),
        [DeclineReason.WrongSignature] = new(
            new("لم يمكن التحقق من توقيع البطاقة.", "La signature de la carte n'a pas pu être vérifiée.", "The card's signature could not be verified."), SupplyOffice),
        [DeclineReason.AtcReplayed] = new(
            new("سبق تسجيل عملية أخرى بهذا الرقم.", "Une autre opération porte déjà ce numéro.", "Another transaction already has this number."), SupplyOffice),
        [DeclineReason.AlreadyReversed] = new(
            new("أُلغيت هذه العملية من قبل.", "Cette opération a déjà été annulée.", "This transaction was already undone."), TapAgain),
        [DeclineReason.ChainForked] = new(
            new("سجل البطاقة غير متصل.", "L'historique de la carte n'est pas continu.", "The card's history is not continuous."), SupplyOffice),
        [DeclineReason.CardDeclined] = new(
            new("رفضت البطاقة العملية.", "La carte a refusé l'opération.", "The card declined the draw."),
            new("جرّب كمية أقل، أو انتظر عودة الاتصال.", "Essayez une quantité moindre ou attendez le retour de la ligne.", "Try a smaller quantity, or wait until the line is back.")),
        [DeclineReason.CardNotActive] = new(
            new("البطاقة لم تُفعّل بعد.", "La carte n'est pas encore activée.", "The card is not active yet."), SupplyOffice),
        [DeclineReason.CardBlocked] = new(
            new("البطاقة موقوفة.", "La carte est bloquée.", "The card is blocked."), SupplyOffice),
        [DeclineReason.CardReplaced] = new(
            new("صدرت بطاقة جديدة بدلًا من هذه.", "Une nouvelle carte remplace celle-ci.", "A new card replaces this one."),
            new("استخدم البطاقة الجديدة.", "Utilisez la nouvelle carte.", "Use the new card.")),
        [DeclineReason.MerchantSuspended] = new(
            new("المنفذ موقوف عن الصرف.", "Le point de vente est suspendu.", "This outlet is suspended."),
            new("يُصرف من منفذ آخر، ويراجع التاجر مديرية التموين.", "Le citoyen va dans un autre point de vente ; le commerçant s'adresse à sa direction.", "The citizen goes to another outlet; the merchant asks the supply directorate.")),
        [DeclineReason.MerchantNotAllowed] = new(
            new("هذا المنفذ لا يصرف هذا النوع من الدعم.", "Ce point de vente ne sert pas ce programme.", "This outlet does not serve this programme."),
            new("يُصرف من منفذ مخصص لهذا النوع.", "Adressez-vous à un point de vente de ce programme.", "Go to an outlet that serves it.")),
        [DeclineReason.DateOutOfRange] = new(
            new("تاريخ العملية غير مقبول.", "La date de l'opération n'est pas acceptée.", "The transaction's date is not accepted."),
            new("اضبط ساعة الماكينة ثم أعد العملية.", "Réglez l'horloge du terminal, puis recommencez.", "Set the terminal's clock, then start again.")),
        [DeclineReason.BasketMismatch] = new(
            new("السلة لا تطابق ما وقّعته البطاقة.", "Le panier ne correspond pas à ce que la carte a signé.", "The basket is not what the card signed."), TapAgain),
        [DeclineReason.UnknownCommodity] = new(
            new("صنف غير موجود في قائمة الأصناف.", "Un article ne figure pas dans la liste.", "An article is not on the list."), RefreshPrices),
        [DeclineReason.PriceMismatch] = new(
            new("سعر أحد الأصناف تغيّر.", "Le prix d'un article a changé.", "The price of an article has changed."), RefreshPrices),
        [DeclineReason.HouseholdNotEntitled] = new(
            new("الأسرة غير مستحقة لهذا الدعم حاليًا.", "Le ménage n'a pas droit à ce programme actuellement.", "The household is not entitled to this programme at present."),
            new("يمكن لصاحب البطاقة التظلّم في مكتب التموين.", "Le titulaire peut déposer un recours au bureau d'approvisionnement.", "The card holder may appeal at the supply office.")),
        [DeclineReason.OutsideDrawWindow] = new(
            new("الكمية تتجاوز ما يُصرف اليوم.", "La quantité dépasse ce qui peut être retiré aujourd'hui.", "This is more than may be drawn today."),
            new("خفّض الكمية، أو عد في يوم آخر.", "Réduisez la quantité ou revenez un autre jour.", "Reduce the quantity, or come back another day.")),
        [DeclineReason.BeyondEntitlement] = new(
            new("الكمية تتجاوز الرصيد المتبقي.", "La quantité dépasse le solde restant.", "This is more than what is left."),
            new("خفّض الكمية إلى الرصيد المتبقي.", "Réduisez la quantité au solde restant.", "Reduce the quantity to what is left.")),
        [DeclineReason.BeyondCap] = new(
            new("الكمية تتجاوز الحد المسموح لهذا الصنف.", "La quantité dépasse le plafond de cet article.", "This is more than the limit for this article."),
            new("خفّض كمية هذا الصنف.", "Réduisez la quantité de cet article.", "Reduce the quantity of this article.")),
        [DeclineReason.BeyondAllowance] = new(
            new("العملية تتجاوز حد الصرف دون اتصال.", "L'opération dépasse la réserve hors ligne de la carte.", "The draw is beyond what was lent to the card for use without a line."), CallSupport),
    };

    /// <summary>For a reason that a newer backend gives and this terminal does not know.</summary>
    private static readonly Advice Unknown = new(
        new("رُفضت العملية.", "L'opération est refusée.", "The draw was declined."),
        new("حدّث برنامج الماكينة، أو اتصل بالدعم الفني.", "Mettez le terminal à jour ou appelez l'assistance.", "Update the terminal's software, or call support."));

    public static Advice For(DeclineReason reason) => Table.GetValueOrDefault(reason, Unknown);

    internal static bool Covers(DeclineReason reason) => Table.ContainsKey(reason);
}
