using System.Globalization;
using System.Text.Json;
using SmartCard.LedgerCheck.Databases;

namespace SmartCard.LedgerCheck.Evidence;

/// <summary>
/// The published price list of a country's profile, read by the checker's own code: what a piece costs on the card and what the fund adds, by date; and
/// what a piece takes of which cap.
/// </summary>
internal sealed class PriceList
{
    private readonly Dictionary<int, bool> _citizenPays = [];
    private readonly Dictionary<int, Commodity> _commodities = [];

    private PriceList()
    {
    }

    /// <exception cref="UnreadableLedgerException">The file is no country profile.</exception>
    public static async Task<PriceList> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            using var profile = await JsonDocument.ParseAsync(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }, cancellation);
            var list = new PriceList();
            foreach (var programme in profile.RootElement.GetProperty("programmes").EnumerateArray())
                list._citizenPays[programme.GetProperty("code").GetInt32()] = programme.GetProperty("funding").GetString() == "citizenPaysCardPrice";
            foreach (var commodity in profile.RootElement.GetProperty("commodities").EnumerateArray())
                list._commodities[commodity.GetProperty("code").GetInt32()] = Commodity.Read(commodity);
            return list;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UnreadableLedgerException($"{file} cannot be read as a price list: {exception.Message}", exception);
        }
    }

    /// <summary>The price in force, or null where the article was not sold on that date.</summary>
    public long? UnitPriceMinor(int commodity, int date) => PriceOn(commodity, date)?.UnitPriceMinor;

    /// <summary>
    /// What the fund owes the merchant for one programme's lines: what it adds to each piece and, where the entitlement pays and not the citizen, the
    /// price as well. Null where an article or the programme is not in the list.
    /// </summary>
    public long? SubsidyMinor(int programme, IReadOnlyList<StoredBasketLine> lines, int date)
    {
        if (!_citizenPays.TryGetValue(programme, out var citizenPays))
            return null;
        long sum = 0;
        foreach (var line in lines)
        {
            if (PriceOn(line.Commodity, date) is not { } price)
                return null;
            sum += line.Quantity * (price.SubsidyMinor + (citizenPays ? 0 : price.UnitPriceMinor));
        }
        return sum;
    }

    /// <summary>What a basket takes of each cap.</summary>
    public IReadOnlyDictionary<int, long> CapsOf(IReadOnlyList<StoredBasketLine> lines)
    {
        var caps = new Dictionary<int, long>();
        foreach (var line in lines)
        {
            if (!_commodities.TryGetValue(line.Commodity, out var commodity))
                continue;
            foreach (var (quota, perPiece) in commodity.Caps)
                caps[quota] = caps.GetValueOrDefault(quota) + (line.Quantity * perPiece);
        }
        return caps;
    }

    private Price? PriceOn(int commodity, int date) =>
        _commodities.TryGetValue(commodity, out var article) && date < article.WithdrawnFrom
            ? article.Prices.LastOrDefault(price => price.ValidFrom <= date)
            : null;

    private sealed record Price(int ValidFrom, long UnitPriceMinor, long SubsidyMinor);

    private sealed record Commodity(int WithdrawnFrom, IReadOnlyList<Price> Prices, IReadOnlyList<(int Quota, long PerPiece)> Caps)
    {
        public static Commodity Read(JsonElement element) => new(
            element.TryGetProperty("withdrawnFrom", out var withdrawn) ? DateOf(withdrawn) : int.MaxValue,
            [.. element.GetProperty("prices").EnumerateArray()
                .Select(price => new Price(DateOf(price.GetProperty("validFrom")), price.GetProperty("unitPrice").GetInt64(), price.GetProperty("subsidy").GetInt64()))
                .OrderBy(price => price.ValidFrom)],
            element.TryGetProperty("caps", out var caps)
                ? [.. caps.EnumerateArray().Select(cap => (cap.GetProperty("quota").GetInt32(), cap.GetProperty("perPiece").GetInt64()))]
                : []);

        private static int DateOf(JsonElement text) =>
            int.Parse(text.GetString()!.Replace("-", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
