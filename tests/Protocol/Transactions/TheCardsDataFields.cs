using FsCheck;
using FsCheck.Fluent;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Transactions;

// Cases, for each data field: there and back; fits one protected APDU; cut short at every byte; any bit turned; any bytes; objects in another order or doubled.
public class TheDataOfGenerateAc
{
    [Fact]
    public void Comes_back_as_it_was_encoded_and_fits_one_APDU() => Properties.Hold(Samples.Requests, request =>
    {
        var command = request.ToCommand(CryptogramKind.Online);
        Assert.Equal((0x80, 0xAE, 0x90, 0x00), (command.Cla, command.Ins, command.P1, command.P2));
        Assert.InRange(command.Data.Length, 1, SecureMessaging.PlaintextBytesMax);
        Assert.True(GenerateAcRequest.TryDecode(command.Data, out var decoded, out var refusal));
        Assert.Equal(RecordRefusal.None, refusal);
        Assert.Equal(command.Data.ToArray(), decoded.Encode());
        Assert.Equal(request.Draws, decoded.Draws);
    });

    [Fact]
    public void Has_one_encoding_only()
    {
        HostileBytes.AgainstCodec(Samples.Request.Encode(), bytes => GenerateAcRequest.TryDecode(bytes, out var decoded, out _) ? decoded.Encode() : null);
        Assert.True(BerTlv.TryParse(Samples.Request.Encode(), TlvLimits.Card, out var nodes, out _));
        byte[] Row(IEnumerable<TlvNode> row) => [.. row.SelectMany(node => node.Encoded.ToArray())];
        Assert.False(GenerateAcRequest.TryDecode(Row(nodes.Reverse()), out _, out _));
        Assert.False(GenerateAcRequest.TryDecode(Row(nodes.Append(nodes[^1])), out _, out _));
        Assert.False(GenerateAcRequest.TryDecode(Row(nodes[..^1]), out _, out var refusal));
        Assert.Equal(RecordRefusal.ProgrammeCount, refusal);
    }

    [Fact]
    public void Becomes_the_record_that_the_card_signed_once_the_answer_is_there() => Properties.Hold(Samples.Records, record =>
    {
        var (request, response) = Split(record);
        Assert.True(GenerateAcResponse.TryDecode(response.Encode(), out var received, out _));
        Assert.True(received.TryAssemble(request, record.Card, out var signed, out var refusal), refusal.ToString());
        Assert.Equal(TransactionRecordCodec.Encode(record), signed.Encoded.ToArray());
    }, times: 200);

    [Fact]
    public void Is_refused_with_an_answer_about_something_else()
    {
        var (request, response) = Split(Samples.Record);
        RecordRefusal RefusalOf(GenerateAcResponse answer)
        {
            Assert.False(answer.TryAssemble(request, Samples.Card, out _, out var refusal));
            return refusal;
        }

        Assert.Equal(RecordRefusal.ProgrammeMismatch, RefusalOf(response with { Counters = [(ProgrammeCode.Groceries, 0)] }));
        Assert.Equal(RecordRefusal.ProgrammeMismatch, RefusalOf(response with { Counters = [] }));
        Assert.Equal(RecordRefusal.ChainMismatch, RefusalOf(response with { Chain = new RecordChain(1) }));
        Assert.Equal(RecordRefusal.ChainMismatch, RefusalOf(response with { Atc = new Atc(8) }));
        Assert.Equal(RecordRefusal.Quantity, RefusalOf(response with { Counters = [(ProgrammeCode.Bread, uint.MaxValue)] }));
        Assert.Equal(RecordRefusal.WrongLength, RefusalOf(response with { Signature = default }));
    }

    [Fact]
    public void Is_answered_in_one_encoding_only()
    {
        var (_, response) = Split(Samples.Record);
        HostileBytes.AgainstCodec(response.Encode(), bytes => GenerateAcResponse.TryDecode(bytes, out var decoded, out _) ? decoded.Encode() : null);
        Assert.InRange(response.Encode().Length, 1, SecureMessaging.PlaintextBytesMax);
    }

    [Fact]
    public void Is_followed_by_the_issuers_word()
    {
        var word = new IssuerAuthentication(IssuerAuthentication.Approved, new byte[8]);
        Assert.Equal(0x40, word.ToCommand().P1);
        Assert.Equal(0x00, (word with { ResponseCode = IssuerAuthentication.Declined }).ToCommand().P1);
        HostileBytes.AgainstCodec(word.Encode(), bytes => IssuerAuthentication.TryDecode(bytes, out var decoded) ? decoded.Encode() : null);
        HostileBytes.AgainstCodec(
            new IssuerAuthenticationResponse(CryptogramKind.Offline, new Atc(9)).Encode(),
            bytes => IssuerAuthenticationResponse.TryDecode(bytes, out var decoded) ? decoded.Encode() : null);
    }

