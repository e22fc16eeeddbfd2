using System.Text.RegularExpressions;
using SmartCard.Backend.Merchants.Claiming;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>protocol/spec/merchant-ledger-csv.md names every reason for which a row is refused, and no other.</summary>
public sealed partial class The_specification_of_ledgers
{
    [Fact]
    public void Names_the_reasons_of_rows_and_no_others()
    {
        var page = Page();
        var rows = page[page.IndexOf("## Row by row", StringComparison.Ordinal)..];

        var named = Code().Matches(rows).Select(match => match.Groups["word"].Value).ToHashSet();
        named.ExceptWith(["transaction_id", "terminal_id", "programme", "quantity", "citizen_paid_minor", "business_date", "receipt_number", "kind"]);

        Assert.Equal(LineFault.All.Select(fault => fault.Reason).Order(), named.Order());
    }

    private static string Page()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SmartCard.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        return File.ReadAllText(Path.Combine(folder.FullName, "protocol", "spec", "merchant-ledger-csv.md"));
    }

    [GeneratedRegex("`(?<word>[a-z_]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
