using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>A new row of one household.</summary>
internal readonly record struct Of<T>(HouseholdState State, T Row)
{
    public HouseholdId Household => State.Household;
    public short Bucket => State.Household.Bucket;
}

/// <summary>The columns that the path writes. A test compares them with the model.</summary>
internal static class LedgerColumns
{
    public static readonly TableColumns<HouseholdState> Households = new(
        "households",
        keyLength: 2,
        new Column<HouseholdState, short>("bucket", state => state.Household.Bucket),
        new Column<HouseholdState, long>("household", state => state.Household.Value),
        new Column<HouseholdState, long>("version", state => state.Version + 1),
        new Column<HouseholdState, string>("state", HouseholdDocument.Encode));

    public static readonly TableColumns<Of<Balance>> ClosedBalances = new(
        "closed_balances",
        keyLength: 4,
        new Column<Of<Balance>, short>("bucket", of => of.Bucket),
        new Column<Of<Balance>, long>("household", of => of.Household.Value),
        new Column<Of<Balance>, int>("period", of => of.Row.Period.Value),
        new Column<Of<Balance>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<Balance>, long>("consumed", of => of.Row.Consumed),
        new Column<Of<Balance>, long>("lent", of => of.Row.Lent),
        new Column<Of<Balance>, long>("credited", of => of.Row.Credited),
        new Column<Of<Balance>, long>("quota_limit", of => of.Row.Limit),
        new Column<Of<Balance>, int>("day", of => of.Row.Day),
        new Column<Of<Balance>, long>("day_consumed", of => of.Row.DayConsumed));

    public static readonly TableColumns<Of<LentAllowance>> ClosedAllowances = new(
        "closed_allowances",
        keyLength: 4,
        new Column<Of<LentAllowance>, short>("bucket", of => of.Bucket),
        new Column<Of<LentAllowance>, long>("card", of => Number(of.Row.Card)),
        new Column<Of<LentAllowance>, int>("period", of => of.Row.Period.Value),
        new Column<Of<LentAllowance>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<LentAllowance>, long>("household", of => of.Household.Value),
        new Column<Of<LentAllowance>, long>("granted", of => of.Row.Granted),
        new Column<Of<LentAllowance>, long>("settled", of => of.Row.Settled),
        new Column<Of<LentAllowance>, long>("script_counter", of => of.Row.ScriptCounter));

    public static readonly TableColumns<Of<DisbursementEntry>> Disbursements = new(
        "disbursements",
        keyLength: 3,
        new Column<Of<DisbursementEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<DisbursementEntry>, long>("card", of => Number(of.Row.Occupant.Card)),
        new Column<Of<DisbursementEntry>, int>("atc", of => of.Row.Occupant.Atc.Value),
        new Column<Of<DisbursementEntry>, long>("household", of => of.Household.Value),
        new Column<Of<DisbursementEntry>, long>("entry", of => of.Row.Occupant.Entry),
        new Column<Of<DisbursementEntry>, short>("status", of => (short)of.Row.Occupant.Status),
        new Column<Of<DisbursementEntry>, short>("reason", of => of.Row.Reason is { } reason ? (short)reason : (short)0),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("content_hash", of => of.Row.Occupant.ContentHash),
        new Column<Of<DisbursementEntry>, byte[]>("transaction_id", of => of.Row.Signed.Record.TransactionId.ToBytes()),
        new Column<Of<DisbursementEntry>, string>("terminal", of => of.Row.Signed.Record.Terminal.Value),
        new Column<Of<DisbursementEntry>, long>("merchant", of => of.Row.Merchant.Value),
        new Column<Of<DisbursementEntry>, long>("outlet", of => of.Row.Outlet.Value),
        new Column<Of<DisbursementEntry>, bool>("offline", of => of.Row.Signed.Record.Kind == CryptogramKind.Offline),
        new Column<Of<DisbursementEntry>, int>("drawn_on", of => Yyyymmdd.Of(of.Row.Signed.Record.Date)),
        new Column<Of<DisbursementEntry>, int>("recorded_on", of => Yyyymmdd.Of(of.Row.RecordedOn)),
        new Column<Of<DisbursementEntry>, long>("recorded_at", of => of.Row.RecordedAt.ToUnixTimeMilliseconds()),
        new Column<Of<DisbursementEntry>, long>("subsidy_minor", of => of.Row.SubsidyMinor),
        new Column<Of<DisbursementEntry>, long>("citizen_pays_minor", of => of.Row.CitizenPaysMinor),
        new Column<Of<DisbursementEntry>, long>("chain_before", of => unchecked((long)of.Row.Occupant.ChainBefore.Value)),
        new Column<Of<DisbursementEntry>, long>("chain_after", of => unchecked((long)of.Row.Occupant.ChainAfter.Value)),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("record", of => of.Row.Signed.Encoded),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("cryptogram", of => of.Row.Signed.Cryptogram),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("signature", of => of.Row.Signed.Signature),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("basket", of => of.Row.Basket),
        new Column<Of<DisbursementEntry>, string>("lines", of => LinesDocument.Encode(of.Row.Lines)),
        new Column<Of<DisbursementEntry>, ReadOnlyMemory<byte>>("outcome", of => of.Row.Occupant.Outcome));

