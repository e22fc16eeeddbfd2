using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>One programme's share of a basket.</summary>
/// <param name="Quantity">In <paramref name="Unit"/>.</param>
/// <param name="CitizenPaysMinor">What the citizen pays for this programme's lines, minor currency units.</param>
public readonly record struct DrawShare(ProgrammeCode Programme, uint Quantity, QuantityUnit Unit, long CitizenPaysMinor);

/// <summary>
/// A basket worked out against the price list: what the card is asked to commit to. The card signs the shares and the hash of the lines.
/// </summary>
/// <param name="Shares">1 to 4, programme codes strictly ascending.</param>
/// <param name="CitizenPaysMinor">The sum over <paramref name="Shares"/>.</param>
/// <param name="ValueMinor">What the draw is worth, payment and subsidy together: what the offline limit bounds.</param>
public sealed record Draw(IReadOnlyList<BasketLine> Lines, IReadOnlyList<DrawShare> Shares, long CitizenPaysMinor, long ValueMinor)
{
    /// <summary>Works the lines out; null where they cannot be drawn: none, too many, another price than the list's, or an article that is not on it.</summary>
    public static Draw? From(IReadOnlyList<BasketLine> lines, TerminalParameters parameters, DateOnly date)
    {
        if (lines.Count is 0 or > Basket.LinesMax)
            return null;
        var shares = new SortedDictionary<ProgrammeCode, Sum>();
        long value = 0;
        foreach (var line in lines)
        {
            if (line.Quantity is 0 or > int.MaxValue
                || !parameters.Programmes.TryGetValue(line.Programme, out var programme)
                || parameters.FindArticle(line.Programme, line.Commodity, date) is not { } article
                || article.UnitPriceMinor != line.UnitPriceMinor)
                return null;
            var price = (long)line.Quantity * line.UnitPriceMinor;
            value += price + ((long)line.Quantity * article.SubsidyMinor);
            var sum = shares.GetValueOrDefault(line.Programme);
            shares[line.Programme] = new Sum(
                sum.Quantity + QuantityOf(line, programme.Unit, article.Grams), programme.Unit, sum.CitizenPaysMinor + (programme.CitizenPays ? price : 0));
        }

        if (shares.Count > TransactionRecord.ProgrammesMax || shares.Values.Any(sum => sum.Quantity is < 1 or > int.MaxValue))
            return null;
        return new Draw(
            lines,
            [.. shares.Select(share => new DrawShare(share.Key, (uint)share.Value.Quantity, share.Value.Unit, share.Value.CitizenPaysMinor))],
            shares.Values.Sum(sum => sum.CitizenPaysMinor),
            value);
    }

    public GenerateAcRequest ToRequest(
        TerminalId terminal, ushort currency, LocalMoment moment, TransactionId transaction, ReadOnlyMemory<byte> unpredictableNumber) => new()
        {
            AmountMinor = CitizenPaysMinor,
            Currency = currency,
            Date = moment.Date,
            Time = moment.Time,
            Type = 0,
            UnpredictableNumber = unpredictableNumber,
            Terminal = terminal,
            BasketHash = Basket.Hash(Lines),
            TransactionId = transaction,
            Draws = [.. Shares.Select(share => new RequestedDraw(share.Programme, share.Quantity, share.Unit))],
        };

    /// <summary>What a line counts in a programme of the unit.</summary>
    internal static long QuantityOf(BasketLine line, QuantityUnit unit, uint grams) => unit switch
    {
        QuantityUnit.MinorCurrency => (long)line.Quantity * line.UnitPriceMinor,
        QuantityUnit.Gram => (long)line.Quantity * grams,
        _ => line.Quantity,
    };

    private readonly record struct Sum(long Quantity, QuantityUnit Unit, long CitizenPaysMinor);
}
