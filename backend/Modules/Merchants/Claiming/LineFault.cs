using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>Why a row is refused: the closed list of protocol/spec/merchant-ledger-csv.md, in the order in which a row is looked at.</summary>
/// <param name="Column">Empty where the row as a whole is meant.</param>
internal sealed record LineFault(string Column, string Reason, string NextStep)
{
    public static readonly LineFault QuotesMalformed = new("", "quotes_malformed", "Close the quotation marks inside the same line, and double those that belong to the text.");
    public static readonly LineFault ColumnsMismatch = new("", "columns_mismatch", "Give the line as many columns as the heading has.");
    public static readonly LineFault FieldTooLong = new("", "field_too_long", "Keep every cell short: none of the columns holds more than 40 characters.");
    public static readonly LineFault TransactionMalformed = new(
        "transaction_id", "transaction_id_malformed", "Give the 32 hexadecimal digits of the receipt; format the column as text before you save the sheet.");
    public static readonly LineFault TerminalMalformed = new("terminal_id", "terminal_id_malformed", "Give the terminal's eight digits or capital letters.");
    public static readonly LineFault TerminalNotYours = new("terminal_id", "terminal_not_yours", "Give a terminal of this merchant.");
    public static readonly LineFault ProgrammeMalformed = new("programme", "programme_malformed", "Give the programme's number, such as 1 for bread.");
    public static readonly LineFault ProgrammeNotServed = new("programme", "programme_not_served", "Give a programme that this merchant serves.");
    public static readonly LineFault QuantityMalformed = new("quantity", "quantity_malformed", "Give a whole number, without separators and without a unit.");
    public static readonly LineFault QuantityNotPositive = new("quantity", "quantity_not_positive", "Give 1 or more; leave out what was not handed over.");
    public static readonly LineFault QuantityTooLarge = new("quantity", "quantity_too_large", "Give at most 2147483647.");
    public static readonly LineFault PaidMalformed = new("citizen_paid_minor", "citizen_paid_malformed", "Give a whole number of piastres, without separators.");
    public static readonly LineFault PaidNegative = new("citizen_paid_minor", "citizen_paid_negative", "Give 0 or more.");
    public static readonly LineFault PaidTooLarge = new("citizen_paid_minor", "citizen_paid_too_large", "Give at most 99999999999.");
    public static readonly LineFault DateMalformed = new("business_date", "business_date_malformed", "Write the date as 2026-11-22, or leave it empty for the upload's date.");
    public static readonly LineFault DateAfterUpload = new("business_date", "business_date_after_upload", "Give the upload's date or an earlier one.");
    public static readonly LineFault DateTooOld = new("business_date", "business_date_too_old", "The date is closed: ask the supply office.");
    public static readonly LineFault ReceiptMalformed = new(
        "receipt_number", "receipt_number_malformed", "Give at most 16 letters and digits; hyphens, slashes and dots may stand between them.");

    public static readonly LineFault KindMalformed = new("kind", "kind_malformed", "Write refund for goods that came back; draw, or nothing, for goods that were handed over.");

    public static IReadOnlyList<LineFault> All { get; } =
    [
        QuotesMalformed, ColumnsMismatch, FieldTooLong, TransactionMalformed, TerminalMalformed, TerminalNotYours, ProgrammeMalformed, ProgrammeNotServed,
        QuantityMalformed, QuantityNotPositive, QuantityTooLarge, PaidMalformed, PaidNegative, PaidTooLarge, DateMalformed, KindMalformed, DateAfterUpload, DateTooOld,
        ReceiptMalformed,
    ];

    public static LineFault Of(string reason) => All.First(fault => fault.Reason == reason);

    public LineRefusal At(int row) => new(row, Column, Reason, NextStep);
}
