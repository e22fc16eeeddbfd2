using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>One programme's share of a draw, recomputed from lines and price list.</summary>
/// <param name="Quantity">In the programme's unit, as the card signed it.</param>
/// <param name="SubsidyMinor">What the fund owes the merchant for it.</param>
/// <param name="CitizenPaysMinor">What the citizen pays the merchant for it.</param>
internal readonly record struct ProgrammeShare(ProgrammeCode Programme, QuotaRule Quota, QuantityUnit Unit, long Quantity, long SubsidyMinor, long CitizenPaysMinor);

/// <summary>What a draw takes of a cap on a commodity.</summary>
internal readonly record struct CapShare(QuotaRule Quota, long Amount);

internal abstract record BasketAssessment
{
    public sealed record Sound(IReadOnlyList<ProgrammeShare> Shares, IReadOnlyList<CapShare> Caps) : BasketAssessment;

    public sealed record Refused(DeclineReason Reason) : BasketAssessment;

    /// <summary>
    /// Are these the lines that the card signed, do they add up to what it signed, and do they follow the price list of the record's date.
    /// Quantities and prices are the caller's until shown otherwise: sums are taken in 128 bits, where 64 lines cannot overflow.
    /// </summary>
    public static BasketAssessment Of(TransactionRecord record, IReadOnlyList<BasketLine> lines, ProgrammeRules rules, ushort currency)
    {
        if (!AddsUp(record, lines, rules, currency))
            return new Refused(DeclineReason.BasketMismatch);
        foreach (var line in lines)
        {
            if (!rules.Commodities.TryGetValue(line.Commodity, out var commodity) || !commodity.PaidBy.Contains(line.Programme))
                return new Refused(DeclineReason.UnknownCommodity);
        }
        foreach (var line in lines)
        {
            if (rules.Commodities[line.Commodity].UnitPriceMinor != line.UnitPriceMinor)
                return new Refused(DeclineReason.PriceMismatch);
        }
        return new Sound(SharesOf(record, lines, rules), CapsOf(lines, rules));
    }

    private static bool AddsUp(TransactionRecord record, IReadOnlyList<BasketLine> lines, ProgrammeRules rules, ushort currency)
    {
        if (record.Currency != currency || lines.Count is 0 or > Basket.LinesMax)
            return false;
        if (!Basket.Hash(lines).AsSpan().SequenceEqual(record.BasketHash.Span))
            return false;

        var citizenPays = Int128.Zero;
        var counted = 0;
        foreach (var draw in record.Draws)
        {
            if (!rules.Programmes.TryGetValue(draw.Programme, out var programme) || programme.Unit != draw.Unit)
                return false;
            var (money, pieces) = (Int128.Zero, Int128.Zero);
            foreach (var line in lines)
            {
                if (line.Programme != draw.Programme)
                    continue;
                if (line.Quantity == 0)
                    return false;
                money += (Int128)line.Quantity * line.UnitPriceMinor;
                pieces += line.Quantity;
                counted++;
            }
            var byCitizen = programme.Funding == ProgrammeFunding.CitizenPaysCardPrice;
            if (draw.Quantity != (byCitizen ? pieces : money))
                return false;
            citizenPays += byCitizen ? money : 0;
        }
        // Programmes of a record are distinct, so a line that was not counted is of none of them.
        return citizenPays == record.AmountMinor && counted == lines.Count;
    }

    private static ProgrammeShare[] SharesOf(TransactionRecord record, IReadOnlyList<BasketLine> lines, ProgrammeRules rules)
    {
        var shares = new ProgrammeShare[record.Draws.Count];
        for (var index = 0; index < shares.Length; index++)
            shares[index] = ShareOf(record.Draws[index].Programme, lines, rules);
        return shares;
    }

    /// <summary>What the lines of one programme come to, where they follow the price list.</summary>
    public static ProgrammeShare ShareOf(ProgrammeCode code, IReadOnlyList<BasketLine> lines, ProgrammeRules rules)
    {
        var programme = rules.Programmes[code];
        var (pieces, money, fromFund) = (0L, 0L, 0L);
        foreach (var line in lines)
        {
            if (line.Programme != code)
                continue;
            pieces += line.Quantity;
            money += (long)line.Quantity * line.UnitPriceMinor;
            fromFund += line.Quantity * rules.Commodities[line.Commodity].SubsidyMinor;
        }
        var byCitizen = programme.Funding == ProgrammeFunding.CitizenPaysCardPrice;
        return new ProgrammeShare(
            code,
            rules.QuotaOf(programme.Quota),
            programme.Unit,
            Quantity: byCitizen ? pieces : money,
            SubsidyMinor: byCitizen ? fromFund : fromFund + money,
            CitizenPaysMinor: byCitizen ? money : 0);
    }

    /// <summary>What lines take of the caps on their commodities, in the order of the caps.</summary>
    public static CapShare[] CapsOf(IReadOnlyList<BasketLine> lines, ProgrammeRules rules)
    {
        List<CapShare>? caps = null;
        foreach (var line in lines)
        {
            foreach (var cap in rules.Commodities[line.Commodity].Caps)
            {
                caps ??= [];
                var place = caps.FindIndex(share => share.Quota.Code == cap.Quota);
                var amount = line.Quantity * cap.AmountPerPiece;
                if (place < 0)
                    caps.Add(new CapShare(rules.QuotaOf(cap.Quota), amount));
                else
                    caps[place] = caps[place] with { Amount = caps[place].Amount + amount };
            }
        }
        return caps is null ? [] : [.. caps.OrderBy(share => share.Quota.Code)];
    }
}

internal static class RulesLookup
{
    /// <summary>A profile that names a quota without a rule is wrong, and its tests say so.</summary>
    public static QuotaRule QuotaOf(this ProgrammeRules rules, QuotaCode code)
    {
        foreach (var rule in rules.Quotas)
        {
            if (rule.Code == code)
                return rule;
        }
        throw new InvalidOperationException($"The rules of {rules.Version} name quota {code} but have no rule for it.");
    }
}
