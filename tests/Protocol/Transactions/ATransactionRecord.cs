using System.Buffers.Binary;
using System.Text;
using SmartCard.Protocol.Tests.Cryptography;
using SmartCard.Protocol.Tests.Vectors;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Transactions;

// Cases: the layout, field by field; there and back; one encoding for one record; every refusal by name, in precedence; hostile bytes; the chain; the signed form.
public class ATransactionRecord
{
    [Fact]
    public void Has_the_written_layout()
    {
        byte[] expected =
        [
            0x01,
            .. Convert.FromHexString(Samples.Card.FullDigits), // card
            0x00, 0x07, // ATC
            0x80, // online
            0x00, 0x00, 0x00, 0x00, 0x01, 0x00, // one pound
            0x08, 0x18, // EGP
            0x26, 0x11, 0x22, 0x07, 0x30, 0x15, // date, time
            0x00, // goods
            .. "T0000042"u8,
            .. Convert.FromHexString("000102030405060708090A0B0C0D0E0F"),
            .. Oracle.Sha256([0x01, 0x01, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x14]),
            .. Convert.FromHexString("101112131415161718191A1B1C1D1E1F"),
            .. Convert.FromHexString("0102030405060708"),
            0x01, // one programme
            0x00, 0x01, 0x00, 0x00, 0x00, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00, // bread, 5, loaves, nothing spent offline
        ];
        Assert.Equal(119, expected.Length);
        Assert.Equal(expected, TransactionRecordCodec.Encode(Samples.Record));
    }

    [Fact]
    public void Is_the_one_that_the_vectors_tell_other_implementations() =>
        Assert.Equal(PublishedVectors.Own("subsidy.json").GetProperty("record").Hex("encoded"), TransactionRecordCodec.Encode(Samples.Record));

    [Fact]
    public void Comes_back_as_it_was_encoded() => Properties.Hold(Samples.Records, record =>
    {
        var bytes = TransactionRecordCodec.Encode(record);
        Assert.InRange(bytes.Length, TransactionRecordCodec.LengthMin, TransactionRecordCodec.LengthMax);
        Assert.True(TransactionRecordCodec.TryDecode(bytes, out var decoded, out var refusal));
        Assert.Equal(RecordRefusal.None, refusal);
        Assert.Equal(bytes, TransactionRecordCodec.Encode(decoded));
        Assert.Equal((record.Card, record.Atc, record.Kind, record.AmountMinor, record.Currency), (decoded.Card, decoded.Atc, decoded.Kind, decoded.AmountMinor, decoded.Currency));
        Assert.Equal((record.Date, record.Time, record.Type, record.Terminal), (decoded.Date, decoded.Time, decoded.Type, decoded.Terminal));
        Assert.Equal((record.TransactionId, record.PreviousChain), (decoded.TransactionId, decoded.PreviousChain));
        Assert.Equal(record.UnpredictableNumber.ToArray(), decoded.UnpredictableNumber.ToArray());
        Assert.Equal(record.BasketHash.ToArray(), decoded.BasketHash.ToArray());
        Assert.Equal(record.Draws, decoded.Draws);
    });

    [Fact]
    public void Is_refused_or_another_record_whichever_bit_was_turned() => Properties.Hold(Samples.Records, record =>
    {
        foreach (var flipped in Properties.EverySingleBitFlipOf(TransactionRecordCodec.Encode(record)))
        {
            // What is accepted is written back as the same bytes: no two encodings of one record.
            if (TransactionRecordCodec.TryDecode(flipped, out var decoded, out _))
                Assert.Equal(flipped, TransactionRecordCodec.Encode(decoded));
        }
    }, times: 20);

    [Theory]
    [InlineData(0, "00", RecordRefusal.UnknownVersion)]
    [InlineData(0, "02", RecordRefusal.UnknownVersion)]
    [InlineData(1, "A1", RecordRefusal.CardNumber)]
    [InlineData(8, "00", RecordRefusal.CardNumber)]
    [InlineData(9, "0000", RecordRefusal.Atc)]
    [InlineData(11, "C0", RecordRefusal.Kind)]
    [InlineData(11, "90", RecordRefusal.Kind)]
    [InlineData(12, "0A", RecordRefusal.Amount)]
    [InlineData(18, "0000", RecordRefusal.Currency)]
    [InlineData(18, "1000", RecordRefusal.Currency)]
    [InlineData(20, "260230", RecordRefusal.Date)]
    [InlineData(20, "261301", RecordRefusal.Date)]
    [InlineData(23, "240000", RecordRefusal.Time)]
    [InlineData(23, "236060", RecordRefusal.Time)]
    [InlineData(26, "0F", RecordRefusal.Type)]
    [InlineData(27, "61", RecordRefusal.Terminal)]
    [InlineData(107, "00", RecordRefusal.ProgrammeCount)]
    [InlineData(107, "05", RecordRefusal.ProgrammeCount)]
    [InlineData(107, "02", RecordRefusal.WrongLength)]
    [InlineData(110, "00000000", RecordRefusal.Quantity)]
    [InlineData(110, "80000000", RecordRefusal.Quantity)]
    [InlineData(114, "00", RecordRefusal.Unit)]
    [InlineData(114, "05", RecordRefusal.Unit)]
    [InlineData(115, "80000000", RecordRefusal.Quantity)]
    public void Is_refused_by_name_when_a_field_is_out_of_its_range(int offset, string hex, RecordRefusal why)
    {
        var bytes = TransactionRecordCodec.Encode(Samples.Record);
        Convert.FromHexString(hex).CopyTo(bytes, offset);
        Assert.False(TransactionRecordCodec.TryDecode(bytes, out var record, out var refusal));
        Assert.Equal((null, why), (record, refusal));
    }

