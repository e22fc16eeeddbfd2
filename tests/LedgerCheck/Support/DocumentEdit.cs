using System.Globalization;
using System.Text.Json.Nodes;

namespace SmartCard.LedgerCheck.Tests.Support;

/// <summary>What somebody does to the documents of some rows: decoded, changed, encoded again.</summary>
/// <param name="Key">A column that finds one row.</param>
/// <param name="Where">Which rows, with tables in brackets.</param>
public sealed record DocumentEdit(string Table, string Key, string Column, string Where, Func<string, string> Change)
{
    /// <summary>Key and document of every row that is meant.</summary>
    public string Select => $"SELECT {Key}, {Column} FROM [{Table}] WHERE {Where}";

    public static DocumentEdit OfStates(string where, Action<JsonObject> change) => new("households", "household", "state", where, text =>
    {
        var state = JsonNode.Parse(text)!.AsObject();
        change(state);
        return state.ToJsonString();
    });

    public static DocumentEdit OfLines(string where, Action<JsonArray> change) => new("disbursements", "entry", "lines", where, text =>
    {
        var lines = JsonNode.Parse(text)!.AsArray();
        change(lines);
        return lines.ToJsonString();
    });

    public string Update(long key, string document) =>
        string.Create(CultureInfo.InvariantCulture, $"UPDATE [{Table}] SET {Column} = '{Change(document).Replace("'", "''", StringComparison.Ordinal)}' WHERE {Key} = {key}");
}
