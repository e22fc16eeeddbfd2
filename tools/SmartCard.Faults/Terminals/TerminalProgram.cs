using System.Globalization;
using SmartCard.Demo.Readers;
using SmartCard.Demo.World;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent;

namespace SmartCard.Faults.Terminals;

/// <summary>
/// What the terminal's own process does: serves cards in turn, a loaf each, and says every outcome as soon as a merchant would see it. Settling, it does what a merchant does after a
/// power cut: serves every card once more, which resolves what was torn, and lets the terminal send what is unsent.
/// </summary>
internal static class TerminalProgram
{
    public const string TapWord = "tap";
    public const string SettledWord = "settled";

    private const int SendingsMax = 600;
    private static readonly TimeSpan BetweenSendings = TimeSpan.FromMilliseconds(50);
    private static readonly IReadOnlyList<BasketLine> Loaf = [new(ProgrammeCode.Bread, new CommodityCode(1), 1, 20)];

    public static async Task<int> RunAsync(string folder, IReadOnlyList<string> cards, bool settle, CancellationToken cancellation)
    {
        using var slot = new InProcessReaderSlot("Reader of a process that may die");
        await using var terminal = await Terminal.OpenAsync(new TerminalOptions { DataFolder = folder }, slot.Reader, TimeProvider.System, cancellation);
        do
        {
            foreach (var card in cards)
                await ServeAsync(terminal, slot, card, cancellation);
        }
        while (!settle);
        return await SettleAsync(terminal, cancellation) ? 0 : 1;
    }

    private static async Task ServeAsync(Terminal terminal, InProcessReaderSlot slot, string file, CancellationToken cancellation)
    {
        using var hand = new DemoCard(default, default, file).Open();
        var presentation = slot.Present(hand.Card);
        await using (presentation)
        {
            var result = await terminal.TapAsync(Loaf, cancellation);
            Console.WriteLine($"{TapWord} {result.TransactionId} {result.Outcome.Kind}");
        }
    }

    private static async Task<bool> SettleAsync(Terminal terminal, CancellationToken cancellation)
    {
        for (var sending = 0; sending < SendingsMax && !(await terminal.SendUnsentAsync(cancellation)).IsAllSent; sending++)
            await Task.Delay(BetweenSendings, cancellation);
        var status = terminal.Status();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SettledWord} unsent={status.Unsent} torn={status.Torn}"));
        return status is { Unsent: 0, Torn: 0 };
    }
}
