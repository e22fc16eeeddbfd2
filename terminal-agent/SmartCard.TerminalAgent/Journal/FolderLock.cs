namespace SmartCard.TerminalAgent.Journal;

/// <summary>
/// A terminal's folder belongs to one open terminal at a time: a second one would take the first one's draws under way for torn. The operating system lets
/// go of it when the process ends, however it ends.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="InvalidOperationException">Another terminal has the folder open.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "terminal.lock");
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken)
        {
            throw new InvalidOperationException($"The terminal in '{folder}' is open already.", taken);
        }
    }

    public void Dispose() => _file.Dispose();
}
