using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Messages;

namespace SmartCard.TerminalAgent.Receipts;

/// <summary>The fixed words of receipts and reports.</summary>
internal static class ReceiptWords
{
    public static readonly Text System = new("منظومة الدعم الموحّدة", "Système unifié de subventions", "Unified subsidy system");
    public static readonly Text Receipt = new("إيصال", "Reçu", "Receipt");
    public static readonly Text Copy = new("*** نسخة ***", "*** COPIE ***", "*** COPY ***");
    public static readonly Text Card = new("بطاقة", "Carte", "Card");
    public static readonly Text Terminal = new("ماكينة", "Terminal", "Terminal");
    public static readonly Text Transaction = new("رقم العملية", "N° d'opération", "Transaction");
    public static readonly Text Total = new("الإجمالي", "Total", "Total");
    public static readonly Text FromEntitlement = new("من رصيد الدعم", "Payé par le droit", "Paid by entitlement");
    public static readonly Text CitizenPays = new("المطلوب من المواطن", "À payer", "To pay");
    public static readonly Text Left = new("المتبقي", "Reste", "Remaining");
    public static readonly Text LeftOnCard = new("المتبقي على البطاقة دون اتصال", "Reste sur la carte, hors ligne", "Left on the card, without a line");
    public static readonly Text RefundTitle = new("إيصال مرتجع", "Reçu de retour", "Refund receipt");
    public static readonly Text OfDraw = new("إيصال الصرف", "Reçu du retrait", "Draw's receipt");
    public static readonly Text RefundDate = new("تاريخ المرتجع", "Date du retour", "Date of refund");
    public static readonly Text BackToEntitlement = new("يعود إلى رصيد الدعم", "Rendu au droit", "Back to entitlement");
    public static readonly Text CitizenGets = new("يُردّ للمواطن", "À rendre au citoyen", "To give back");

    public static readonly Text XReport = new("تقرير X (قراءة)", "Rapport X (lecture)", "X report (reading)");
    public static readonly Text ZReport = new("تقرير الوردية Z", "Rapport Z (clôture)", "Z report (close)");
    public static readonly Text Batch = new("وردية", "Lot", "Batch");
    public static readonly Text Draws = new("عمليات", "Opérations", "Draws");
    public static readonly Text Quantity = new("الكمية", "Quantité", "Quantity");
    public static readonly Text CitizenPaid = new("مدفوع من المواطنين", "Payé par les citoyens", "Paid by citizens");
    public static readonly Text Declined = new("عمليات مرفوضة", "Opérations refusées", "Declined");
    public static readonly Text NotServed = new("لم تُخدم", "Non servis", "Not served");
    public static readonly Text Reversed = new("عمليات ملغاة", "Opérations annulées", "Undone");
    public static readonly Text Refunds = new("مرتجعات", "Retours", "Refunds");
    public static readonly Text CitizensGotBack = new("مردود للمواطنين", "Rendu aux citoyens", "Given back to citizens");
    public static readonly Text DeclinedAfterwards = new("رُفضت بعد الإرسال", "Refusées après envoi", "Declined when sent");
    public static readonly Text Torn = new("عمليات مقطوعة", "Opérations interrompues", "Cut off");
    public static readonly Text Unsent = new("بانتظار الإرسال", "En attente d'envoi", "Waiting to be sent");
    public static readonly Text Balanced = new("مطابق للمنظومة", "Conforme au système", "Agrees with the system");
    public static readonly Text NotBalanced = new("يختلف عن المنظومة", "Écart avec le système", "Differs from the system");

    /// <summary>ISO 4217 numeric code to what people write; the code itself for one that no profile has.</summary>
    public static Text Currency(ushort code) => code switch
    {
        818 => new("ج.م", "EGP", "EGP"),
        12 => new("د.ج", "DZD", "DZD"),
        504 => new("د.م.", "MAD", "MAD"),
        788 => new("د.ت", "TND", "TND"),
        _ => new(code.ToString("D3"), code.ToString("D3"), code.ToString("D3")),
    };

    /// <summary>A counted thing in the form that goes with its number.</summary>
    public static string Unit(QuantityUnit unit, long count, Language language) => (unit, language) switch
    {
        (QuantityUnit.Loaf, Language.Arabic) => ArabicForm(count, "رغيف", "رغيفان", "أرغفة", "رغيفًا"),
        (QuantityUnit.Loaf, Language.French) => count < 2 ? "pain" : "pains",
        (QuantityUnit.Loaf, _) => count == 1 ? "loaf" : "loaves",
        (QuantityUnit.Piece, Language.Arabic) => ArabicForm(count, "قطعة", "قطعتان", "قطع", "قطعة"),
        (QuantityUnit.Piece, Language.French) => count < 2 ? "pièce" : "pièces",
        (QuantityUnit.Piece, _) => count == 1 ? "piece" : "pieces",
        (QuantityUnit.Gram, Language.Arabic) => "جم",
        (QuantityUnit.Gram, _) => "g",
        _ => "",
    };

    /// <summary>The noun after a number: 3 to 10 take the plural, 11 to 99 the accusative singular, hundreds the singular.</summary>
    private static string ArabicForm(long count, string one, string two, string few, string many) => (count % 100) switch
    {
        _ when count == 1 => one,
        _ when count == 2 => two,
        >= 3 and <= 10 => few,
        >= 11 and <= 99 => many,
        _ => one,
    };
}
