using System.Text.Json;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>A document is not built as the ledger builds them; the message says where.</summary>
internal sealed class DocumentShapeException(string message) : Exception(message);

/// <summary>
/// What stands in a household's row, read by the checker's own code: open balances [quota, period, consumed, lent, left, credited, day, day_consumed], allowances
/// [card, quota, period, granted, outstanding, script_counter], cards [card, atc, upper and lower half of the chain], and the day before which periods are closed.
/// </summary>
internal sealed record StoredHousehold(int ClosedBefore, IReadOnlyList<long[]> Balances, IReadOnlyList<long[]> Allowances, IReadOnlyList<long[]> Cards)
{
    private static readonly long[] OfBalance = [Most.Code, Most.Date, Most.Amount, Most.Amount, Most.Amount, Most.Amount, Most.Date, Most.Amount];
    private static readonly long[] OfAllowance = [Most.Card, Most.Code, Most.Date, Most.Amount, Most.Amount, Most.Word];
    private static readonly long[] OfCard = [Most.Card, Most.Code, Most.Word, Most.Word];

    /// <exception cref="DocumentShapeException">It is no such document.</exception>
    public static StoredHousehold Read(string text)
    {
        using var document = DocumentText.Parse(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new DocumentShapeException("no document");
        int closedBefore = 0;
        IReadOnlyList<long[]>? balances = null, allowances = null, cards = null;
        foreach (var part in document.RootElement.EnumerateObject())
        {
            switch (part.Name)
            {
                case "closedBefore":
                    if (part.Value.ValueKind != JsonValueKind.Number || !part.Value.TryGetInt32(out closedBefore) || closedBefore is < 2000_01_01 or > (int)Most.Date)
                        throw new DocumentShapeException("closedBefore is no day");
                    break;
                case "balances":
                    balances = DocumentText.RowsOf(part.Value, part.Name, OfBalance);
                    break;
                case "allowances":
                    allowances = DocumentText.RowsOf(part.Value, part.Name, OfAllowance);
                    break;
                case "cards":
                    cards = DocumentText.RowsOf(part.Value, part.Name, OfCard);
                    break;
                default:
                    throw new DocumentShapeException("something else beside what belongs there");
            }
        }
        return balances is not null && allowances is not null && cards is not null
            ? new StoredHousehold(closedBefore, balances, allowances, cards)
            : throw new DocumentShapeException("a part is missing");
    }

    /// <summary>What is wrong with a document that can be read, or null.</summary>
    public string? WhatIsWrong()
    {
        if (IsBelowZero(Balances) || IsBelowZero(Allowances) || IsBelowZero(Cards))
            return "below zero";
        if (Balances.DistinctBy(row => (row[0], row[1])).Count() < Balances.Count)
            return "a balance twice";
        if (Allowances.DistinctBy(row => (row[0], row[1], row[2])).Count() < Allowances.Count)
            return "an allowance twice";
        if (Cards.DistinctBy(row => row[0]).Count() < Cards.Count)
            return "a card twice";
        return Balances.Any(row => row[1] < ClosedBefore) || Allowances.Any(row => row[2] < ClosedBefore) ? "open before closedBefore" : null;
    }

    private static bool IsBelowZero(IReadOnlyList<long[]> rows) => rows.Any(row => row.Any(number => number < 0));
}

/// <summary>The lines of a disbursement as its row has them: [programme, unit, quantity, subsidy, what the citizen pays].</summary>
internal static class StoredLines
{
    private static readonly long[] OfLine = [Most.Code, Most.Unit, Most.Amount, Most.Amount, Most.Amount];

    /// <exception cref="DocumentShapeException">It is no such list.</exception>
    public static List<StoredLine> Read(string text)
    {
        using var document = DocumentText.Parse(text);
        return [.. DocumentText.RowsOf(document.RootElement, "lines", OfLine).Select(row => new StoredLine((int)row[0], (int)row[1], row[2], row[3], row[4]))];
    }
}

/// <summary>The largest number at a place of a document. What is larger was not written by the ledger, and the databases' types need not hold it.</summary>
file static class Most
{
    public const long Code = ushort.MaxValue;
    public const long Unit = byte.MaxValue;
    public const long Date = 9999_12_31;
    public const long Word = uint.MaxValue;
    public const long Card = 9_999_999_999_999_999;

    /// <summary>Pieces, grams, millilitres or minor units; a few of them fit into 64 bits together.</summary>
    public const long Amount = 1_000_000_000_000_000;
}

file static class DocumentText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Strict);
        }
        catch (JsonException)
        {
            throw new DocumentShapeException("no document");
        }
    }

    public static IReadOnlyList<long[]> RowsOf(JsonElement list, string name, long[] most)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw new DocumentShapeException(name + " is no list");
        var rows = new long[list.GetArrayLength()][];
        var count = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != most.Length)
                throw new DocumentShapeException($"{name}: not {most.Length} numbers");
            var row = rows[count++] = new long[most.Length];
            var place = 0;
            foreach (var number in item.EnumerateArray())
            {
                if (number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out row[place]) || row[place] > most[place] || row[place] < -most[place])
                    throw new DocumentShapeException($"{name}: no such number at place {place}");
                place++;
            }
        }
        return rows;
    }
}
