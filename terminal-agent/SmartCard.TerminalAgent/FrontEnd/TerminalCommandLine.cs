using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PCSC;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Messages;
using SmartCard.TerminalAgent.Readers;
using SmartCard.TerminalAgent.Receipts;
using Spectre.Console;
using ICardReader = SmartCard.TerminalAgent.Readers.ICardReader;

namespace SmartCard.TerminalAgent.FrontEnd;

/// <summary>How a command ended; the process's exit code.</summary>
internal enum ExitCode
{
    Success = 0,

    /// <summary>The command line was not understood, or a file that it names cannot be used.</summary>
    Usage = 1,

    /// <summary>The folder holds no terminal, another one, or one that is open.</summary>
    NotEnrolled = 2,

    /// <summary>The backend refused.</summary>
    Refused = 3,

    /// <summary>The backend did not answer.</summary>
    NoAnswer = 4,
}

/// <summary>The terminal's command line: enrol, run, status, readers.</summary>
internal static class TerminalCommandLine
{
    private static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = "The terminal's folder: keys, certificates, journal.",
        Required = true,
    };

    private static readonly Option<Uri?> Backend = new("--backend")
    {
        Description = "Where the backend answers, such as https://localhost:8443; by default where the terminal was enrolled.",
    };

    private static readonly Option<Language> LanguageOption = new("--language")
    {
        Description = "ar, fr or en.",
        DefaultValueFactory = _ => Language.Arabic,
        CustomParser = result => result.Tokens.Single().Value switch
        {
            "ar" => Language.Arabic,
            "fr" => Language.French,
            "en" => Language.English,
            var other => Fail(result, $"'{other}' is no language of the terminal: ar, fr or en."),
        },
    };

    public static Task<int> RunAsync(string[] args, IAnsiConsole console, TextReader input, CancellationToken cancellationToken)
    {
        var root = new RootCommand("A merchant's terminal: reads cards, draws, prints.\n\n"
            + "Exit codes: 0 done, 1 command line not understood, 2 no terminal in the folder, 3 the backend refused, 4 no answer.")
        {
            Enrol(console), Run(console, input), Status(console), Readers(console),
        };
        return root.Parse(args).InvokeAsync(cancellationToken: cancellationToken);
    }

    private static Command Enrol(IAnsiConsole console)
    {
        var backend = new Option<Uri>("--backend") { Description = "Where the backend answers.", Required = true };
        var root = new Option<FileInfo>("--root") { Description = "The ministry's root certificate, PEM or DER, that came with the letter.", Required = true };
        var terminal = new Option<string>("--terminal") { Description = "The terminal's number, 8 characters.", Required = true };
        var code = new Option<string>("--code") { Description = "The activation code of the letter.", Required = true };
        var command = new Command("enrol", "Makes the terminal's keys and trades the activation code for certificates.") { Data, backend, root, terminal, code };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (!TerminalId.TryParse(arguments.GetRequiredValue(terminal), out var id))
                return End(console, ExitCode.Usage, "--terminal: eight digits or capital letters.");
            if (ReadCertificate(arguments.GetRequiredValue(root)) is not { } certificate)
                return End(console, ExitCode.Usage, "--root: no certificate can be read from that file.");
            using (certificate)
            {
                var outcome = await Enrolment.EnrolAsync(
                    new EnrolmentOrder(arguments.GetRequiredValue(Data).FullName, arguments.GetRequiredValue(backend), certificate, id, arguments.GetRequiredValue(code)),
                    TimeProvider.System, cancellationToken);
                return outcome switch
                {
                    EnrolmentOutcome.Enrolled enrolled => End(console, ExitCode.Success, $"Enrolled until {enrolled.NotAfter:yyyy-MM-dd HH:mm} UTC."),
                    EnrolmentOutcome.Refused refused => End(console, ExitCode.Refused, $"Refused ({refused.Refusal.Reason}). {refused.Refusal.NextStep}"),
                    EnrolmentOutcome.BadCertificates bad => End(console, ExitCode.Refused, $"The backend's {bad.Fault} is not for this terminal. Nothing was stored."),
                    _ => End(console, ExitCode.NoAnswer, "No answer. Check address and line; the same code may be tried again."),
                };
            }
        });
        return command;
    }

    private static Command Run(IAnsiConsole console, TextReader input)
    {
        var reader = new Option<string?>("--reader") { Description = "Name of the card reader, or its beginning; by default the only one. It is waited for. 'readers' lists them." };
        var digits = new Option<DigitStyle>("--digits") { Description = "Digits of Arabic receipts.", DefaultValueFactory = _ => DigitStyle.ArabicIndic };
        var columns = new Option<int>("--columns") { Description = "Characters on a line of the printer's paper: 32 or 42.", DefaultValueFactory = _ => 42 };
        var command = new Command("run", "A merchant's session: basket, tap, receipt, X and Z.") { Data, Backend, reader, LanguageOption, digits, columns };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var monitor = new ReaderMonitor(ContextFactory.Instance, TimeProvider.System);
            var (present, wanted, language) = (monitor.Present(), arguments.GetValue(reader), arguments.GetValue(LanguageOption));
            if (wanted is null && present.Count > 1)
                return End(console, ExitCode.Usage, "There are several card readers: name one with --reader. 'readers' lists them.");
            if (ReaderChoice.Among(present, wanted) is not { } name)
            {
                console.WriteLine(ConsoleWords.WaitingForReader.In(language));
                try
                {
                    name = await ReaderChoice.WaitAsync(monitor.WatchAsync(cancellationToken), wanted);
                }
                catch (OperationCanceledException)
                {
                    return (int)ExitCode.Success; // the merchant gave up
                }
            }

            using var cards = new PcscCardReader(name, ContextFactory.Instance, TimeProvider.System);
            var options = OptionsOf(arguments) with
            {
                Digits = arguments.GetValue(digits),
                PaperColumns = arguments.GetValue(columns),
                PinPad = new ConsolePinPad(console, language),
            };
            return await WithTerminalAsync(console, options, cards, async terminal =>
            {
                terminal.StartSending();
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var notices = new ReaderNotices(name, console, language).TellAsync(monitor.WatchAsync(end.Token), end.Token);
                try
                {
                    await new MerchantConsole(new TerminalSession(terminal), console, input, language).RunAsync(cancellationToken);
                }
                finally
                {
                    await end.CancelAsync();
                    await notices;
                }

                return ExitCode.Success;
            });
        });
        return command;
    }

    private static Command Status(IAnsiConsole console)
    {
        var command = new Command("status", "What the terminal has and what it has not sent.") { Data, Backend, LanguageOption };
        command.SetAction(async (arguments, _) =>
        {
            using var nothing = new InProcessCardReader("none");
            return await WithTerminalAsync(console, OptionsOf(arguments), nothing, terminal =>
            {
                console.Write(StatusTable.Of(terminal, arguments.GetValue(LanguageOption)));
                return Task.FromResult(ExitCode.Success);
            });
        });
        return command;
    }

    private static Command Readers(IAnsiConsole console)
    {
        var command = new Command("readers", "Lists the card readers.");
        command.SetAction(_ =>
        {
            foreach (var name in new ReaderMonitor(ContextFactory.Instance, TimeProvider.System).Present())
                console.WriteLine(name);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static async Task<int> WithTerminalAsync(IAnsiConsole console, TerminalOptions options, ICardReader reader, Func<Terminal, Task<ExitCode>> use)
    {
        try
        {
            await using var terminal = await Terminal.OpenAsync(options, reader, TimeProvider.System);
            return (int)await use(terminal);
        }
        catch (InvalidOperationException refused)
        {
            return End(console, ExitCode.NotEnrolled, refused.Message);
        }
        catch (OperationCanceledException)
        {
            return (int)ExitCode.Success; // the merchant ended the session in the middle of a wait
        }
        catch (InvalidDataException damaged)
        {
            return End(console, ExitCode.NotEnrolled, damaged.Message);
        }
    }

    private static TerminalOptions OptionsOf(ParseResult arguments) => new()
    {
        DataFolder = arguments.GetRequiredValue(Data).FullName,
        Backend = arguments.GetValue(Backend),
        Language = arguments.GetValue(LanguageOption),
    };

    private static X509Certificate2? ReadCertificate(FileInfo file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file.FullName);
        }
        catch (CryptographicException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int End(IAnsiConsole console, ExitCode code, string message)
    {
        console.WriteLine(message);
        return (int)code;
    }

    private static Language Fail(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
