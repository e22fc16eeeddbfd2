using SmartCard.TerminalAgent.Messages;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>The words of the console front end.</summary>
internal static class ConsoleWords
{
    public static readonly Text Unsent = new("بانتظار الإرسال: {0}", "En attente d'envoi : {0}", "Waiting to be sent: {0}");
    public static readonly Text Torn = new("عمليات مقطوعة: {0}", "Opérations interrompues : {0}", "Cut off: {0}");
    public static readonly Text RefundsDue = new("مرتجعات لم تُسجّل بعد: {0}", "Retours pas encore enregistrés : {0}", "Refunds not recorded yet: {0}");
    public static readonly Text Online = new("● متصل", "● En ligne", "● Online");
    public static readonly Text Offline = new("○ دون اتصال", "○ Hors ligne", "○ Without a line");
    public static readonly Text Basket = new("السلة", "Panier", "Basket");
    public static readonly Text FillBasket = new(
        "رقم كمية: أضف صنفًا   t: اصرف   c: ألغِ", "NUMÉRO QUANTITÉ : ajouter   t : débiter   c : abandonner", "NUMBER QUANTITY: add   t: draw   c: give up");
    public static readonly Text PresentCard = new("مرّر بطاقة المواطن واتركها حتى تسمع الصفارة.", "Présentez la carte et laissez-la jusqu'au signal.", "Present the card and leave it until the beep.");
    public static readonly Text TakeCard = new("ارفع البطاقة.", "Retirez la carte.", "Take the card away.");
    public static readonly Text WaitingForReader = new(
        "لا يوجد قارئ بطاقات؛ صِل القارئ.", "Aucun lecteur de cartes ; branchez-le.", "No card reader yet; plug it in.");
    public static readonly Text ReaderGone = new(
        "انقطع قارئ البطاقات؛ افحص الكابل.", "Le lecteur de cartes a disparu ; vérifiez le câble.", "The card reader is gone; check its cable.");
    public static readonly Text ReaderBack = new("عاد قارئ البطاقات.", "Le lecteur de cartes est revenu.", "The card reader is back.");
    public static readonly Text Price = new("السعر", "Prix", "Price");
    public static readonly Text Article = new("الصنف", "Article", "Article");
    public static readonly Text NotUnderstood = new("لم يُفهم الأمر.", "Commande non comprise.", "Not understood.");
    public static readonly Text AllSent = new("أُرسل كل شيء.", "Tout est envoyé.", "Everything is sent.");
    public static readonly Text NoLine = new("لا اتصال؛ لم يتغيّر شيء.", "Pas de ligne ; rien n'a changé.", "No line; nothing changed.");
    public static readonly Text NothingToClose = new("لا توجد وردية مفتوحة.", "Aucun lot ouvert.", "No batch is open.");
    public static readonly Text UnsentRefuses = new(
        "لم تُغلق الوردية: {0} عملية بانتظار الإرسال. أرسلها (s)، أو أغلق مع ذلك (z!).",
        "Lot non clos : {0} opérations à envoyer. Envoyez-les (s) ou clôturez quand même (z!).",
        "Not closed: {0} records wait to be sent. Send them (s), or close all the same (z!).");
    public static readonly Text ClosedHere = new(
        "أُغلقت الوردية وستُبلّغ المنظومة عند عودة الاتصال.", "Lot clos ; le système sera informé au retour de la ligne.", "Closed; the system is told when the line is back.");
    public static readonly Text NoReceipt = new("لا يوجد إيصال.", "Aucun reçu.", "There is no such receipt.");
    public static readonly Text Undone = new("تُلغى آخر عملية؛ لا تسلّم السلع.", "La dernière opération est annulée ; ne remettez rien.", "The last draw is being undone; hand nothing over.");
    public static readonly Text CannotUndo = new("لا يمكن إلغاء آخر عملية.", "La dernière opération ne peut pas être annulée.", "The last draw cannot be undone.");
    public static readonly Text ChooseGoods = new(
        "رقم كمية: أصناف عادت   b: استرد (الكل إن لم يُختر شيء)   c: ألغِ",
        "NUMÉRO QUANTITÉ : revient   b : reprendre (tout, si rien n'est choisi)   c : abandonner",
        "NUMBER QUANTITY: comes back   b: take back (all where nothing is chosen)   c: give up");
    public static readonly Text NothingTakenBack = new("لم يُسترد شيء.", "Rien n'est repris.", "Nothing was taken back.");
    public static readonly Text NoRefunds = new("لا توجد مرتجعات.", "Aucun retour.", "There are no refunds.");
    public static readonly Text Pin = new("الرقم السري (محاولات باقية: {0})", "Code (essais restants : {0})", "PIN (tries left: {0})");
    public static readonly Text Ledger = new("دفتر الورديات: {0} سطر مقبول، {1} مرفوض.", "Livre : {0} lignes acceptées, {1} refusées.", "Ledger: {0} lines accepted, {1} refused.");
    public static readonly Text Help = new(
        "رقم كمية: أضف صنفًا   t: مرّر   c: أفرغ السلة   v: ألغِ آخر عملية\nb [إيصال]: أصناف عادت   r [رقم]: أعد الطباعة   s: أرسل الآن   x: قراءة   z: إغلاق   u: ارفع الدفتر   q: خروج",
        "NUMÉRO QUANTITÉ : ajouter   t : carte   c : vider   v : annuler la dernière\nb [REÇU] : retours   r [NUMÉRO] : réimprimer   s : envoyer   x : lecture   z : clôture   u : livre   q : quitter",
        "NUMBER QUANTITY: add   t: tap   c: clear   v: undo the last\nb [RECEIPT]: goods brought back   r [NUMBER]: reprint   s: send now   x: read   z: close   u: upload ledger   q: quit");

    public static readonly Text Terminal = new("ماكينة", "Terminal", "Terminal");
    public static readonly Text LastContact = new("آخر اتصال", "Dernier contact", "Last contact");
    public static readonly Text Parameters = new("إصدار الإعدادات", "Version des paramètres", "Parameters");
    public static readonly Text Denied = new("بطاقات موقوفة", "Cartes bloquées", "Denied cards");
    public static readonly Text Certificate = new("الشهادة حتى", "Certificat jusqu'au", "Certificate until");
    public static readonly Text Batch = new("الوردية المفتوحة", "Lot ouvert", "Open batch");
}
