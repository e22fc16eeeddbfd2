using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Reconciliation.Matching;

namespace SmartCard.Backend.Reconciliation.Reporting;

/// <summary>The whole report for machines: totals, merchants with their terminals, breaks. Amounts in minor units, dates as yyyy-MM-dd.</summary>
internal static class JsonReport
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static byte[] Write(ReportFacts facts)
    {
        using var content = new MemoryStream();
        using (var writer = new Utf8JsonWriter(content, Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("runId", facts.Run.RunId);
            writer.WriteString("businessDate", Date(facts.Run.BusinessDate));
            writer.WriteString("ranAt", facts.Run.RanAt.UtcDateTime);
            writer.WriteNumber("currency", facts.Profile.Currency);
            writer.WriteNumber("currencyDigits", facts.Profile.CurrencyDigits);
            WriteTotals(writer, "totals", facts.Totals);
            WriteTotals(writer, "refunds", facts.Refunds);
            writer.WriteStartArray("merchants");
            foreach (var merchant in facts.Merchants)
                WriteMerchant(writer, merchant);
            writer.WriteEndArray();
            WriteBreaks(writer, facts);
            writer.WriteEndObject();
        }
        return content.ToArray();
    }

    private static void WriteMerchant(Utf8JsonWriter writer, MerchantShare merchant)
    {
        writer.WriteStartObject();
        writer.WriteNumber("merchantId", merchant.Merchant.Value);
        WriteName(writer, merchant.Name);
        WriteTotals(writer, "totals", merchant.Totals);
        WriteTotals(writer, "refunds", merchant.Refunds);
        writer.WriteStartArray("terminals");
        foreach (var terminal in merchant.Terminals)
        {
            writer.WriteStartObject();
            writer.WriteString("terminalId", terminal.Terminal.Value);
            WriteTotals(writer, "totals", terminal.Totals);
            WriteTotals(writer, "refunds", terminal.Refunds);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter writer, Label? name)
    {
        if (name is null)
        {
            writer.WriteNull("name");
            return;
        }
        writer.WriteStartObject("name");
        writer.WriteString("ar", name.Ar);
        writer.WriteString("fr", name.Fr);
        writer.WriteString("en", name.En);
        writer.WriteEndObject();
    }

    private static void WriteTotals(Utf8JsonWriter writer, string name, in LineTotals totals)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("recorded", totals.Recorded);
        writer.WriteNumber("claimed", totals.Claimed);
        writer.WriteNumber("matched", totals.Matched);
        writer.WriteNumber("missingAtMerchant", totals.MissingAtMerchant);
        writer.WriteNumber("missingAtMinistry", totals.MissingAtMinistry);
        writer.WriteNumber("amountDiffers", totals.AmountDiffers);
        writer.WriteNumber("duplicate", totals.Duplicate);
        writer.WriteNumber("late", totals.Late);
        writer.WriteNumber("recordedSubsidyMinor", totals.RecordedSubsidyMinor);
        writer.WriteNumber("recordedCitizenPaidMinor", totals.RecordedCitizenPaidMinor);
        writer.WriteNumber("claimedCitizenPaidMinor", totals.ClaimedCitizenPaidMinor);
        writer.WriteEndObject();
    }

    private static void WriteBreaks(Utf8JsonWriter writer, ReportFacts facts)
    {
        writer.WriteStartArray("breaks");
        foreach (var found in facts.Breaks)
        {
            writer.WriteStartObject();
            writer.WriteNumber("breakId", found.BreakId);
            writer.WriteString("kind", CsvReport.CodeOf(found.Kind));
            writer.WriteString("owner", found.Owner);
            writer.WriteString("openedOn", Date(found.OpenedOn));
            writer.WriteNumber("merchantId", found.MerchantId.Value);
            writer.WriteString("terminalId", found.TerminalId.Value);
            writer.WriteString("transactionId", found.TransactionId.ToString());
            writer.WriteNumber("programme", found.Programme.Value);
            writer.WriteNumber("recordedQuantity", found.RecordedQuantity);
            writer.WriteNumber("claimedQuantity", found.ClaimedQuantity);
            writer.WriteNumber("recordedCitizenPaidMinor", found.RecordedCitizenPaidMinor);
            writer.WriteNumber("claimedCitizenPaidMinor", found.ClaimedCitizenPaidMinor);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
