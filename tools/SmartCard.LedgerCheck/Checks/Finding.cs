namespace SmartCard.LedgerCheck.Checks;

/// <summary>A row that breaks a promise, as names and values; card numbers show their last four digits alone.</summary>
internal sealed record OffendingRow(IReadOnlyList<KeyValuePair<string, string>> Values)
{
    public override string ToString() => string.Join(' ', Values.Select(value => $"{value.Key}={value.Value}"));
}

/// <summary>What a check found.</summary>
internal abstract record Finding
{
    public sealed record Held : Finding;

    /// <param name="Count">How many rows, of which <paramref name="Rows"/> are the first.</param>
    public sealed record Broken(long Count, IReadOnlyList<OffendingRow> Rows) : Finding;

    public sealed record NotApplicable(string Reason) : Finding;
}

/// <param name="Name">Short and unique, such as "balances-replay".</param>
/// <param name="Says">What has to be true of every row.</param>
internal sealed record CheckResult(Invariant Invariant, string Name, string Says, Finding Finding);

/// <summary>Collects the rows that break one promise: counts all, keeps the first.</summary>
internal sealed class OffendingRows(int rowsMax)
{
    private readonly List<OffendingRow> _rows = [];
    private long _count;

    public void Add(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        _count++;
        if (_rows.Count >= rowsMax)
            return;
        var row = new List<KeyValuePair<string, string>>(values.Length);
        foreach (var (name, value) in values)
            row.Add(new(name, Shown.Of(name, value)));
        _rows.Add(new OffendingRow(row));
    }

    public Finding ToFinding() => _count == 0 ? new Finding.Held() : new Finding.Broken(_count, _rows);
}

internal static class Shown
{
    /// <summary>A value for a report that anybody may read: bytes as hexadecimal digits, a card as its last four digits.</summary>
    public static string Of(string name, object? value) => value switch
    {
        null or DBNull => "null",
        byte[] bytes => Convert.ToHexStringLower(bytes),
        _ when name.EndsWith("card", StringComparison.Ordinal) =>
            "****" + (Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) % 10_000).ToString("D4", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
