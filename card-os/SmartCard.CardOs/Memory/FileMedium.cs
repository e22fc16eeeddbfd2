using Microsoft.Win32.SafeHandles;

namespace SmartCard.CardOs.Memory;

/// <summary>A card's memory in a file. One process at a time has it open.</summary>
public sealed class FileMedium : IStorageMedium
{
    private readonly SafeFileHandle _file;

    private FileMedium(SafeFileHandle file) => _file = file;

    public long Length => RandomAccess.GetLength(_file);

    /// <exception cref="IOException">Not there, not readable, or open in another process.</exception>
    public static FileMedium OpenExisting(string path) => new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));

    /// <exception cref="IOException">It is there already, or cannot be made.</exception>
    public static FileMedium Create(string path) => new(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None));

    public int Read(long offset, Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(_file, destination[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, offset);

    public void Flush() => RandomAccess.FlushToDisk(_file);

    public void Dispose() => _file.Dispose();
}
