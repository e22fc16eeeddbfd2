using FsCheck;
using FsCheck.Fluent;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Transactions;

/// <summary>One draw, told field by field, and generators of any draw.</summary>
internal static class Samples
{
    public static readonly CardNumber Card = CardNumber.FromPayload(818_000_000_000_001);
    public static readonly TerminalId Terminal = TerminalId.Parse("T0000042");

    public static GenerateAcRequest Request => new()
    {
        AmountMinor = 100,
        Currency = 818,
        Date = new DateOnly(2026, 11, 22),
        Time = new TimeOnly(7, 30, 15),
        Type = 0x00,
        UnpredictableNumber = Convert.FromHexString("000102030405060708090A0B0C0D0E0F"),
        Terminal = Terminal,
        BasketHash = Basket.Hash([new BasketLine(ProgrammeCode.Bread, new CommodityCode(1), 5, 20)]),
        TransactionId = TransactionId.Decode(Convert.FromHexString("101112131415161718191A1B1C1D1E1F")),
        Draws = [new RequestedDraw(ProgrammeCode.Bread, 5, QuantityUnit.Loaf)],
    };

    public static TransactionRecord Record => Request.ToRecord(Card, new Atc(7), CryptogramKind.Online, new RecordChain(0x0102030405060708), [0]);

    public static Gen<TransactionRecord> Records =>
        from request in Requests
        from card in Cards
        from atc in Gen.Choose(1, ushort.MaxValue)
        from kind in Gen.Elements(CryptogramKind.Declined, CryptogramKind.Offline, CryptogramKind.Online)
        from chain in Properties.Bytes(8)
        from spent in Gen.ArrayOf(Gen.Choose(0, int.MaxValue), 4)
        select request.ToRecord(
            card, new Atc((ushort)atc), kind, RecordChain.Decode(chain), Array.ConvertAll(spent[..request.Draws.Count], value => (uint)value));

    public static Gen<GenerateAcRequest> Requests =>
        from amount in Gen.OneOf(Gen.Constant(0L), Gen.Choose(0, int.MaxValue).Select(x => (long)x), Gen.Constant(999_999_999_999L))
        from currency in Gen.Choose(1, 999)
        from day in Gen.Choose(0, 36_524)
        from second in Gen.Choose(0, 86_399)
        from type in Gen.Elements<byte>(0x00, 0x09, 0x20, 0x99)
        from numbers in Properties.Bytes(64)
        from draws in Draws
        select new GenerateAcRequest
        {
            AmountMinor = amount,
            Currency = (ushort)currency,
            Date = new DateOnly(2000, 1, 1).AddDays(day),
            Time = TimeOnly.MinValue.Add(TimeSpan.FromSeconds(second)),
            Type = type,
            UnpredictableNumber = numbers.AsMemory(0, 16),
            Terminal = TerminalId.Parse("A" + (numbers[0] % 100).ToString("D2") + "ZZZZ9"),
            BasketHash = numbers.AsMemory(16, 32),
            TransactionId = TransactionId.Decode(numbers.AsSpan(48)),
            Draws = draws,
        };

    public static Gen<CardNumber> Cards => Properties.Bytes(8).Select(bytes => CardNumber.FromPayload(BitConverter.ToUInt64(bytes) % 1_000_000_000_000_000));

    private static Gen<RequestedDraw[]> Draws =>
        from codes in Gen.Choose(1, 4).SelectMany(count => Gen.ArrayOf(Gen.Choose(0, ushort.MaxValue), count))
        from quantities in Gen.ArrayOf(Gen.Choose(1, int.MaxValue), 4)
        from units in Gen.ArrayOf(Gen.Choose(1, 4), 4)
        select codes.Distinct().Order().Select((code, i) =>
            new RequestedDraw(new ProgrammeCode((ushort)code), (uint)quantities[i], (QuantityUnit)units[i])).ToArray();
}