    [Fact]
    public void Is_refused_when_programmes_are_doubled_or_out_of_order()
    {
        var record = Samples.Record with
        {
            Draws = [new(ProgrammeCode.Bread, 5, QuantityUnit.Loaf, 0), new(ProgrammeCode.Groceries, 1, QuantityUnit.MinorCurrency, 0)],
        };
        var bytes = TransactionRecordCodec.Encode(record);
        foreach (ushort second in new ushort[] { 1, 0 })
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(119), second);
            Assert.False(TransactionRecordCodec.TryDecode(bytes, out _, out var refusal));
            Assert.Equal(RecordRefusal.ProgrammeOrder, refusal);
        }
    }

    [Fact]
    public void Is_refused_at_every_other_length() => Properties.Hold(Samples.Records, record =>
    {
        var bytes = TransactionRecordCodec.Encode(record);
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(TransactionRecordCodec.TryDecode(bytes.AsMemory(0, length), out _, out _));
        Assert.False(TransactionRecordCodec.TryDecode((byte[])[.. bytes, 0x00], out _, out _));
    }, times: 20);

    [Fact]
    public void Never_throws_whatever_the_bytes() => Properties.Hold(
        Properties.Bytes(0, 200), bytes => Assert.False(TransactionRecordCodec.TryDecode(bytes, out _, out _)), times: 3000);

    [Fact]
    public void Cannot_be_encoded_with_a_field_that_no_decoder_would_take()
    {
        var record = Samples.Record;
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { AmountMinor = -1 }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { AmountMinor = 1_000_000_000_000 }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { Currency = 0 }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { Date = new DateOnly(2100, 1, 1) }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { Draws = [] }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { BasketHash = new byte[31] }));
        Assert.ThrowsAny<ArgumentException>(() => TransactionRecordCodec.Encode(record with { Atc = default }));
    }
}

public class AChainOfRecords
{
    [Fact]
    public void Continues_with_the_first_eight_bytes_of_a_hash_over_the_last_value_and_the_record() => Properties.Hold(Samples.Records, record =>
    {
        var encoded = TransactionRecordCodec.Encode(record);
        var previous = new byte[8];
        record.PreviousChain.Encode(previous);
        var expected = RecordChain.Decode(Oracle.Sha256([.. previous, .. encoded]));
        Assert.Equal(expected, record.PreviousChain.Append(encoded));
        Assert.True(SignedRecord.TryCreate(encoded, new byte[8], new byte[64], out var signed, out _));
        Assert.Equal(expected, signed.Chain());
    }, times: 100);

    [Fact]
    public void Starts_at_zero() => Assert.Equal("0000000000000000", RecordChain.Start.ToString());
}

public class ASignedRecord
{
    [Theory]
    [InlineData(7, 64)]
    [InlineData(8, 63)]
    [InlineData(0, 0)]
    public void Needs_eight_bytes_of_cryptogram_and_64_of_signature(int cryptogram, int signature)
    {
        Assert.False(SignedRecord.TryCreate(
            TransactionRecordCodec.Encode(Samples.Record), new byte[cryptogram], new byte[signature], out _, out var refusal));
        Assert.Equal(RecordRefusal.WrongLength, refusal);
    }

    [Fact]
    public void Has_a_content_hash_that_leaves_the_signature_out()
    {
        var encoded = TransactionRecordCodec.Encode(Samples.Record);
        Assert.True(SignedRecord.TryCreate(encoded, new byte[8], new byte[64], out var first, out _));
        Assert.True(SignedRecord.TryCreate(encoded, new byte[8], Enumerable.Repeat((byte)1, 64).ToArray(), out var second, out _));
        Assert.Equal(first.ContentHash(), second.ContentHash());
        Assert.Equal(Oracle.Sha256(encoded), first.ContentHash());
    }

    [Fact]
    public void Is_acknowledged_over_its_hash_and_outcome()
    {
        Assert.True(SignedRecord.TryCreate(TransactionRecordCodec.Encode(Samples.Record), new byte[8], new byte[64], out var signed, out _));
        Assert.Equal(
            (byte[])[0x01, 0x01, .. signed.ContentHash(), 0x00, 0x05],
            Acknowledgement.Presented(signed, 5).Encode());
        Assert.Equal(0x02, Acknowledgement.Reversed(signed, 1).Encode()[1]);
    }
}

