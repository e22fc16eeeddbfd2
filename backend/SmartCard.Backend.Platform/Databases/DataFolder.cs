namespace SmartCard.Backend.Platform.Databases;

/// <summary>The folder of everything that this installation keeps as files. Its owner alone may read it and what is in it.</summary>
public sealed class DataFolder
{
    private DataFolder(string path) => FullPath = path;

    public string FullPath { get; }

    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written.</exception>
    public static DataFolder At(string path)
    {
        var full = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(full);
        else
            Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var probe = Path.Combine(full, $".writable.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}");
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
        return new DataFolder(full);
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public DataFolder Folder(string name) => At(PathOf(name));

    /// <summary>The file's content. Where there is none, <paramref name="create"/> makes it and it is on disk before this returns; the first of several processes wins.</summary>
    public byte[] GetOrCreate(string name, Func<byte[]> create)
    {
        var path = PathOf(name);
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        var content = create();
        return TryMove(WriteDraft(path, content), path, overwrite: false) ? content : File.ReadAllBytes(path);
    }

    /// <summary>Puts a file in place, whole or not at all.</summary>
    public void Replace(string name, ReadOnlySpan<byte> content)
    {
        var path = PathOf(name);
        TryMove(WriteDraft(path, content), path, overwrite: true);
    }

    private static string WriteDraft(string path, ReadOnlySpan<byte> content)
    {
        var draft = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.draft";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(draft, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
        return draft;
    }

    private static bool TryMove(string draft, string path, bool overwrite)
    {
        try
        {
            File.Move(draft, path, overwrite);
            return true;
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            File.Delete(draft);
            return false;
        }
    }
}
