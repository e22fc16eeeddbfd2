using SmartCard.TerminalAgent.Messages;
using Spectre.Console;
using Text = SmartCard.TerminalAgent.Messages.Text;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>A terminal's status as a table, and as one line that is always in sight.</summary>
internal static class StatusTable
{
    public static Table Of(Terminal terminal, Language language)
    {
        var status = terminal.Status();
        var table = new Table().HideHeaders().AddColumns("", "");
        void Row(Text name, string value) => table.AddRow(new Markup(name.In(language).EscapeMarkup()), new Markup(value.EscapeMarkup()));
        Row(ConsoleWords.Terminal, status.Terminal.Value);
        Row(status.IsOnline ? ConsoleWords.Online : ConsoleWords.Offline, "");
        Row(ConsoleWords.LastContact, status.LastContact is { } contact ? $"{contact:yyyy/MM/dd HH:mm} UTC" : "-");
        Row(ConsoleWords.Unsent.With(""), $"{status.Unsent}");
        Row(ConsoleWords.Torn.With(""), $"{status.Torn}");
        Row(ConsoleWords.RefundsDue.With(""), $"{status.RefundsDue}");
        Row(ConsoleWords.Batch, status.OpenBatch == 0 ? "-" : $"{status.OpenBatch}");
        Row(ConsoleWords.Parameters, status.ParametersVersion);
        Row(ConsoleWords.Denied, $"{status.DeniedCards}");
        Row(ConsoleWords.Certificate, $"{status.CertificateNotAfter:yyyy/MM/dd}");
        return table;
    }

    /// <summary>Word and shape, not colour alone, say whether there is a line; the unsent count is there even when it is 0.</summary>
    public static string Line(Terminal terminal, Language language)
    {
        var status = terminal.Status();
        var line = (status.IsOnline ? ConsoleWords.Online : ConsoleWords.Offline).In(language);
        var torn = status.Torn == 0 ? "" : "   " + ConsoleWords.Torn.With($"{status.Torn}").In(language);
        var refunds = status.RefundsDue == 0 ? "" : "   " + ConsoleWords.RefundsDue.With($"{status.RefundsDue}").In(language);
        return $"{terminal.Id}   {line}   {ConsoleWords.Unsent.With($"{status.Unsent}").In(language)}{torn}{refunds}";
    }
}
