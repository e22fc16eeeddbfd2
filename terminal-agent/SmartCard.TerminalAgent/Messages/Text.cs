namespace SmartCard.TerminalAgent.Messages;

/// <summary>A language that a screen or a receipt can be in.</summary>
public enum Language
{
    Arabic,
    French,
    English,
}

/// <summary>One sentence or label in the three languages of the users.</summary>
public sealed record Text(string Ar, string Fr, string En)
{
    public string In(Language language) => language switch
    {
        Language.Arabic => Ar,
        Language.French => Fr,
        _ => En,
    };

    /// <summary>Fills the place holders {0}, {1}, ... of all three languages.</summary>
    public Text With(params ReadOnlySpan<string> values) =>
        new(string.Format(null, Ar, ToObjects(values)), string.Format(null, Fr, ToObjects(values)), string.Format(null, En, ToObjects(values)));

    // string.Format has no span of strings.
    private static object[] ToObjects(ReadOnlySpan<string> values) => [.. values];
}

/// <summary>What happened, in plain words, and what to do now.</summary>
public sealed record Advice(Text What, Text NextStep);