    public static readonly TableColumns<Of<Movement>> Movements = new(
        "movements",
        keyLength: 3,
        new Column<Of<Movement>, short>("bucket", of => of.Bucket),
        new Column<Of<Movement>, long>("entry", of => of.Row.Entry),
        new Column<Of<Movement>, short>("ordinal", of => of.Row.Ordinal),
        new Column<Of<Movement>, long>("household", of => of.Household.Value),
        new Column<Of<Movement>, long?>("undoes", of => of.Row.Undoes),
        new Column<Of<Movement>, short>("debit_kind", of => (short)of.Row.Debit.Kind),
        new Column<Of<Movement>, long>("debit_owner", of => of.Row.Debit.Owner),
        new Column<Of<Movement>, short>("credit_kind", of => (short)of.Row.Credit.Kind),
        new Column<Of<Movement>, long>("credit_owner", of => of.Row.Credit.Owner),
        new Column<Of<Movement>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<Movement>, int>("period", of => of.Row.Period.Value),
        new Column<Of<Movement>, short>("unit", of => (short)of.Row.Unit),
        new Column<Of<Movement>, long>("amount", of => of.Row.Amount));

    public static readonly TableColumns<Of<LendingEntry>> Lendings = new(
        "lendings",
        keyLength: 3,
        new Column<Of<LendingEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<LendingEntry>, long>("card", of => Number(of.Row.Card)),
        new Column<Of<LendingEntry>, long>("script_counter", of => of.Row.ScriptCounter),
        new Column<Of<LendingEntry>, long>("household", of => of.Household.Value),
        new Column<Of<LendingEntry>, long>("entry", of => of.Row.Entry),
        new Column<Of<LendingEntry>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<LendingEntry>, int>("period", of => of.Row.Period.Value),
        new Column<Of<LendingEntry>, long>("amount", of => of.Row.Amount),
        new Column<Of<LendingEntry>, long>("granted", of => of.Row.Granted),
        new Column<Of<LendingEntry>, long>("lent_at", of => of.Row.At.ToUnixTimeMilliseconds()));

    public static readonly TableColumns<Of<ReversalEntry>> Reversals = new(
        "reversals",
        keyLength: 3,
        new Column<Of<ReversalEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<ReversalEntry>, long>("card", of => Number(of.Row.Card)),
        new Column<Of<ReversalEntry>, int>("atc", of => of.Row.Atc.Value),
        new Column<Of<ReversalEntry>, long>("household", of => of.Household.Value),
        new Column<Of<ReversalEntry>, long>("entry", of => of.Row.Entry),
        new Column<Of<ReversalEntry>, long>("undoes", of => of.Row.Undoes),
        new Column<Of<ReversalEntry>, short>("reason", of => (short)of.Row.Reason),
        new Column<Of<ReversalEntry>, string>("terminal", of => of.Row.Terminal.Value),
        new Column<Of<ReversalEntry>, int>("reversed_on", of => Yyyymmdd.Of(of.Row.ReversedOn)),
        new Column<Of<ReversalEntry>, long>("reversed_at", of => of.Row.At.ToUnixTimeMilliseconds()));

    public static readonly TableColumns<Of<CreditEntry>> Credits = new(
        "credits",
        keyLength: 2,
        new Column<Of<CreditEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<CreditEntry>, Guid>("credit_id", of => of.Row.CreditId),
        new Column<Of<CreditEntry>, long>("household", of => of.Household.Value),
        new Column<Of<CreditEntry>, long>("entry", of => of.Row.Entry),
        new Column<Of<CreditEntry>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<CreditEntry>, int>("period", of => of.Row.Period.Value),
        new Column<Of<CreditEntry>, long>("amount", of => of.Row.Amount),
        new Column<Of<CreditEntry>, long>("credited_at", of => of.Row.At.ToUnixTimeMilliseconds()));

    public static readonly TableColumns<Of<RefundEntry>> Refunds = new(
        "refunds",
        keyLength: 4,
        new Column<Of<RefundEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<RefundEntry>, long>("card", of => Number(of.Row.Card)),
        new Column<Of<RefundEntry>, int>("atc", of => of.Row.Atc.Value),
        new Column<Of<RefundEntry>, Guid>("refund_id", of => of.Row.RefundId),
        new Column<Of<RefundEntry>, long>("household", of => of.Household.Value),
        new Column<Of<RefundEntry>, long>("entry", of => of.Row.Entry),
        new Column<Of<RefundEntry>, long>("undoes", of => of.Row.Undoes),
        new Column<Of<RefundEntry>, string>("terminal", of => of.Row.Terminal.Value),
        new Column<Of<RefundEntry>, long>("merchant", of => of.Row.Merchant.Value),
        new Column<Of<RefundEntry>, ReadOnlyMemory<byte>>("basket", of => of.Row.Basket),
        new Column<Of<RefundEntry>, long>("subsidy_minor", of => of.Row.SubsidyMinor),
        new Column<Of<RefundEntry>, long>("citizen_gets_minor", of => of.Row.CitizenGetsMinor),
        new Column<Of<RefundEntry>, int>("refunded_on", of => Yyyymmdd.Of(of.Row.RefundedOn)),
        new Column<Of<RefundEntry>, long>("refunded_at", of => of.Row.At.ToUnixTimeMilliseconds()));

