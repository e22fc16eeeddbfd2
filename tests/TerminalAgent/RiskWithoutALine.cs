using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Tap;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>What the terminal itself decides, as a table: value, unsent records, hours since the last contact, and the answer.</summary>
public sealed class RiskWithoutALine
{
    private static readonly OfflinePolicy Policy = new(ValueMinorMax: 10_000, RecordsMax: 50, ContactAgeMax: TimeSpan.FromHours(72), PinAboveMinor: 5_000);
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10_000, 49, 72.0, null)]
    [InlineData(10_001, 49, 72.0, TapOutcomeKind.OfflineValueTooHigh)]
    [InlineData(10_000, 50, 72.0, TapOutcomeKind.TooManyUnsent)]
    [InlineData(10_000, 49, 72.1, TapOutcomeKind.TooLongWithoutContact)]
    [InlineData(10_000, 49, null, TapOutcomeKind.TooLongWithoutContact)]
    [InlineData(10_001, 50, 72.1, TapOutcomeKind.TooLongWithoutContact)] // the first that applies
    [InlineData(10_001, 50, 72.0, TapOutcomeKind.TooManyUnsent)]
    public void Is_bounded(long value, int unsent, double? hours, TapOutcomeKind? refusal)
    {
        var standing = new OfflineStanding(unsent, hours is { } age ? Now - TimeSpan.FromHours(age) : null, Now);

        Assert.Equal(refusal, RiskChecks.RefuseOffline(new Draw([], [], 0, value), Policy, standing));
    }

    [Theory]
    [InlineData(5_000, 20_000u, false)]
    [InlineData(5_001, 20_000u, true)] // the terminal's threshold
    [InlineData(2_001, 2_000u, true)] // the card's own
    [InlineData(2_000, 2_000u, false)]
    public void Asks_for_the_PIN_above_the_lower_of_two_thresholds(uint piastres, uint cardThreshold, bool needsPin) =>
        Assert.Equal(needsPin, RiskChecks.NeedsPin(Request(piastres), Policy, Card(cardThreshold)));

    private static GenerateAcRequest Request(uint piastres) => new()
    {
        AmountMinor = 0,
        Currency = 818,
        Date = new DateOnly(2026, 11, 22),
        Time = new TimeOnly(9, 30),
        Type = 0,
        UnpredictableNumber = new byte[16],
        Terminal = TerminalId.Parse("TERM0001"),
        BasketHash = new byte[32],
        TransactionId = new TransactionId(1),
        Draws = [new RequestedDraw(ProgrammeCode.Groceries, piastres, QuantityUnit.MinorCurrency)],
    };

    private static ProcessingOptionsResponse Card(uint threshold) => new()
    {
        Atc = new Atc(1),
        Allowances = [],
        ConsecutiveOffline = default,
        PinTriesLeft = 3,
        PinThresholdMinor = threshold,
        ScriptCounter = 0,
        Chain = default,
        LastTransactionId = null,
    };
}
