using System.CommandLine;
using SmartCard.Protocol.Apdus;

namespace SmartCard.Cardctl;

/// <summary>apdu: commands to a card in its file, one after another in one power-on.</summary>
internal static class ApduCommand
{
    public static Command Define(TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "The card." };
        var apdus = new Argument<string[]>("HEX") { Description = "Command APDUs in hexadecimal, each one argument.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("apdu", "Sends command APDUs to a card and prints its answers. Exits with 3 when the last answer is an error status.") { file, apdus };
        command.SetAction(result =>
        {
            var commands = result.GetValue(apdus)!.Select(Parse).ToArray();
            using var card = CardFile.Open(result.GetValue(file)!);
            card.Card.PowerOn();
            return Exchange(output, card, commands);
        });
        return command;
    }

    private static int Exchange(TextWriter output, CardFile card, byte[][] commands)
    {
        var last = StatusWord.Success;
        foreach (var command in commands)
        {
            var answer = card.Card.Transmit(command);
            output.WriteLine($"> {Hex.Format(command)}");
            output.WriteLine($"< {Hex.Format(answer)}");
            last = StatusWord.FromBytes(answer[^2], answer[^1]);
        }

        var refused = !last.IsSuccess && !last.IsWarning && !last.IsMoreDataAvailable;
        return (int)(refused ? ExitCode.CardRefused : ExitCode.Success);
    }

    private static byte[] Parse(string text) => Hex.TryParse(text, out var bytes)
        ? bytes
        : throw new CardctlException(ExitCode.Usage, $"'{text}' is not hexadecimal.");
}
