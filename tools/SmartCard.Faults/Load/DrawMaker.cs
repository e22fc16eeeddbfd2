using SmartCard.Faults.World;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Faults.Load;

/// <summary>Makes a round's draws: cards in turn, each at some terminal, for a loaf or some groceries; small, so that most are approved.</summary>
internal sealed class DrawMaker(Site site, Random random)
{
    // Of the country's price list: a loaf, and the cheapest groceries.
    private static readonly BasketLine Loaf = new(ProgrammeCode.Bread, new CommodityCode(1), 1, 20);
    private static readonly BasketLine Salt = new(ProgrammeCode.Groceries, new CommodityCode(111), 1, 125);
    private static readonly BasketLine Pasta = new(ProgrammeCode.Groceries, new CommodityCode(104), 1, 650);

    private int _next;

    public IReadOnlyList<CampaignDraw> Make(int count) => [.. Enumerable.Range(0, count).Select(_ => Make())];

    private CampaignDraw Make()
    {
        var card = site.Cards[_next++ % site.Cards.Count];
        var terminal = PickTerminal();
        IReadOnlyList<BasketLine> lines = terminal.IsBakery ? [Loaf] : random.Next(4) == 0 ? [Salt, Pasta] : [Salt];
        var local = site.Calendar.LocalOf(site.Calendar.UtcNow);
        var money = (uint)lines.Sum(line => line.Quantity * line.UnitPriceMinor);
        var bytes = new byte[TransactionId.Length + TransactionRecordCodec.UnpredictableNumberLength];
        random.NextBytes(bytes);
        var request = new GenerateAcRequest
        {
            AmountMinor = terminal.IsBakery ? money : 0,
            Currency = 818,
            Date = local.Date.ToDateOnly(),
            Time = new TimeOnly(local.Hour, local.Minute, local.Second),
            Type = 0,
            UnpredictableNumber = bytes.AsMemory(TransactionId.Length),
            Terminal = terminal.Identity.Terminal,
            BasketHash = Basket.Hash(lines),
            TransactionId = TransactionId.Decode(bytes),
            Draws =
            [
                terminal.IsBakery
                    ? new RequestedDraw(ProgrammeCode.Bread, 1, QuantityUnit.Loaf)
                    : new RequestedDraw(ProgrammeCode.Groceries, money, QuantityUnit.MinorCurrency),
            ],
        };
        return new CampaignDraw(terminal, card.Sign(terminal.Identity, request), lines);
    }

    /// <summary>A quarter of the draws is bread: of that a day allows least.</summary>
    private LoadTerminal PickTerminal()
    {
        var bread = random.Next(4) == 0;
        var terminals = site.Terminals.Where(terminal => terminal.IsBakery == bread).ToArray();
        return terminals[random.Next(terminals.Length)];
    }
}