    public static readonly TableColumns<Of<RefundLine>> RefundLines = new(
        "refund_lines",
        keyLength: 5,
        new Column<Of<RefundLine>, short>("bucket", of => of.Bucket),
        new Column<Of<RefundLine>, long>("card", of => Number(of.Row.Refund.Card)),
        new Column<Of<RefundLine>, int>("atc", of => of.Row.Refund.Atc.Value),
        new Column<Of<RefundLine>, Guid>("refund_id", of => of.Row.Refund.RefundId),
        new Column<Of<RefundLine>, int>("programme", of => of.Row.Programme.Value),
        new Column<Of<RefundLine>, long>("household", of => of.Household.Value),
        new Column<Of<RefundLine>, byte[]>("transaction_id", of => of.Row.Transaction.ToBytes()),
        new Column<Of<RefundLine>, string>("terminal", of => of.Row.Refund.Terminal.Value),
        new Column<Of<RefundLine>, long>("merchant", of => of.Row.Refund.Merchant.Value),
        new Column<Of<RefundLine>, short>("unit", of => (short)of.Row.Unit),
        new Column<Of<RefundLine>, long>("quantity", of => of.Row.Quantity),
        new Column<Of<RefundLine>, long>("subsidy_minor", of => of.Row.SubsidyMinor),
        new Column<Of<RefundLine>, long>("citizen_gets_minor", of => of.Row.CitizenGetsMinor),
        new Column<Of<RefundLine>, int>("drawn_on", of => Yyyymmdd.Of(of.Row.DrawnOn)),
        new Column<Of<RefundLine>, int>("refunded_on", of => Yyyymmdd.Of(of.Row.Refund.RefundedOn)));

    public static readonly TableColumns<Of<ExpiryEntry>> Expiries = new(
        "expiries",
        keyLength: 2,
        new Column<Of<ExpiryEntry>, short>("bucket", of => of.Bucket),
        new Column<Of<ExpiryEntry>, long>("entry", of => of.Row.Entry),
        new Column<Of<ExpiryEntry>, long>("household", of => of.Household.Value),
        new Column<Of<ExpiryEntry>, long>("card", of => Number(of.Row.Card)),
        new Column<Of<ExpiryEntry>, int>("quota", of => of.Row.Quota.Value),
        new Column<Of<ExpiryEntry>, int>("period", of => of.Row.Period.Value),
        new Column<Of<ExpiryEntry>, long>("amount", of => of.Row.Amount),
        new Column<Of<ExpiryEntry>, long>("expired_at", of => of.Row.At.ToUnixTimeMilliseconds()));

    public static readonly TableColumns<FraudCase> FraudCases = new(
        "fraud_cases",
        keyLength: 5,
        new Column<FraudCase, short>("bucket", row => row.Household.Bucket),
        new Column<FraudCase, long>("card", row => Number(row.Signed.Record.Card)),
        new Column<FraudCase, int>("atc", row => row.Signed.Record.Atc.Value),
        new Column<FraudCase, short>("kind", row => (short)row.Kind),
        new Column<FraudCase, byte[]>("content_hash", row => row.Signed.ContentHash()),
        new Column<FraudCase, long>("household", row => row.Household.Value),
        new Column<FraudCase, string>("terminal", row => row.Terminal.Terminal.Value),
        new Column<FraudCase, long>("merchant", row => row.Terminal.Merchant.Value),
        new Column<FraudCase, int>("opened_on", row => Yyyymmdd.Of(row.OpenedOn)),
        new Column<FraudCase, long>("opened_at", row => row.At.ToUnixTimeMilliseconds()),
        new Column<FraudCase, ReadOnlyMemory<byte>>("record", row => row.Signed.Encoded),
        new Column<FraudCase, ReadOnlyMemory<byte>>("cryptogram", row => row.Signed.Cryptogram),
        new Column<FraudCase, ReadOnlyMemory<byte>>("signature", row => row.Signed.Signature));

    public static readonly TableColumns<RefusedRecord> RefusedRecords = new(
        "refused_records",
        keyLength: 5,
        new Column<RefusedRecord, short>("bucket", row => row.Bucket),
        new Column<RefusedRecord, long>("card", row => Number(row.Signed.Record.Card)),
        new Column<RefusedRecord, int>("atc", row => row.Signed.Record.Atc.Value),
        new Column<RefusedRecord, byte[]>("content_hash", row => row.Signed.ContentHash()),
        new Column<RefusedRecord, short>("reason", row => (short)row.Reason),
        new Column<RefusedRecord, string>("terminal", row => row.Terminal.Terminal.Value),
        new Column<RefusedRecord, long>("merchant", row => row.Terminal.Merchant.Value),
        new Column<RefusedRecord, long>("refused_at", row => row.At.ToUnixTimeMilliseconds()));

    private static long Number(CardNumber card) => (long)card.Value;
}
