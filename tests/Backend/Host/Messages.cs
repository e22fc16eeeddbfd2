using Google.Protobuf;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

/// <summary>Well-formed messages, for tests that spoil one thing.</summary>
internal static class Messages
{
    public static readonly Wire.BusinessDate Today = new() { Yyyymmdd = 20261122 };

    public static Wire.AuthoriseRequest Authorise() => new() { SignedRecord = SignedRecord(), Lines = { Loaves(20) } };

    public static Wire.PresentRequest Present() => new() { SignedRecord = SignedRecord(), Lines = { Loaves(20) } };

    public static Wire.PresentRequest Present(CardNumber card, ushort atc) =>
        new() { SignedRecord = SignedRecord(Record(card, atc)), Lines = { Loaves(20) } };

    public static Wire.ReverseRequest Reverse() => new() { SignedRecord = SignedRecord(), Reason = Wire.ReversalReason.NoAnswer };

    public static Wire.RefundRequest Refund() => new() { RefundId = "0123456789abcdef0123456789abcdef", SignedRecord = SignedRecord(), Lines = { Loaves(5) } };

    public static Wire.BasketLine Loaves(uint quantity) => new() { Programme = 1, Commodity = 1, Quantity = quantity, UnitPriceMinor = 20 };

    public static Wire.SignedRecord SignedRecord() => SignedRecord(Record(FakeCards.Known, 7));

    private static Wire.SignedRecord SignedRecord(byte[] record) => new()
    {
        Record = ByteString.CopyFrom(record),
        Cryptogram = ByteString.CopyFrom(new byte[8]),
        Signature = ByteString.CopyFrom(new byte[64]),
    };

    public static Wire.CloseBatchRequest Close() => new()
    {
        BatchNumber = 1,
        BusinessDate = Today,
        OpenedAtUnixMs = 1_795_300_000_000,
        ClosedAtUnixMs = 1_795_330_000_000,
        Totals = { new Wire.BatchTotal { Programme = 1, Draws = 2, Quantity = 40, CitizenPaidMinor = 800 } },
    };

    public static Wire.UploadLedgerRequest Header(long merchant) => new()
    {
        Header = new Wire.LedgerHeader { UploadId = "0123456789abcdef0123456789abcdef", MerchantId = merchant, BusinessDate = Today, BatchNumber = 1 },
    };

    public static Wire.UploadLedgerRequest Chunk(int lines)
    {
        var chunk = new Wire.LedgerChunk();
        for (var row = 0; row < lines; row++)
        {
            chunk.Lines.Add(new Wire.LedgerLine
            {
                TransactionId = row.ToString("x32"),
                TerminalId = HostUnderTest.Bakery.Value,
                Programme = 1,
                Quantity = 20,
                CitizenPaidMinor = 400,
                BusinessDate = Today,
            });
        }
        return new Wire.UploadLedgerRequest { Chunk = chunk };
    }

    public static Wire.UploadLedgerCsvRequest Csv(long merchant) => new()
    {
        UploadId = "0123456789abcdef0123456789abcdef",
        MerchantId = merchant,
        BusinessDate = Today,
        Content = ByteString.CopyFromUtf8("transaction_id,terminal_id,programme,quantity,citizen_paid_minor\n"),
    };

    private static byte[] Record(CardNumber card, ushort atc) => TransactionRecordCodec.Encode(new TransactionRecord
    {
        Card = card,
        Atc = new Atc(atc),
        Kind = CryptogramKind.Online,
        AmountMinor = 400,
        Currency = 818,
        Date = new DateOnly(2026, 11, 22),
        Time = new TimeOnly(9, 30),
        Type = 0,
        Terminal = HostUnderTest.Bakery,
        UnpredictableNumber = new byte[16],
        BasketHash = Basket.Hash([new BasketLine(ProgrammeCode.Bread, new CommodityCode(1), 20, 20)]),
        TransactionId = new TransactionId(0x1234),
        PreviousChain = RecordChain.Start,
        Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 20, QuantityUnit.Loaf, 0)],
    });
}