public class ABasket
{
    private static readonly BasketLine Bread = new(ProgrammeCode.Bread, new CommodityCode(1), 5, 20);
    private static readonly BasketLine Oil = new(ProgrammeCode.Groceries, new CommodityCode(101), 2, 3_000);

    [Fact]
    public void Has_a_hash_over_version_count_and_lines() => Assert.Equal(
        Oracle.Sha256(Convert.FromHexString("01" + "02" + "0001" + "0001" + "00000005" + "00000014" + "0002" + "0065" + "00000002" + "00000BB8")),
        Basket.Hash([Bread, Oil]));

    [Fact]
    public void Has_another_hash_when_anything_about_a_line_or_their_order_changes()
    {
        BasketLine[][] baskets =
        [
            [], [Bread], [Oil], [Bread, Oil], [Oil, Bread], [Bread, Bread], [Bread with { Quantity = 6 }], [Bread with { UnitPriceMinor = 21 }],
            [Bread with { Commodity = new CommodityCode(2) }], [Bread with { Programme = ProgrammeCode.Groceries }],
        ];
        Assert.Equal(baskets.Length, baskets.Select(basket => Convert.ToHexString(Basket.Hash(basket))).Distinct().Count());
    }

    [Fact]
    public void Has_64_lines_at_most()
    {
        Assert.Equal(32, Basket.Hash([.. Enumerable.Repeat(Bread, Basket.LinesMax)]).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Basket.Hash([.. Enumerable.Repeat(Bread, Basket.LinesMax + 1)]));
    }
}

public class Identifying
{
    [Theory]
    [InlineData("4539578763621486", true)]
    [InlineData("4539578763621487", false)]
    [InlineData("453957876362148", false)]
    [InlineData("45395787636214860", false)]
    [InlineData("4539 57876362148", false)]
    [InlineData("-539578763621486", false)]
    public void A_card_takes_sixteen_digits_with_a_right_check_digit(string text, bool valid) => Assert.Equal(valid, CardNumber.TryParse(text, out _));

    [Fact]
    public void A_card_finds_any_one_wrong_digit_and_any_swap_of_neighbours_but_0_and_9() => Properties.Hold(Samples.Cards, card =>
    {
        var digits = card.FullDigits;
        for (var i = 0; i < digits.Length; i++)
        {
            var wrong = new StringBuilder(digits) { [i] = (char)('0' + ((digits[i] - '0' + 3) % 10)) }.ToString();
            Assert.False(CardNumber.TryParse(wrong, out _));
            if (i == 0 || digits[i] == digits[i - 1] || (digits[i], digits[i - 1]) is ('0', '9') or ('9', '0'))
                continue;
            var swapped = new StringBuilder(digits) { [i] = digits[i - 1], [i - 1] = digits[i] }.ToString();
            Assert.False(CardNumber.TryParse(swapped, out _));
        }
    }, times: 100);

    [Fact]
    public void A_card_shows_its_last_four_digits_only()
    {
        Assert.Equal("****" + Samples.Card.LastFour, Samples.Card.ToString());
        Assert.DoesNotContain(Samples.Card.FullDigits, Samples.Record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_coded_decimals_come_back_and_never_throw_when_read()
    {
        Properties.Hold(Properties.Bytes(8), bytes =>
        {
            if (!Bcd.TryDecode(bytes, out var value))
                return;
            var again = new byte[8];
            Bcd.Encode(value, again);
            Assert.Equal(bytes, again);
        });
        Assert.False(Bcd.TryDecode(new byte[10], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bcd.Encode(100, new byte[1]));
    }

    [Theory]
    [InlineData("280229", true)]
    [InlineData("270229", false)]
    [InlineData("000101", true)]
    [InlineData("991231", true)]
    [InlineData("261100", false)]
    [InlineData("26110A", false)]
    [InlineData("2611", false)]
    public void A_date_is_one_of_the_calendar(string bcd, bool valid) => Assert.Equal(valid, Bcd.TryDecodeDate(Convert.FromHexString(bcd), out _));

    [Fact]
    public void A_counter_ends_at_its_last_value()
    {
        Assert.Equal(new Atc(2), new Atc(1).Next());
        Assert.Throws<InvalidOperationException>(() => new Atc(Atc.Last).Next());
    }

    [Fact]
    public void A_transaction_id_comes_back_from_its_text()
    {
        var id = Samples.Request.TransactionId;
        Assert.Equal("101112131415161718191a1b1c1d1e1f", id.ToString());
        Assert.True(TransactionId.TryParse(id.ToString(), out var parsed));
        Assert.Equal(id, parsed);
        Assert.False(TransactionId.TryParse("1011", out _));
    }
}
