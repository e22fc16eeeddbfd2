using System.Globalization;
using CsvHelper;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Reconciliation.Matching;
using SmartCard.Backend.Reconciliation.Tables;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <summary>
/// The whole report as one table for spreadsheets: its first column says what a row is about (day, merchant, terminal, each of draws, and with "_refunds" of refunds
/// where there are any; break), columns that do not concern it are empty. UTF-8 with a byte order mark, for Excel; text that a spreadsheet would take for a formula gets an apostrophe.
/// </summary>
internal static class CsvReport
{
    private static readonly string[] Headings =
    [
        "row", "business_date", "merchant_id", "merchant_name_ar", "merchant_name_en", "terminal_id", "recorded", "claimed", "matched", "missing_at_merchant",
        "missing_at_ministry", "amount_differs", "duplicate", "late", "recorded_subsidy_minor", "recorded_citizen_paid_minor", "claimed_citizen_paid_minor",
        "kind", "owner", "opened_on", "programme", "transaction_id", "recorded_quantity", "claimed_quantity",
    ];

    private static readonly CsvWriterOptions Options = new()
    {
        WriteByteOrderMark = true,
        Injection = CsvInjection.Escape,
    };

    public static byte[] Write(ReportFacts facts)
    {
        using var content = new MemoryStream();
        using (var writer = CsvWriter.Create(content, Options, leaveOpen: true))
        {
            writer.WriteHeader(Headings);
            var date = facts.Run.BusinessDate;
            WriteTotals(writer, "day", date, null, "", facts.Totals, facts.Refunds);
            foreach (var share in facts.Merchants)
                WriteTotals(writer, "merchant", date, share, "", share.Totals, share.Refunds);
            foreach (var share in facts.Merchants)
            {
                foreach (var terminal in share.Terminals)
                    WriteTotals(writer, "terminal", date, share, terminal.Terminal.Value, terminal.Totals, terminal.Refunds);
            }
            var names = facts.Merchants.ToDictionary(share => share.Merchant);
            foreach (var found in facts.Breaks)
                WriteBreak(writer, found, names[found.MerchantId]);
        }
        return content.ToArray();
    }

    private static void WriteTotals(CsvWriter writer, string row, DateOnly date, MerchantShare? merchant, string terminal, in LineTotals draws, in LineTotals refunds)
    {
        WriteTotals(writer, row, date, merchant, terminal, draws);
        if (refunds.HasLines)
            WriteTotals(writer, row + "_refunds", date, merchant, terminal, refunds);
    }

    private static void WriteTotals(CsvWriter writer, string row, DateOnly date, MerchantShare? merchant, string terminal, in LineTotals totals)
    {
        WriteKey(writer, row, date, merchant, terminal);
        foreach (var number in new[]
        {
            totals.Recorded, totals.Claimed, totals.Matched, totals.MissingAtMerchant, totals.MissingAtMinistry, totals.AmountDiffers, totals.Duplicate, totals.Late,
            totals.RecordedSubsidyMinor, totals.RecordedCitizenPaidMinor, totals.ClaimedCitizenPaidMinor,
        })
        {
            writer.WriteField(number);
        }
        WriteEmpty(writer, 7);
        writer.EndRecord();
    }

    private static void WriteBreak(CsvWriter writer, BreakRow found, MerchantShare merchant)
    {
        WriteKey(writer, "break", found.BusinessDate, merchant, found.TerminalId.Value);
        WriteEmpty(writer, 9);
        writer.WriteField(found.RecordedCitizenPaidMinor);
        writer.WriteField(found.ClaimedCitizenPaidMinor);
        writer.WriteField(CodeOf(found.Kind));
        writer.WriteField(found.Owner);
        writer.WriteField(found.OpenedOn);
        writer.WriteField(found.Programme.Value);
        writer.WriteField(found.TransactionId.ToString());
        writer.WriteField(found.RecordedQuantity);
        writer.WriteField(found.ClaimedQuantity);
        writer.EndRecord();
    }

    private static void WriteKey(CsvWriter writer, string row, DateOnly date, MerchantShare? merchant, string terminal)
    {
        writer.WriteField(row);
        writer.WriteField(date);
        writer.WriteField(merchant?.Merchant.Value.ToString(CultureInfo.InvariantCulture) ?? "");
        writer.WriteField(merchant?.Name?.Ar ?? "");
        writer.WriteField(merchant?.Name?.En ?? "");
        writer.WriteField(terminal);
    }

    private static void WriteEmpty(CsvWriter writer, int fields)
    {
        for (var field = 0; field < fields; field++)
            writer.WriteField("");
    }

    /// <summary>The kind as machines know it, in CSV and JSON.</summary>
    public static string CodeOf(BreakKind kind) => kind switch
    {
        BreakKind.MissingAtMerchant => "missing_at_merchant",
        BreakKind.MissingAtMinistry => "missing_at_ministry",
        BreakKind.AmountDiffers => "amount_differs",
        BreakKind.Duplicate => "duplicate",
        BreakKind.Late => "late",
        BreakKind.RefundMissingAtMerchant => "refund_missing_at_merchant",
        BreakKind.RefundMissingAtMinistry => "refund_missing_at_ministry",
        BreakKind.RefundAmountDiffers => "refund_amount_differs",
        BreakKind.RefundDuplicate => "refund_duplicate",
        BreakKind.RefundLate => "refund_late",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind of break."),
    };
}
