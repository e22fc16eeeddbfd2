using Google.Protobuf;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>
/// The outcome as subsidy.v1.Outcome. Encoded once, when it is decided; from then on the bytes are kept and repeated, so a later
/// version of this program cannot change what a terminal was told.
/// </summary>
internal static class OutcomeCodec
{
    public static byte[] Encode(DrawOutcome outcome)
    {
        var message = new Wire.Outcome { TransactionId = outcome.Transaction.ToString() };
        switch (outcome)
        {
            case DrawOutcome.Approved approved:
                message.Approved = new Wire.Approved
                {
                    DisbursementId = approved.DisbursementId,
                    BusinessDate = new Wire.BusinessDate { Yyyymmdd = (uint)Yyyymmdd.Of(approved.BusinessDate) },
                    SubsidyMinor = approved.SubsidyMinor,
                    CitizenPaysMinor = approved.CitizenPaysMinor,
                    Balances = { approved.Balances.Select(ToWire) },
                };
                break;
            case DrawOutcome.Declined declined:
                message.Declined = new Wire.Declined
                {
                    Reason = (Wire.DeclineReason)declined.Reason,
                    Quota = declined.Quota?.Value ?? 0,
                    Available = declined.Available,
                    FraudCase = declined.FraudCase,
                };
                break;
            default:
                throw new ArgumentException("An outcome is approved or declined.", nameof(outcome));
        }
        return message.ToByteArray();
    }

    public static DrawOutcome Decode(ReadOnlyMemory<byte> bytes)
    {
        var message = Wire.Outcome.Parser.ParseFrom(bytes.Span);
        var transaction = TransactionId.TryParse(message.TransactionId, out var parsed)
            ? parsed
            : throw new LedgerInvariantException("a stored outcome names its transaction");
        return message.ResultCase switch
        {
            Wire.Outcome.ResultOneofCase.Approved => new DrawOutcome.Approved(
                transaction,
                message.Approved.DisbursementId,
                Yyyymmdd.ToDate((int)message.Approved.BusinessDate.Yyyymmdd),
                [.. message.Approved.Balances.Select(FromWire)],
                message.Approved.SubsidyMinor,
                message.Approved.CitizenPaysMinor),
            Wire.Outcome.ResultOneofCase.Declined => new DrawOutcome.Declined(
                transaction,
                (DeclineReason)message.Declined.Reason,
                message.Declined.Quota == 0 ? null : new QuotaCode((ushort)message.Declined.Quota),
                message.Declined.Available,
                message.Declined.FraudCase),
            _ => throw new LedgerInvariantException("a stored outcome is approved or declined"),
        };
    }

    private static Wire.QuotaBalance ToWire(QuotaBalance balance) => new()
    {
        Quota = balance.Quota.Value,
        Programme = balance.Programme.Value,
        Unit = (Wire.QuantityUnit)balance.Unit,
        Period = (uint)balance.Period.Value,
        Limit = balance.Limit,
        Consumed = balance.Consumed,
        Lent = balance.Lent,
        AvailableNow = balance.AvailableNow,
    };

    private static QuotaBalance FromWire(Wire.QuotaBalance balance) => new(
        new QuotaCode((ushort)balance.Quota),
        new ProgrammeCode((ushort)balance.Programme),
        (QuantityUnit)balance.Unit,
        new PeriodId((int)balance.Period),
        balance.Limit,
        balance.Consumed,
        balance.Lent,
        balance.AvailableNow);
}
