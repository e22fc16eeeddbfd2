using System.Threading.Channels;
using SmartCard.TerminalAgent.FrontEnd;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Readers;
using Spectre.Console;

namespace SmartCard.TerminalAgent.Tests.Readers;

/// <summary>Chosen by name or because it is the only one; waited for; and its going and coming told to the merchant, once each.</summary>
public sealed class TheReaderOfASession
{
    private static readonly string[] Two = ["ACME Reader 00", "ACME Reader 01"];

    [Theory]
    [InlineData("ACME Reader 01", "ACME Reader 01")]
    [InlineData("ACME Reader", "ACME Reader 00")]
    [InlineData("Reader", null)]
    [InlineData(null, null)]
    public void Is_the_one_that_was_named_where_there_are_several(string? wanted, string? chosen) => Assert.Equal(chosen, ReaderChoice.Among(Two, wanted));

    [Fact]
    public void Is_the_only_one_where_none_was_named() => Assert.Equal("ACME Reader 00", ReaderChoice.Among(["ACME Reader 00"], wanted: null));

    [Fact]
    public void Is_none_where_there_is_none() => Assert.Null(ReaderChoice.Among([], wanted: null));

    [Theory]
    [InlineData(null, "Other")]
    [InlineData("ACME", "ACME Reader 01")]
    public async Task Is_waited_for(string? wanted, string chosen)
    {
        var changes = Changes(new("Other", IsPresent: true), new("ACME Reader 01", IsPresent: false), new("ACME Reader 01", IsPresent: true));

        Assert.Equal(chosen, await ReaderChoice.WaitAsync(changes, wanted));
    }

    [Fact]
    public async Task Is_told_to_be_gone_and_to_be_back()
    {
        var printed = await TellAsync(
            new("ACME Reader 00", IsPresent: true), new("Other", IsPresent: true), new("Other", IsPresent: false),
            new("ACME Reader 00", IsPresent: false), new("ACME Reader 00", IsPresent: true));

        Assert.Equal("The card reader is gone; check its cable.\nThe card reader is back.\n", printed);
    }

    [Fact]
    public async Task Is_told_no_more_once_the_session_is_over()
    {
        using var over = new CancellationTokenSource();
        var changes = Channel.CreateUnbounded<ReaderChange>();
        var telling = new ReaderNotices("ACME Reader 00", NewConsole(new StringWriter()), Language.English).TellAsync(changes.Reader.ReadAllAsync(over.Token), over.Token);

        await over.CancelAsync();

        await telling.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static async Task<string> TellAsync(params ReaderChange[] changes)
    {
        var printed = new StringWriter();
        await new ReaderNotices("ACME Reader 00", NewConsole(printed), Language.English).TellAsync(Changes(changes), CancellationToken.None);
        return printed.ToString().ReplaceLineEndings("\n");
    }

    private static IAsyncEnumerable<ReaderChange> Changes(params ReaderChange[] changes) => changes.ToAsyncEnumerable();

    private static IAnsiConsole NewConsole(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
}
