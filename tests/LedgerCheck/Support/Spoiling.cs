using System.Text.Json.Nodes;

namespace SmartCard.LedgerCheck.Tests.Support;

/// <summary>One way to spoil a ledger.</summary>
/// <param name="Check">The check that has to find it.</param>
/// <param name="Sql">What somebody does to the tables.</param>
/// <param name="Row">A query for the words by which the report has to show one of the rows.</param>
public sealed record Spoiling(string Check, string Sql, string Row)
{
    // Places of the numbers in a household's state and in a disbursement's lines.
    private const int Quota = 0;
    private const int Consumed = 2;
    private const int LentOut = 3;
    private const int Left = 4;
    private const int CreditedSoFar = 5;
    private const int Day = 6;
    private const int DayConsumed = 7;
    private const int QuotaOfAllowance = 1;
    private const int Outstanding = 4;
    private const int ScriptCounter = 5;
    private const int Atc = 1;
    private const int ChainLow = 3;
    private const int Quantity = 2;
    private const int Subsidy = 3;
    private const int CitizenPays = 4;

    private const string Online = "(SELECT min(entry) FROM [disbursements] WHERE status = 1 AND NOT offline AND entry NOT IN (SELECT undoes FROM [reversals]))";
    private const string Declined = "(SELECT min(entry) FROM [disbursements] WHERE status = 2 AND reason = 21)";
    private const string Capped = "(SELECT min(entry) FROM [movements] WHERE quota = 201)";
    private const string Reversal = "(SELECT min(entry) FROM [reversals])";
    private const string Newest = "(SELECT max(entry) FROM [movements])";
    private const string Lending = "(SELECT min(entry) FROM [lendings])";
    private const string Refund = "(SELECT min(entry) FROM [refunds])";
    private const string TurnedIn = "(SELECT min(entry) FROM [movements] WHERE debit_kind = 2 AND credit_kind = 1)";
    private const string Expiry = "(SELECT min(entry) FROM [expiries])";
    private const string Household = $"(SELECT household FROM [disbursements] WHERE entry = {Online})";
    private const string Closed = "(SELECT min(household) FROM [closed_balances])";
    private const string ClosedBalanceColumns = "bucket, household, period, quota, consumed, lent, credited, quota_limit, day, day_consumed";
    private const string ClosedAllowanceColumns = "bucket, card, period, quota, household, granted, settled, script_counter";
    private const string MovementColumns = "bucket, household, debit_kind, debit_owner, credit_kind, credit_owner, quota, period, unit, amount";
    private const string DisbursementColumns =
        "card, atc, household, entry, status, reason, content_hash, transaction_id, terminal, merchant, outlet, offline, drawn_on, recorded_on, recorded_at, "
        + "subsidy_minor, citizen_pays_minor, chain_before, chain_after, record, cryptogram, signature, basket, lines, outcome";

