using Google.Protobuf;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Decisions.Tests;

/// <summary>What was answered once is kept as bytes and read again; bytes that are no outcome are a bug, never a default.</summary>
public sealed class An_outcome_for_ever
{
    private static readonly TransactionId s_transaction = new(0x0123456789ABCDEF);

    [Fact]
    public void Gives_back_every_field_of_an_approval()
    {
        var approved = new DrawOutcome.Approved(
            s_transaction, 42, Household.Sunday,
            [
                new QuotaBalance(Country.Bread, ProgrammeCode.Bread, QuantityUnit.Loaf, new PeriodId(20261100), 90, 10, 6, 5),
                new QuotaBalance(Country.SugarCap, ProgrammeCode.Groceries, QuantityUnit.Gram, new PeriodId(20261122), 9, 8, 7, 6),
            ],
            SubsidyMinor: 2_320, CitizenPaysMinor: 200);

        var again = Assert.IsType<DrawOutcome.Approved>(OutcomeCodec.Decode(OutcomeCodec.Encode(approved)));

        Assert.Equal(approved with { Balances = [] }, again with { Balances = [] });
        Assert.Equal(approved.Balances, again.Balances);
    }

    [Theory]
    [InlineData(DeclineReason.OutsideDrawWindow, 1, 5, false)]
    [InlineData(DeclineReason.AtcReplayed, null, 0, true)]
    public void Gives_back_every_field_of_a_decline(DeclineReason reason, int? quota, long available, bool fraudCase)
    {
        var declined = new DrawOutcome.Declined(s_transaction, reason, quota is { } code ? new QuotaCode((ushort)code) : null, available, fraudCase);

        Assert.Equal(declined, OutcomeCodec.Decode(OutcomeCodec.Encode(declined)));
    }

    [Fact]
    public void Says_on_the_wire_what_it_says_here()
    {
        var wire = Wire.Outcome.Parser.ParseFrom(OutcomeCodec.Encode(new DrawOutcome.Approved(s_transaction, 42, Household.Sunday, [], 2_320, 200)));

        Assert.Equal((s_transaction.ToString(), 42, 20261122u, 2_320, 200),
            (wire.TransactionId, wire.Approved.DisbursementId, wire.Approved.BusinessDate.Yyyymmdd, wire.Approved.SubsidyMinor, wire.Approved.CitizenPaysMinor));
    }

    [Fact]
    public void Is_not_read_out_of_bytes_that_are_none()
    {
        Assert.Throws<LedgerInvariantException>(() => OutcomeCodec.Decode(new Wire.Outcome { TransactionId = s_transaction.ToString() }.ToByteArray()));
        Assert.Throws<LedgerInvariantException>(() => OutcomeCodec.Decode(new Wire.Outcome { TransactionId = "no id", Declined = new Wire.Declined() }.ToByteArray()));
    }

    [Fact]
    public void Is_nothing_but_approved_or_declined() => Assert.Throws<ArgumentException>(() => OutcomeCodec.Encode(new Undecided(s_transaction)));

    private sealed record Undecided(TransactionId Transaction) : DrawOutcome(Transaction);
}