    private static (GenerateAcRequest Request, GenerateAcResponse Response) Split(TransactionRecord record)
    {
        var request = new GenerateAcRequest
        {
            AmountMinor = record.AmountMinor,
            Currency = record.Currency,
            Date = record.Date,
            Time = record.Time,
            Type = record.Type,
            UnpredictableNumber = record.UnpredictableNumber,
            Terminal = record.Terminal,
            BasketHash = record.BasketHash,
            TransactionId = record.TransactionId,
            Draws = [.. record.Draws.Select(draw => new RequestedDraw(draw.Programme, draw.Quantity, draw.Unit))],
        };
        return (request, new GenerateAcResponse
        {
            Kind = record.Kind,
            Atc = record.Atc,
            Counters = [.. record.Draws.Select(draw => (draw.Programme, draw.OfflineSpent))],
            PreviousChain = record.PreviousChain,
            Chain = record.PreviousChain.Append(TransactionRecordCodec.Encode(record)),
            Cryptogram = new byte[8],
            Signature = new byte[64],
        });
    }
}

public class TheDataOfGetProcessingOptions
{
    private static readonly Allowance Bread = new(
        ProgrammeCode.Bread, QuantityUnit.Loaf, 20261100, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), Granted: 40, Spent: 15, CapPerTransaction: 20);

    private static ProcessingOptionsResponse Response => new()
    {
        Atc = new Atc(7),
        Allowances = [Bread, Bread with { Programme = ProgrammeCode.Groceries, Unit = QuantityUnit.MinorCurrency }],
        ConsecutiveOffline = new ConsecutiveOffline(1, 3, 5),
        PinTriesLeft = 3,
        PinThresholdMinor = 5_000,
        ScriptCounter = 2,
        Chain = new RecordChain(0x0102030405060708),
        LastTransactionId = Samples.Request.TransactionId,
    };

    [Fact]
    public void Comes_back_as_it_was_encoded()
    {
        var request = new ProcessingOptionsRequest(Samples.Terminal, new DateOnly(2026, 11, 22));
        Assert.Equal("830B" + Convert.ToHexString("T0000042"u8) + "261122", Convert.ToHexString(request.Encode()));
        HostileBytes.AgainstCodec(request.Encode(), bytes => ProcessingOptionsRequest.TryDecode(bytes, out var decoded) ? decoded.Encode() : null);
        HostileBytes.AgainstCodec(Response.Encode(), bytes => ProcessingOptionsResponse.TryDecode(bytes, out var decoded) ? decoded.Encode() : null);
        HostileBytes.AgainstCodec(
            (Response with { Allowances = [], LastTransactionId = null }).Encode(),
            bytes => ProcessingOptionsResponse.TryDecode(bytes, out var decoded) ? decoded.Encode() : null);
    }

    [Fact]
    public void Fits_one_protected_answer_with_four_allowances()
    {
        var full = Response with
        {
            Allowances = [.. Enumerable.Range(1, 4).Select(code => Bread with { Programme = new ProgrammeCode((ushort)code) })],
        };
        Assert.InRange(full.Encode().Length, 1, SecureMessaging.PlaintextBytesMax);
        Assert.True(ProcessingOptionsResponse.TryDecode(full.Encode(), out var decoded));
        Assert.Equal(full.Allowances, decoded.Allowances);
    }

    [Fact]
    public void Is_refused_with_five_allowances_or_with_them_out_of_order()
    {
        var five = Response with { Allowances = [.. Enumerable.Range(1, 5).Select(code => Bread with { Programme = new ProgrammeCode((ushort)code) })] };
        Assert.False(ProcessingOptionsResponse.TryDecode(five.Encode(), out _));
        Assert.False(ProcessingOptionsResponse.TryDecode((Response with { Allowances = [Bread, Bread] }).Encode(), out _));
    }

    [Fact]
    public void Leaves_what_was_granted_less_what_was_spent_and_never_less_than_nothing()
    {
        Assert.Equal(25u, Bread.Remaining);
        Assert.Equal(0u, (Bread with { Spent = 41 }).Remaining);
    }

    [Fact]
    public void Compares_with_the_PIN_threshold_what_is_paid_and_what_is_drawn_in_money()
    {
        var request = Samples.Request with
        {
            Draws = [new(ProgrammeCode.Bread, 5, QuantityUnit.Loaf), new(ProgrammeCode.Groceries, 4_000, QuantityUnit.MinorCurrency)],
        };
        Assert.Equal(4_100, ProcessingOptionsResponse.MoneyMoved(request));
    }
}

