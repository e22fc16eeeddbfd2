using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Running;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <summary>A text report's words and habits in one language; the terms are those of the glossary (protocol/spec/glossary.md).</summary>
internal sealed record ReportWords
{
    public static readonly ReportWords Arabic = new()
    {
        Language = "ar",
        IsRightToLeft = true,
        DateFormat = "yyyy/MM/dd",
        Thousands = ",",
        Decimal = ".",
        Title = "تقرير التسوية اليومية",
        BusinessDate = "يوم العمل",
        Run = "رقم التشغيل",
        RanAt = "وقت التشغيل",
        RanBy = "شغّله",
        Amounts = "المبالغ بعملة",
        Totals = "الإجماليات",
        Recorded = "المسجل لدى الوزارة",
        Claimed = "المطالب به من التجار",
        Matched = "مطابق",
        RecordedSubsidy = "الدعم المسجل",
        RecordedPaid = "مدفوع المواطنين، المسجل",
        ClaimedPaid = "مدفوع المواطنين، المطالب به",
        AddsUp = "المعادلة:",
        ByMerchant = "حسب التاجر",
        ByTerminal = "حسب الماكينة",
        Breaks = "الفروق",
        NoBreaks = "لا توجد فروق.",
        NoLines = "لا توجد سطور.",
        More = "وسطور أخرى في ملف CSV: {0}",
        Merchant = "التاجر",
        Name = "الاسم",
        Terminal = "الماكينة",
        Programme = "البرنامج",
        Transaction = "رقم العملية",
        Kind = "الفرق",
        Owner = "المسؤول",
        OpenedOn = "مفتوح منذ",
        RecordedQuantity = "كمية مسجلة",
        ClaimedQuantity = "كمية مطالب بها",
        RecordedPaidShort = "مدفوع مسجل",
        ClaimedPaidShort = "مدفوع مطالب به",
        ShortRecorded = "مسجل",
        ShortClaimed = "مطالب به",
        ShortSubsidy = "الدعم",
        Refunds = "المرتجعات",
        NoRefunds = "لا توجد مرتجعات.",
        SubsidyTakenOff = "الدعم المخصوم بالمرتجعات",
        SubsidyOwed = "الدعم المستحق عن اليوم",
        RecordedGivenBack = "المردود للمواطنين، المسجل",
        ClaimedGivenBack = "المردود للمواطنين، المطالب به",
        ShortRefunds = "مرتجعات",
        ShortTakenOff = "دعم مخصوم",
        Kinds = new()
        {
            [BreakKind.MissingAtMerchant] = ("غير موجود لدى التاجر", "لا مطالبة"),
            [BreakKind.MissingAtMinistry] = ("غير موجود لدى الوزارة", "لا تسجيل"),
            [BreakKind.AmountDiffers] = ("قيمة مختلفة", "مختلف"),
            [BreakKind.Duplicate] = ("مكرر", "مكرر"),
            [BreakKind.Late] = ("متأخر", "متأخر"),
            [BreakKind.RefundMissingAtMerchant] = ("مرتجع غير موجود لدى التاجر", "لا مطالبة"),
            [BreakKind.RefundMissingAtMinistry] = ("مرتجع غير موجود لدى الوزارة", "لا تسجيل"),
            [BreakKind.RefundAmountDiffers] = ("مرتجع بقيمة مختلفة", "مختلف"),
            [BreakKind.RefundDuplicate] = ("مرتجع مكرر", "مكرر"),
            [BreakKind.RefundLate] = ("مرتجع متأخر", "متأخر"),
        },
        Owners = new() { [BreakOwners.Merchant] = "التاجر", [BreakOwners.Operations] = "التشغيل", [BreakOwners.Fraud] = "مكافحة الاحتيال" },
        NameOf = label => label.Ar,
    };