    public static readonly IReadOnlyList<Spoiling> All =
    [
        new("movement-moves", $"UPDATE [movements] SET amount = -amount WHERE entry = {Online} AND ordinal = 0", Entry(Online)),
        new("movement-moves", $"UPDATE [movements] SET debit_kind = 4 WHERE entry = {Online} AND ordinal = 0", Entry(Online)),
        new("movement-accounts", $"UPDATE [movements] SET debit_owner = debit_owner + 1 WHERE entry = {Online} AND ordinal = 0", Entry(Online)),
        new("movement-accounts", $"UPDATE [movements] SET unit = 1 WHERE entry = {Online} AND debit_kind = 1", Entry(Online)),
        new("quota-unit", $"UPDATE [movements] SET unit = 3 WHERE entry = {Online} AND ordinal = 0", "SELECT 'quota=1 unit=1 other_unit=3'"),
        new("movement-entry", $"INSERT INTO [movements] (entry, ordinal, {MovementColumns}) SELECT 999, ordinal, {MovementColumns} FROM [movements] WHERE entry = {Online}", Entry("999")),
        new("entry-once", $"UPDATE [credits] SET entry = {Online}", Entry(Online)),
        new("entry-moves", $"DELETE FROM [movements] WHERE entry = {Online}", Entry(Online)),
        new("entry-numbers", $"UPDATE [movements] SET ordinal = ordinal + 5 WHERE entry = {Online}", Entry(Online)),
        new("entry-numbers", $"UPDATE [entry_blocks] SET next = {Newest}", Entry(Newest)),
        new("entry-undoes", $"UPDATE [movements] SET undoes = 1 WHERE entry = {Online}", Entry(Online)),
        new("entry-undoes", $"UPDATE [movements] SET undoes = NULL WHERE entry = {Reversal}", Entry(Reversal)),
        new("reversal-mirrors", $"UPDATE [movements] SET amount = amount - 1 WHERE entry = {Reversal} AND ordinal = 0", Entry(Reversal)),
        new("reversal-mirrors", $"DELETE FROM [movements] WHERE entry = {Reversal} AND ordinal = 1", Entry(Reversal)),
        new("reversal-nothing-more",
            $"INSERT INTO [movements] (entry, ordinal, undoes, {MovementColumns}) SELECT entry, ordinal + 10, undoes, {MovementColumns} FROM [movements] WHERE entry = {Reversal}", Entry(Reversal)),
        new("reversal-of-approved", "UPDATE [reversals] SET undoes = undoes + 1000", Entry(Reversal)),
        new("refund-of-approved", $"UPDATE [refunds] SET undoes = undoes + 1000", Entry(Refund)),
        new("refund-of-approved", $"UPDATE [refunds] SET merchant = merchant + 1", Entry(Refund)),
        new("refund-opposes", $"UPDATE [movements] SET debit_owner = debit_owner + 1 WHERE entry = {Refund} AND ordinal = 0", Entry(Refund)),
        new("refund-within-draw", $"UPDATE [movements] SET amount = amount + 100 WHERE entry = {Refund} AND ordinal = 0", $"SELECT 'undoes=' || undoes FROM [refunds] WHERE entry = {Refund}"),
        new("refund-lines", $"UPDATE [refunds] SET subsidy_minor = subsidy_minor + 1 WHERE entry = {Refund}", Entry(Refund)),
        new("refund-lines", "DELETE FROM [refund_lines]", Entry(Refund)),
        new("line-moves", OnlineLines(line => Add(line, Quantity, 1)), Entry(Online)),
        new("line-moves", $"UPDATE [disbursements] SET merchant = merchant + 1 WHERE entry = {Online}", Entry(Online)),
        new("line-moves", $"UPDATE [movements] SET debit_owner = 2 WHERE entry = {Online} AND debit_kind = 1", Entry(Online)),
        new("disbursement-goods", OnlineLines(line => Add(line, Quantity, 1)), Entry(Online)),
        new("disbursement-subsidy", $"UPDATE [disbursements] SET subsidy_minor = subsidy_minor + 1 WHERE entry = {Online}", Entry(Online)),
        new("disbursement-subsidy", $"UPDATE [movements] SET amount = amount + 1 WHERE entry = {Online} AND debit_kind = 1", Entry(Online)),
        new("disbursement-lines", DocumentEdit.OfLines($"entry = {Online}", lines => lines.Clear()), Entry(Online)),
        new("line-shape", OnlineLines(line => line[Quantity] = 0), Differs(Online, "below zero")),
        new("line-shape", OnlineLines(line => line[Subsidy] = -1), Differs(Online, "below zero")),
        new("line-shape", OnlineLines(line => line.RemoveAt(CitizenPays)), Differs(Online, "lines: not 5 numbers")),
        new("line-shape", DocumentEdit.OfLines($"entry = {Online}", lines => lines.Add(lines[0]!.DeepClone())), Differs(Online, "a programme twice")),
        new("line-shape", $"UPDATE [disbursements] SET lines = 'none' WHERE entry = {Online}", Differs(Online, "no document")),
        new("declined-moves-nothing", $"UPDATE [disbursements] SET status = 2, reason = 20 WHERE entry = {Online}", Entry(Online)),
        new("basket-signed", $"UPDATE [disbursements] SET basket = record WHERE entry = {Online}", Entry(Online)),
        new("basket-lines", OnlineLines(line => Add(line, CitizenPays, 1)), Entry(Online)),
        new("basket-prices", OnlineLines(line => Add(line, Subsidy, 1)), Entry(Online)),
        new("cap-moves", $"UPDATE [movements] SET amount = amount - 1 WHERE entry = {Capped} AND quota = 201", Entry(Capped)),
        new("cap-moves", $"DELETE FROM [movements] WHERE entry = {Capped} AND quota = 201", Entry(Capped)),
        new("balance-not-negative", Balances(Household, row => row[LentOut] = -1), HouseholdWords(Household)),
        new("balance-not-negative", $"UPDATE [closed_balances] SET credited = -1 WHERE household = {Closed}", HouseholdWords(Closed)),
        new("balance-replay", Bread(row => (row[Consumed], row[Left]) = ((long)row[Consumed]! - 1, (long)row[Left]! + 1)), HouseholdWords(Household)),
        new("balance-replay", DocumentEdit.OfStates($"household = {Household}", state => state["balances"] = new JsonArray()), HouseholdWords(Household)),
        new("balance-replay", DocumentEdit.OfStates($"household = {Household}", state => state.Remove("balances")), HouseholdWords(Household)),
        new("balance-replay", $"UPDATE [closed_balances] SET consumed = consumed - 1 WHERE household = {Closed}", HouseholdWords(Closed)),
        new("balance-replay", $"DELETE FROM [closed_balances] WHERE household = {Closed}", HouseholdWords(Closed)),
        new("balance-replay", Rows("balances", "1 = 1", row => (int)row[Quota]! == 3, row => Add(row, CreditedSoFar, 1)), "SELECT 'quota=3'"),
        new("balance-day", Bread(row => Add(row, DayConsumed, 1)), HouseholdWords(Household)),
        new("balance-day", Bread(row => Add(row, Day, -1)), HouseholdWords(Household)),
        new("allowance-replay", BreadAllowance(row => Add(row, Outstanding, 1)), "SELECT 'quota=1'"),
        new("allowance-replay", $"UPDATE [closed_allowances] SET settled = settled - 1 WHERE household = {Closed}", "SELECT 'quota=1'"),
        new("lent-on-cards", Bread(row => Add(row, LentOut, 1)), HouseholdWords(Household)),
        new("lending-granted", $"UPDATE [lendings] SET granted = granted + 1 WHERE entry = {Lending}", $"SELECT 'script_counter=' || script_counter FROM [lendings] WHERE entry = {Lending}"),
        new("lending-granted", $"UPDATE [lendings] SET amount = amount + 1 WHERE entry = {Lending}", $"SELECT 'script_counter=' || script_counter FROM [lendings] WHERE entry = {Lending}"),
        new("lending-counter", $"UPDATE [lendings] SET script_counter = script_counter + 16000 WHERE entry = {Lending}", $"SELECT 'script_counter=' || (script_counter + 16000) FROM [lendings] WHERE entry = {Lending}"),
        new("lending-allowance", BreadAllowance(row => Add(row, ScriptCounter, 1)), "SELECT 'quota=1'"),
        new("credit-moves", "UPDATE [credits] SET amount = amount + 1", "SELECT 'amount=101 credited=100'"),
        new("credit-moves", $"UPDATE [movements] SET debit_kind = 1, credit_kind = 2 WHERE entry = {TurnedIn} AND ordinal = 0", Entry(TurnedIn)),
        new("turned-in-for-credit", $"DELETE FROM [credits] WHERE entry = {TurnedIn}", Entry(TurnedIn)),
        new("turned-in-for-credit", $"UPDATE [credits] SET period = 20261100 WHERE entry = {TurnedIn}", Entry(TurnedIn)),
        new("expiry-moves", $"UPDATE [expiries] SET amount = amount + 1 WHERE entry = {Expiry}", Entry(Expiry)),
        new("expiry-moves", $"DELETE FROM [movements] WHERE entry = {Expiry}", Entry(Expiry)),
        new("document-shape", Bread(row => row.RemoveAt(DayConsumed)), Document("balances: not 8 numbers")),
        new("document-shape", Bread(row => row[Consumed] = "many"), Document("balances: no such number at place 2")),
        new("document-shape", Bread(row => row[Day] = -1), Document("below zero")),
        new("document-shape", BreadAllowance(row => row[Outstanding] = -1), Document("below zero")),
        new("document-shape", Twice("balances"), Document("a balance twice")),
        new("document-shape", Twice("allowances"), Document("an allowance twice")),
        new("document-shape", Twice("cards"), Document("a card twice")),
        new("document-shape", DocumentEdit.OfStates($"household = {Household}", state => state["closedBefore"] = 20270101), Document("open before closedBefore")),
        new("document-shape", DocumentEdit.OfStates($"household = {Household}", state => state["closedBefore"] = "today"), Document("closedBefore is no day")),
        new("document-shape", DocumentEdit.OfStates($"household = {Household}", state => state.Remove("cards")), Document("a part is missing")),
        new("document-shape", DocumentEdit.OfStates($"household = {Household}", state => state["more"] = 1), Document("something else beside what belongs there")),
        new("document-shape", $"UPDATE [households] SET state = 'none' WHERE household = {Household}", Document("no document")),
        new("period-once", $"INSERT INTO [closed_balances] ({ClosedBalanceColumns}) SELECT {ClosedBalanceColumns} FROM [balances] WHERE household = {Household}", HouseholdWords(Household)),
        new("period-once", $"INSERT INTO [closed_allowances] ({ClosedAllowanceColumns}) SELECT {ClosedAllowanceColumns} FROM [allowances] WHERE household = {Household}", HouseholdWords(Household)),
        new("period-closed", $"UPDATE [closed_balances] SET period = period + 10000 WHERE household = {Closed}", HouseholdWords(Closed)),
        new("period-closed", $"UPDATE [closed_allowances] SET period = period + 10000 WHERE household = {Closed}", HouseholdWords(Closed)),
        new("period-closed", DocumentEdit.OfStates($"household = {Closed}", state => state.Remove("closedBefore")), HouseholdWords(Closed)),
        new("views-agree", "DROP VIEW [disbursement_lines]", "SELECT 'view=disbursement_lines differs=missing'"),
        new("views-agree",
            "DROP VIEW [card_counters]; CREATE VIEW [card_counters] AS SELECT bucket, household AS card, household, 0 AS atc, version AS chain_after FROM [households]", "SELECT 'view=card_counters'"),
        new("views-agree", $"DROP VIEW [balances]; CREATE VIEW [balances] AS SELECT {ClosedBalanceColumns} FROM [closed_balances]", "SELECT 'view=balances'"),
        new("household-turn", $"DELETE FROM [households] WHERE household = {Household}", HouseholdWords(Household)),
        new("balance-within-limit", Bread(row => row[Left] = -1), HouseholdWords(Household)),
        new("balance-within-limit", $"UPDATE [closed_balances] SET quota_limit = consumed + lent - 1 WHERE household = {Closed}", HouseholdWords(Closed)),
        new("allowance-within-grant", BreadAllowance(row => row[Outstanding] = -1), "SELECT 'quota=1'"),
        new("counter-once",
            $"INSERT INTO [disbursements] (bucket, {DisbursementColumns}) SELECT 1023 - bucket, {DisbursementColumns} FROM [disbursements] WHERE entry = {Online}", "SELECT 'times=2'"),
        new("card-household", $"UPDATE [disbursements] SET household = household + 1 WHERE entry = {Online}", HouseholdWords(Household)),
        new("card-counter", Cards(row => Add(row, Atc, -1)), HouseholdWords(Household)),
        new("card-counter", Cards(row => Add(row, Atc, 1)), HouseholdWords(Household)),
        new("card-counter", Cards(row => row[ChainLow] = (long)row[ChainLow]! ^ 1), HouseholdWords(Household)),
        new("card-counter", Cards(row => Add(row, 0, 10)), HouseholdWords(Household)),
        new("card-counter", DocumentEdit.OfStates($"household = {Household}", state => state["cards"] = new JsonArray()), HouseholdWords(Household)),
        new("card-chain", $"UPDATE [disbursements] SET chain_after = chain_after + 1 WHERE entry = {Online}", Entry(Online)),
        new("case-of-fork", "DELETE FROM [fraud_cases] WHERE kind = 4", "SELECT 'reason=9'"),
        new("case-of-fork", "DELETE FROM [fraud_cases] WHERE kind = 5", "SELECT 'reason=24'"),
        new("case-of-replay", "UPDATE [fraud_cases] SET atc = atc + 100 WHERE kind = 3", "SELECT 'atc=101'"),
        new("case-of-forgery", "DELETE FROM [fraud_cases] WHERE kind = 1", "SELECT 'reason=5'"),
        new("case-of-forgery", "DELETE FROM [fraud_cases] WHERE kind = 2", "SELECT 'reason=6'"),
        new("household-bucket", $"UPDATE [disbursements] SET household = household + 1 WHERE entry = {Online}", Differs(Online, "bucket")),
        new("record-content", $"UPDATE [disbursements] SET atc = atc + 1000 WHERE entry = {Online}", Differs(Online, "atc")),
        new("record-content", $"UPDATE [disbursements] SET content_hash = transaction_id WHERE entry = {Online}", Differs(Online, "content_hash")),
        new("record-content", $"UPDATE [disbursements] SET terminal = 'GROCER01' WHERE entry = {Online}", Differs(Online, "terminal")),
        new("record-content", $"UPDATE [disbursements] SET drawn_on = drawn_on - 1 WHERE entry = {Online}", Differs(Online, "drawn_on")),
        new("record-chain", $"UPDATE [disbursements] SET chain_before = chain_before + 1 WHERE entry = {Online}", Differs(Online, "chain_before")),
        new("record-chain", $"UPDATE [disbursements] SET chain_after = chain_after + 1 WHERE entry = {Online}", Differs(Online, "chain_after")),
        new("outcome-verdict", $"UPDATE [disbursements] SET reason = 16 WHERE entry = {Declined}", Differs(Declined, "reason")),
        new("outcome-verdict", $"UPDATE [disbursements] SET status = 1, reason = 0 WHERE entry = {Declined}", $"SELECT ' entry=' || {Declined} || ' status=1 differs=status'"),
        new("outcome-verdict", $"UPDATE [disbursements] SET citizen_pays_minor = 0 WHERE entry = {Online}", Differs(Online, "citizen_pays_minor")),
        new("outcome-verdict", $"UPDATE [disbursements] SET outcome = record WHERE entry = {Online}", Differs(Online, "outcome")),
        new("disbursement-ended", $"UPDATE [disbursements] SET status = 7 WHERE entry = {Online}", Entry(Online)),
        new("disbursement-ended", $"UPDATE [disbursements] SET reason = 0 WHERE entry = {Declined}", Entry(Declined)),
        new("refusal-reason", "UPDATE [refused_records] SET reason = 99", "SELECT 'reason=99'"),
        new("disbursement-evidence", $"UPDATE [disbursements] SET signature = cryptogram WHERE entry = {Online}", Entry(Online)),
        new("run-adds-up", "UPDATE [reconciliation.runs] SET matched = matched + 1", "SELECT 'run_id=1'"),
        new("run-terminals", "UPDATE [reconciliation.terminal_totals] SET recorded_subsidy_minor = recorded_subsidy_minor + 1", "SELECT 'run_id=1'"),
        new("run-breaks", "UPDATE [reconciliation.runs] SET matched = matched - 1, late = late + 1", "SELECT 'counted=1 breaks=0'"),
        new("run-lines", "UPDATE [reconciliation.runs] SET recorded = recorded + 1, matched = matched + 1, claimed = claimed + 1", "SELECT 'business_date=20261122'"),
    ];

