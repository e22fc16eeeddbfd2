using System.Text;
using SmartCard.TerminalAgent.FrontEnd;
using Spectre.Console;

Console.OutputEncoding = Encoding.UTF8;
return await TerminalCommandLine.RunAsync(args, AnsiConsole.Console, Console.In, CancellationToken.None);