    public static readonly ReportWords French = new()
    {
        Language = "fr",
        DateFormat = "dd/MM/yyyy",
        Thousands = "\u202F",
        Decimal = ",",
        Title = "Rapprochement de la journée",
        BusinessDate = "Date comptable",
        Run = "Exécution nº",
        RanAt = "Exécutée le",
        RanBy = "Par",
        Amounts = "Montants en",
        Totals = "Totaux",
        Recorded = "Enregistré par le ministère",
        Claimed = "Déclaré par les commerçants",
        Matched = "Rapproché",
        RecordedSubsidy = "Subvention enregistrée",
        RecordedPaid = "Payé par les citoyens, enregistré",
        ClaimedPaid = "Payé par les citoyens, déclaré",
        AddsUp = "Contrôle :",
        ByMerchant = "Par commerçant",
        ByTerminal = "Par terminal",
        Breaks = "Écarts",
        NoBreaks = "Aucun écart.",
        NoLines = "Aucune ligne.",
        More = "Autres lignes, dans le fichier CSV : {0}",
        Merchant = "Commerçant",
        Name = "Nom",
        Terminal = "Terminal",
        Programme = "Programme",
        Transaction = "Transaction",
        Kind = "Écart",
        Owner = "Responsable",
        OpenedOn = "Ouvert le",
        RecordedQuantity = "Qté enregistrée",
        ClaimedQuantity = "Qté déclarée",
        RecordedPaidShort = "Payé enregistré",
        ClaimedPaidShort = "Payé déclaré",
        ShortRecorded = "Enregistré",
        ShortClaimed = "Déclaré",
        ShortSubsidy = "Subvention",
        Refunds = "Retours",
        NoRefunds = "Aucun retour.",
        SubsidyTakenOff = "Subvention déduite par les retours",
        SubsidyOwed = "Subvention due pour le jour",
        RecordedGivenBack = "Rendu aux citoyens, enregistré",
        ClaimedGivenBack = "Rendu aux citoyens, déclaré",
        ShortRefunds = "Retours",
        ShortTakenOff = "Déduite",
        Kinds = new()
        {
            [BreakKind.MissingAtMerchant] = ("Absent chez le commerçant", "Non déclaré"),
            [BreakKind.MissingAtMinistry] = ("Absent au ministère", "Non enregistré"),
            [BreakKind.AmountDiffers] = ("Montant différent", "Différent"),
            [BreakKind.Duplicate] = ("En double", "Double"),
            [BreakKind.Late] = ("Tardif", "Tardif"),
            [BreakKind.RefundMissingAtMerchant] = ("Retour absent chez le commerçant", "Non déclaré"),
            [BreakKind.RefundMissingAtMinistry] = ("Retour absent au ministère", "Non enregistré"),
            [BreakKind.RefundAmountDiffers] = ("Retour de montant différent", "Différent"),
            [BreakKind.RefundDuplicate] = ("Retour en double", "Double"),
            [BreakKind.RefundLate] = ("Retour tardif", "Tardif"),
        },
        Owners = new() { [BreakOwners.Merchant] = "commerçant", [BreakOwners.Operations] = "exploitation", [BreakOwners.Fraud] = "lutte contre la fraude" },
        NameOf = label => label.Fr,
    };