    private Spoiling(string check, DocumentEdit edit, string row)
        : this(check, "", row) => Edit = edit;

    /// <summary>In place of <see cref="Sql"/>, where a document is to be changed.</summary>
    public DocumentEdit? Edit { get; }

    private static DocumentEdit OnlineLines(Action<JsonArray> change) => DocumentEdit.OfLines($"entry = {Online}", lines => Each(lines, _ => true, change));

    private static DocumentEdit Bread(Action<JsonArray> change) => Rows("balances", $"household = {Household}", row => (int)row[Quota]! == 1, change);

    private static DocumentEdit Balances(string household, Action<JsonArray> change) => Rows("balances", $"household = {household}", _ => true, change);

    private static DocumentEdit BreadAllowance(Action<JsonArray> change) => Rows("allowances", $"household = {Household}", row => (int)row[QuotaOfAllowance]! == 1, change);

    private static DocumentEdit Cards(Action<JsonArray> change) => Rows("cards", $"household = {Household}", _ => true, change);

    private static DocumentEdit Twice(string part) => DocumentEdit.OfStates($"household = {Household}", state => state[part]!.AsArray().Add(state[part]![0]!.DeepClone()));

    private static DocumentEdit Rows(string part, string where, Predicate<JsonArray> isMeant, Action<JsonArray> change) =>
        DocumentEdit.OfStates(where, state => Each(state[part]!.AsArray(), isMeant, change));

    private static void Each(JsonArray rows, Predicate<JsonArray> isMeant, Action<JsonArray> change)
    {
        foreach (var row in rows.Select(row => row!.AsArray()).Where(row => isMeant(row)))
            change(row);
    }

    private static void Add(JsonArray row, int place, long amount) => row[place] = (long)row[place]! + amount;

    private static string Document(string what) => $"SELECT 'household=' || {Household} || ' differs={what}'";

    private static string Entry(string entry) => $"SELECT ' entry=' || {entry}";

    private static string HouseholdWords(string household) => $"SELECT 'household=' || {household}";

    private static string Differs(string entry, string what) => $"SELECT ' entry=' || {entry} || ' status=' || status || ' differs={what}' FROM [disbursements] WHERE entry = {entry}";
}
