namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>Paper as a test can write it down.</summary>
internal static class PrintedPaper
{
    /// <param name="expected">With &lt; for the mark that makes a line read from the right, and square brackets around what is isolated from its direction.</param>
    public static void AssertPaper(string expected, string printed) => Assert.Equal(
        expected.Split('\n').Select(line => line.TrimEnd()),
        printed.TrimEnd('\n').Replace('\u200F', '<').Replace('\u2066', '[').Replace('\u2069', ']').Split('\n'));
}
