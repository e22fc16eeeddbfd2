using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Refunds;

namespace SmartCard.TerminalAgent.Messages;

/// <summary>How it went with goods that were brought back, in plain words, with the next step: above all whether money changes hands now.</summary>
public static class RefundTexts
{
    private static readonly Text NoMoney = new(
        "لا تردّ مالًا.", "Ne rendez pas d'argent.", "Give no money back.");
    private static readonly Text Directorate = new(
        "لا تردّ مالًا. يراجع التاجر مديرية التموين ومعه إيصال الصرف.",
        "Ne rendez pas d'argent. Le commerçant s'adresse à sa direction avec le reçu du retrait.",
        "Give no money back. The merchant asks the supply directorate, with the draw's receipt.");
    private static readonly Text CallSupport = new(
        "لا تردّ مالًا. اتصل بالدعم الفني للماكينة واذكر رقم العملية.",
        "Ne rendez pas d'argent. Appelez l'assistance du terminal et donnez le numéro de l'opération.",
        "Give no money back. Call terminal support and give the transaction number.");

    private static readonly Advice Recorded = new(
        new("سُجّل المرتجع.", "Retour enregistré.", "The goods are taken back."),
        new("ردّ للمواطن المبلغ المكتوب في الإيصال.", "Rendez au citoyen la somme inscrite sur le reçu.", "Give the citizen the money that the receipt names."));
    private static readonly Advice RecordedWithoutMoney = new(
        Recorded.What,
        new("لا مال يُردّ: عاد الرصيد إلى الأسرة.", "Pas d'argent à rendre : le ménage retrouve son droit.", "There is no money to give back: the household has its entitlement again."));
    private static readonly Advice Due = new(
        new("حُفظ المرتجع ولم تُجب المنظومة بعد.", "Retour conservé ; le système n'a pas encore répondu.", "The refund is kept; the system has not answered yet."),
        new("لا تردّ مالًا حتى يُسجّل المرتجع. يُرسل من تلقاء نفسه.",
            "Ne rendez pas d'argent avant l'enregistrement. L'envoi se fait tout seul.",
            "Give no money back before it is recorded. It is sent by itself."));

    private static readonly Dictionary<RefundRefusal, Advice> Table = new()
    {
        [RefundRefusal.TerminalNotReady] = new(
            new("الماكينة غير جاهزة للمرتجعات.", "Le terminal n'est pas prêt pour un retour.", "The terminal is not ready for refunds."),
            new("لا تردّ مالًا. صِل الماكينة بالشبكة، أو سجّلها من جديد.",
                "Ne rendez pas d'argent. Connectez le terminal ou enregistrez-le à nouveau.",
                "Give no money back. Connect the terminal, or enrol it again.")),
        [RefundRefusal.UnknownDraw] = new(
            new("لا توجد عملية صرف بهذا الرقم على هذه الماكينة.", "Ce terminal n'a pas de retrait de ce numéro.", "This terminal has no draw of that number."),
            new("راجع الرقم على إيصال الصرف؛ يُردّ الصنف على الماكينة التي صرفته.",
                "Vérifiez le numéro sur le reçu ; le retour se fait sur le terminal du retrait.",
                "Check the number on the draw's receipt; goods come back at the terminal that gave them.")),
        [RefundRefusal.NoLongerKept] = new(
            new("مضى على العملية وقت طويل ولم تعد محفوظة على هذه الماكينة.",
                "Ce retrait est trop ancien ; le terminal ne l'a plus.",
                "The draw is too old; this terminal no longer has it."), Directorate),
        [RefundRefusal.NotApproved] = new(
            new("لم تُصرف سلع بهذه العملية.", "Aucun produit n'a été remis pour cette opération.", "No goods were handed over for this draw."), NoMoney),
        [RefundRefusal.Reversed] = new(
            new("أُلغيت هذه العملية بأكملها من قبل.", "Cette opération a déjà été annulée en entier.", "This draw was already undone as a whole."), NoMoney),
        [RefundRefusal.BeyondDraw] = new(
            new("الأصناف أو الكميات أكثر مما بقي من العملية.", "Les articles ou quantités dépassent ce qui reste du retrait.", "That is more than what is left of the draw."),
            new("راجع إيصال الصرف وما رُدّ من قبل.", "Vérifiez le reçu et ce qui est déjà revenu.", "Check the draw's receipt and what came back before.")),
        [RefundRefusal.NotGenuine] = new(
            new("لا تطابق العملية ما سجّلته المنظومة.", "L'opération n'est pas celle que le système a enregistrée.", "The draw is not the one that the system recorded."), CallSupport),
        [RefundRefusal.NotYours] = new(
            new("صُرفت هذه العملية لتاجر آخر.", "Ce retrait est celui d'un autre commerçant.", "The draw is another merchant's."), Directorate),
        [RefundRefusal.IdUsed] = new(
            new("سُجّل مرتجع آخر بهذا الرقم.", "Un autre retour porte déjà ce numéro.", "Another refund already has this number."), CallSupport),
        [RefundRefusal.Other] = new(
            new("رفضت المنظومة المرتجع.", "Le système refuse le retour.", "The system refuses the refund."),
            new("لا تردّ مالًا. حدّث برنامج الماكينة، أو اتصل بالدعم الفني.",
                "Ne rendez pas d'argent. Mettez le terminal à jour ou appelez l'assistance.",
                "Give no money back. Update the terminal's software, or call support.")),
    };

    public static Advice For(RefundRefusal reason) => Table[reason];

    public static Advice For(RefundEntry refund) => refund switch
    {
        { Refusal: { } reason } => For(reason),
        { State: RefundState.Due } => Due,
        { CitizenGetsMinor: 0 } => RecordedWithoutMoney,
        _ => Recorded,
    };

    public static Advice For(RefundOutcome outcome) => outcome switch
    {
        RefundOutcome.Recorded recorded => For(recorded.Refund),
        RefundOutcome.Due due => For(due.Refund),
        RefundOutcome.Refused refused => For(refused.Reason),
        _ => throw new InvalidOperationException($"No words for {outcome.GetType().Name}."),
    };
}
