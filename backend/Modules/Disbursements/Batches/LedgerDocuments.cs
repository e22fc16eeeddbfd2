using System.Buffers;
using System.Text;
using System.Text.Json;
using SmartCard.Backend.Disbursements.Decisions;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// A household's row in words: everything that a usual draw has to know, so that it is one look-up and one update, whatever it touches. Arrays of numbers,
/// which the views name (LedgerViews). Nothing in it may be below zero: what is left of a balance and what is outstanding of an allowance are written rather
/// than their limits, so a minus sign anywhere is a broken invariant, and the table refuses it (LedgerChecks.NothingBelowZero).
/// </summary>
internal static class HouseholdDocument
{
    private const string ClosedBefore = "closedBefore";
    private const string Balances = "balances";
    private const string Allowances = "allowances";
    private const string Cards = "cards";

    private const int RowLengthMax = 8;

    /// <summary>The open periods alone; what is closed has rows of its own.</summary>
    public static string Encode(HouseholdState state) => JsonText.Write(state, static (json, state) =>
    {
        json.WriteStartObject();
        if (state.ClosedBefore > 0)
            json.WriteNumber(ClosedBefore, state.ClosedBefore);
        json.WriteStartArray(Balances);
        foreach (var balance in state.Balances)
        {
            if (!balance.IsEmpty && !state.IsClosed(balance.Period))
            {
                json.WriteRow(
                    balance.Quota.Value, balance.Period.Value, balance.Consumed, balance.Lent, balance.Limit - balance.Consumed - balance.Lent, balance.Credited,
                    balance.Day, balance.DayConsumed);
            }
        }
        json.WriteEndArray();
        json.WriteStartArray(Allowances);
        foreach (var allowance in state.Allowances)
        {
            if (!allowance.IsEmpty && !state.IsClosed(allowance.Period))
                json.WriteRow((long)allowance.Card.Value, allowance.Quota.Value, allowance.Period.Value, allowance.Granted, allowance.Outstanding, allowance.ScriptCounter);
        }
        json.WriteEndArray();
        json.WriteStartArray(Cards);
        foreach (var counter in state.Counters)
        {
            var chain = counter.ChainAfter.Value;
            json.WriteRow((long)counter.Card.Value, counter.Atc.Value, (long)(chain >> 32), (long)(chain & uint.MaxValue));
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <exception cref="LedgerInvariantException">The text is none of this program's.</exception>
    public static void Decode(string text, HouseholdState state)
    {
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        Span<long> row = stackalloc long[RowLengthMax];
        string? part = null;
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    part = json.GetString();
                    break;
                case JsonTokenType.Number:
                    Invariant.Holds(part == ClosedBefore, "a household's row has one number by itself");
                    state.ReadClosedBefore(json.GetInt32());
                    break;
                case JsonTokenType.StartArray when json.CurrentDepth == 2:
                    Add(part, row[..ReadNumbers(ref json, row)], state);
                    break;
            }
        }
    }

    private static void Add(string? part, ReadOnlySpan<long> row, HouseholdState state)
    {
        switch (part, row.Length)
        {
            case (Balances, 8):
                state.Read(new Balance(new QuotaCode((ushort)row[0]), new PeriodId((int)row[1]))
                {
                    Consumed = row[2],
                    Lent = row[3],
                    Limit = row[2] + row[3] + row[4],
                    Credited = row[5],
                    Day = (int)row[6],
                    DayConsumed = row[7],
                });
                break;
            case (Allowances, 6):
                state.Read(new LentAllowance(LedgerRows.CardOf(row[0]), new QuotaCode((ushort)row[1]), new PeriodId((int)row[2]))
                {
                    Granted = row[3],
                    Settled = row[3] - row[4],
                    ScriptCounter = (uint)row[5],
                });
                break;
            case (Cards, 4):
                state.Read(new CardCounter(LedgerRows.CardOf(row[0]), new Atc((ushort)row[1]), new RecordChain(((ulong)row[2] << 32) | (ulong)row[3])));
                break;
            default:
                throw new LedgerInvariantException($"a household's row has parts that this program knows, and not {part} with {row.Length} numbers");
        }
    }

    /// <summary>How many there were.</summary>
    private static int ReadNumbers(ref Utf8JsonReader json, scoped Span<long> row)
    {
        var count = 0;
        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            Invariant.Holds(count < row.Length, "a row of a document has as many numbers as it has names");
            row[count++] = json.GetInt64();
        }
        return count;
    }
}

/// <summary>The lines of a disbursement as its row has them, for the view disbursement_lines: programme, unit, quantity, subsidy, what the citizen pays.</summary>
internal static class LinesDocument
{
    public static string Encode(IReadOnlyList<DisbursementLine> lines) => lines.Count == 0 ? "[]" : JsonText.Write(lines, static (json, lines) =>
    {
        json.WriteStartArray();
        foreach (var line in lines)
            json.WriteRow(line.Programme.Value, (long)line.Unit, line.Quantity, line.SubsidyMinor, line.CitizenPaysMinor);
        json.WriteEndArray();
    });
}

internal static class JsonText
{
    // One document after the other on the memory that its thread wrote the last one with.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _own;

    public static string Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var (buffer, json) = _own ??= Create();
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        write(json, value);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void WriteRow(this Utf8JsonWriter json, params ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray();
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) Create()
    {
        var buffer = new ArrayBufferWriter<byte>();
        return (buffer, new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }));
    }
}
