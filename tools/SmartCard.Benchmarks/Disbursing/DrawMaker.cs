using System.Security.Cryptography;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Benchmarks.Disbursing;

/// <summary>Draws of one loaf each, made ahead of the time that is measured: cards are not what is measured.</summary>
/// <param name="number">In the transaction ids of its draws; another for each maker.</param>
internal sealed class DrawMaker(
    int number, BenchPopulation population, IReadOnlyList<TerminalStanding> terminals, IProgrammes programmes, BusinessCalendar calendar, TimeProvider time)
{
    private static readonly BasketLine Loaf = new(ProgrammeCode.Bread, new CommodityCode(1), 1, 20);

    private readonly byte[] _basketHash = Basket.Hash([Loaf]);
    private uint _made;

    public static IReadOnlyList<BasketLine> Lines { get; } = [Loaf];

    /// <summary>With neither cryptogram nor signature: for the writer alone, which looks at neither.</summary>
    public MadeDraws MakeUnsigned(int count)
    {
        var draws = new MadeDraws(count, terminals);
        for (var draw = 0; draw < count; draw++)
            draws.Add(Next(out var index, out var terminal), index, terminal);
        return draws;
    }

    /// <summary>With the cryptogram of the card's own key and the signature of a key pair made for it now.</summary>
    public MadeDraws MakeSigned(int count, IKeyStore keys)
    {
        var draws = MakeUnsigned(count);
        Parallel.For(0, count, place =>
        {
            Span<byte> cardKey = stackalloc byte[CardKeyDerivation.KeyLength];
            var record = draws.RecordAt(place);
            var index = draws.HouseholdAt(place);
            keys.DeriveCardKey(CardKeyPurpose.Cryptogram, BenchPopulation.CardOf(index), IssuerKeys.CurrentVersion, cardKey);
            using var signatureKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            draws.Sign(place, ApplicationCryptogram.Compute(cardKey, draws.AtcAt(place), record), signatureKey.SignData(record, HashAlgorithmName.SHA256), PointOf(signatureKey));
        });
        return draws;
    }

    private byte[] Next(out int index, out int terminal)
    {
        index = population.Next();
        terminal = (int)(_made % terminals.Count);
        var local = calendar.LocalOf(time.GetUtcNow());
        var record = TransactionRecordCodec.Encode(new TransactionRecord
        {
            Card = BenchPopulation.CardOf(index),
            Atc = population.NextAtc(index),
            Kind = CryptogramKind.Online,
            AmountMinor = Loaf.UnitPriceMinor,
            Currency = programmes.Profile.Currency,
            Date = local.Date.ToDateOnly(),
            Time = new TimeOnly(local.Hour, local.Minute, local.Second),
            Type = 0,
            Terminal = terminals[terminal].Terminal,
            UnpredictableNumber = RandomNumberGenerator.GetBytes(16),
            BasketHash = _basketHash,
            TransactionId = new TransactionId(++_made + ((UInt128)(uint)number << 64)),
            PreviousChain = population.ChainOf(index),
            Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 1, QuantityUnit.Loaf, 0)],
        });
        population.Follow(index, record);
        return record;
    }

    private static byte[] PointOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [0x04, .. point.X!, .. point.Y!];
    }
}