    public static readonly ReportWords English = new()
    {
        Language = "en",
        DateFormat = "yyyy-MM-dd",
        Thousands = ",",
        Decimal = ".",
        Title = "Reconciliation of the day",
        BusinessDate = "Business date",
        Run = "Run",
        RanAt = "Run at",
        RanBy = "By",
        Amounts = "Amounts in",
        Totals = "Totals",
        Recorded = "Recorded by the ministry",
        Claimed = "Claimed by merchants",
        Matched = "Matched",
        RecordedSubsidy = "Subsidy recorded",
        RecordedPaid = "Paid by citizens, recorded",
        ClaimedPaid = "Paid by citizens, claimed",
        AddsUp = "Adds up:",
        ByMerchant = "By merchant",
        ByTerminal = "By terminal",
        Breaks = "Breaks",
        NoBreaks = "No breaks.",
        NoLines = "No lines.",
        More = "More lines, in the CSV file: {0}",
        Merchant = "Merchant",
        Name = "Name",
        Terminal = "Terminal",
        Programme = "Programme",
        Transaction = "Transaction",
        Kind = "Break",
        Owner = "Owner",
        OpenedOn = "Opened on",
        RecordedQuantity = "Recorded qty",
        ClaimedQuantity = "Claimed qty",
        RecordedPaidShort = "Recorded paid",
        ClaimedPaidShort = "Claimed paid",
        ShortRecorded = "Recorded",
        ShortClaimed = "Claimed",
        ShortSubsidy = "Subsidy",
        Refunds = "Refunds",
        NoRefunds = "No refunds.",
        SubsidyTakenOff = "Subsidy taken off by refunds",
        SubsidyOwed = "Subsidy owed for the day",
        RecordedGivenBack = "Given back to citizens, recorded",
        ClaimedGivenBack = "Given back to citizens, claimed",
        ShortRefunds = "Refunds",
        ShortTakenOff = "Taken off",
        Kinds = new()
        {
            [BreakKind.MissingAtMerchant] = ("Missing at merchant", "No claim"),
            [BreakKind.MissingAtMinistry] = ("Missing at ministry", "No record"),
            [BreakKind.AmountDiffers] = ("Amount differs", "Differs"),
            [BreakKind.Duplicate] = ("Duplicate", "Duplicate"),
            [BreakKind.Late] = ("Late", "Late"),
            [BreakKind.RefundMissingAtMerchant] = ("Refund missing at merchant", "No claim"),
            [BreakKind.RefundMissingAtMinistry] = ("Refund missing at ministry", "No record"),
            [BreakKind.RefundAmountDiffers] = ("Refund differs", "Differs"),
            [BreakKind.RefundDuplicate] = ("Refund duplicate", "Duplicate"),
            [BreakKind.RefundLate] = ("Refund late", "Late"),
        },
        Owners = new() { [BreakOwners.Merchant] = "merchant", [BreakOwners.Operations] = "operations", [BreakOwners.Fraud] = "fraud" },
        NameOf = label => label.En,
    };

    public required string Language { get; init; }
    public bool IsRightToLeft { get; init; }
    public required string DateFormat { get; init; }
    public required string Thousands { get; init; }
    public required string Decimal { get; init; }
    public required string Title { get; init; }
    public required string BusinessDate { get; init; }
    public required string Run { get; init; }
    public required string RanAt { get; init; }
    public required string RanBy { get; init; }
    public required string Amounts { get; init; }
    public required string Totals { get; init; }
    public required string Recorded { get; init; }
    public required string Claimed { get; init; }
    public required string Matched { get; init; }
    public required string RecordedSubsidy { get; init; }
    public required string RecordedPaid { get; init; }
    public required string ClaimedPaid { get; init; }

    /// <summary>With its colon.</summary>
    public required string AddsUp { get; init; }
    public required string ByMerchant { get; init; }
    public required string ByTerminal { get; init; }
    public required string Breaks { get; init; }
    public required string NoBreaks { get; init; }
    public required string NoLines { get; init; }

    /// <summary>{0}: how many.</summary>
    public required string More { get; init; }
    public required string Merchant { get; init; }
    public required string Name { get; init; }
    public required string Terminal { get; init; }
    public required string Programme { get; init; }
    public required string Transaction { get; init; }
    public required string Kind { get; init; }
    public required string Owner { get; init; }
    public required string OpenedOn { get; init; }
    public required string RecordedQuantity { get; init; }
    public required string ClaimedQuantity { get; init; }
    public required string RecordedPaidShort { get; init; }
    public required string ClaimedPaidShort { get; init; }
    public required string ShortRecorded { get; init; }
    public required string ShortClaimed { get; init; }
    public required string ShortSubsidy { get; init; }
    public required string Refunds { get; init; }
    public required string NoRefunds { get; init; }
    public required string SubsidyTakenOff { get; init; }
    public required string SubsidyOwed { get; init; }
    public required string RecordedGivenBack { get; init; }
    public required string ClaimedGivenBack { get; init; }
    public required string ShortRefunds { get; init; }
    public required string ShortTakenOff { get; init; }

    /// <summary>A kind in full, and as the heading of a narrow column.</summary>
    public required Dictionary<BreakKind, (string Name, string Short)> Kinds { get; init; }
    public required Dictionary<string, string> Owners { get; init; }
    public required Func<Label, string> NameOf { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">Another language than ar, fr, en.</exception>
    public static ReportWords In(string language) => language switch
    {
        "ar" => Arabic,
        "fr" => French,
        "en" => English,
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "ar, fr or en."),
    };
}
