using System.CommandLine;

namespace SmartCard.Cardctl;

/// <summary>How a command ended; the process's exit code.</summary>
internal enum ExitCode
{
    Success = 0,

    /// <summary>The command line was not understood.</summary>
    Usage = 1,

    /// <summary>A file is missing, in use, exists already, or holds something else.</summary>
    File = 2,

    /// <summary>The card answered with an error status.</summary>
    CardRefused = 3,

    /// <summary>The virtual reader cannot be reached.</summary>
    Reader = 4,
}

/// <summary>An end of a command that its user can do something about; the message says what.</summary>
internal sealed class CardctlException(ExitCode exitCode, string message) : Exception(message)
{
    public ExitCode ExitCode => exitCode;
}

/// <summary>cardctl: makes, shows, tries and serves emulated cards.</summary>
internal static class CardctlCommandLine
{
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Makes, shows and serves emulated subsidy cards. A card is one file.\n\n"
            + "Exit codes: 0 done, 1 command line not understood, 2 file, 3 the card refused, 4 no virtual reader.")
        {
            PersonaliseCommand.Define(output),
            ShowCommand.Define(output),
            ApduCommand.Define(output),
            ServeCommand.Define(output),
        };
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            return root.Parse(args).Invoke(configuration);
        }
        catch (CardctlException exception)
        {
            error.WriteLine($"cardctl: {exception.Message}");
            return (int)exception.ExitCode;
        }
    }
}
