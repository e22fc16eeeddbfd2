namespace SmartCard.Demo.Day.Situations;

/// <summary>What happens at a counter besides ordinary draws: each plays with a household of its own and says how its tap must end.</summary>
internal sealed record Situation(string Name, Func<CancellationToken, Task> PlayAsync)
{
    /// <summary>
    /// A decline of each kind among them, but for one that no call can bring about: a terminal that is not enrolled has no certificate in force, and is refused for
    /// that before its record is looked at.
    /// </summary>
    public static IReadOnlyList<Situation> OfTheDay(Scene scene) =>
    [
        .. new EntitlementSituations(scene).All,
        .. new MerchantSituations(scene).All,
        .. new CardSituations(scene).All,
        .. new RogueTerminalSituations(scene).All,
        .. new LineSituations(scene).All,
        .. new RefundSituations(scene).All,
    ];
}