public class TheLogOfACard
{
    [Fact]
    public void Gives_back_a_record_with_its_evidence_in_one_APDU() => Properties.Hold(Samples.Records, record =>
    {
        var encoded = TransactionRecordCodec.Encode(record);
        var entry = LogRecord.Encode(encoded, new byte[8], new byte[64]);
        Assert.InRange(entry.Length, 1, SecureMessaging.PlaintextBytesMax);
        Assert.True(LogRecord.TryDecode(entry, out var decoded, out _));
        Assert.Equal(encoded, decoded.Encoded.ToArray());
        Assert.True(decoded.TryGetSigned(out _));
        Assert.True(LogRecord.TryDecode(LogRecord.Encode(encoded, new byte[8], default), out decoded, out _));
        Assert.False(decoded.TryGetSigned(out _));
    }, times: 100);

    [Fact]
    public void Has_one_encoding_only() => HostileBytes.AgainstCodec(
        LogRecord.Encode(TransactionRecordCodec.Encode(Samples.Record), new byte[8], new byte[64]),
        bytes => LogRecord.TryDecode(bytes, out var decoded, out _) ? LogRecord.Encode(decoded.Encoded.Span, decoded.Cryptogram.Span, decoded.Signature.Span) : null);

    [Fact]
    public void Is_read_newest_first()
    {
        Assert.Equal("00B2010C00", Convert.ToHexString(LogRecord.ReadCommand(1).Encode()));
        Assert.Equal("80CADF6100", Convert.ToHexString(LogRecord.LastRecordCommand.Encode()));
    }
}

public class APinOnTheWire
{
    [Fact]
    public void Is_a_format_2_block()
    {
        Assert.Equal("241234FFFFFFFFFF", Convert.ToHexString(CardholderVerification.EncodeBlock("1234")));
        Assert.Equal("2512345FFFFFFFFF", Convert.ToHexString(CardholderVerification.EncodeBlock("12345")));
        Assert.Equal("0020008108" + "241234FFFFFFFFFF", Convert.ToHexString(CardholderVerification.VerifyCommand("1234").Encode()));
    }

    [Fact]
    public void Is_recognised_only_when_it_is_well_formed()
    {
        var blocks = new[] { "1234", "12345", "123456789012" }.Select(pin => CardholderVerification.EncodeBlock(pin)).ToList();
        Assert.All(blocks, block => Assert.True(CardholderVerification.IsBlock(block, 4, 12)));
        Assert.False(CardholderVerification.IsBlock(blocks[0], 5, 12));
        foreach (var wrong in new[] { "", "241234FFFFFFFF", "241234FFFFFFFFFE", "24123AFFFFFFFFFF", "341234FFFFFFFFFF", "251234FFFFFFFFFF" })
            Assert.False(CardholderVerification.IsBlock(Convert.FromHexString(wrong), 4, 12), wrong);
        Properties.Hold(Properties.Bytes(0, 10), bytes => CardholderVerification.IsBlock(bytes, 4, 12));
    }

    [Theory]
    [InlineData("123")]
    [InlineData("1234567890123")]
    [InlineData("12a4")]
    [InlineData("١٢٣٤")]
    public void Has_four_to_twelve_digits_and_is_never_in_the_message(string pin)
    {
        var error = Assert.Throws<ArgumentException>(() => CardholderVerification.EncodeBlock(pin));
        Assert.DoesNotContain(pin, error.Message, StringComparison.Ordinal);
    }
}

/// <summary>What every codec must bear: nothing throws, and what is accepted is written back as the very bytes that were read.</summary>
internal static class HostileBytes
{
    /// <param name="reencode">Null when the bytes are refused.</param>
    public static void AgainstCodec(byte[] valid, Func<byte[], byte[]?> reencode)
    {
        Assert.Equal(valid, reencode(valid));
        for (var length = 0; length < valid.Length; length++)
            AssertRefusedOrSame(valid[..length]);
        foreach (var flipped in Properties.EverySingleBitFlipOf(valid))
            AssertRefusedOrSame(flipped);
        AssertRefusedOrSame([.. valid, 0x00]);
        AssertRefusedOrSame([.. valid, .. valid]);
        Properties.Hold(Properties.Bytes(0, 300), AssertRefusedOrSame);

        void AssertRefusedOrSame(byte[] bytes)
        {
            if (reencode(bytes) is { } again)
                Assert.Equal(bytes, again);
        }
    }
}
