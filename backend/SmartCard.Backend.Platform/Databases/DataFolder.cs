namespace SmartCard.Backend.Platform.Databases;

/// <summary>The folder of everything that this installation keeps as files. Its owner alone may read it.</summary>
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

        var probe = Path.Combine(full, ".writable");
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
        return new DataFolder(full);
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);
}
