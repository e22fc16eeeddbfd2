using System.Diagnostics;
using System.Globalization;

namespace SmartCard.Faults.Processes;

/// <summary>
/// A small file system of its own that can be filled to the last byte and emptied again: ext4 in a file, through a loop device; where there are none, a tmpfs. Mounting
/// takes root; tools/faults starts the campaign in a mount namespace of its own, so that nobody else sees it and it goes with the campaign.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _ballast;

    private SmallDisk(string path, string kind)
    {
        (Path, Kind) = (path, kind);
        _ballast = System.IO.Path.Combine(path, "ballast");
    }

    /// <summary>A folder on it.</summary>
    public string Path { get; }

    /// <summary>"ext4" or "tmpfs".</summary>
    public string Kind { get; }

    /// <summary>Null, with the reason, where nothing can be mounted.</summary>
    public static async Task<(SmallDisk? Disk, string Reason)> MountAsync(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        if (!Environment.IsPrivilegedProcess)
            return (null, "mounting takes root");
        var image = path + ".img";
        var size = megabytes.ToString(CultureInfo.InvariantCulture) + "M";
        var refusal = await TryAsync("truncate", "-s", size, image) ?? await TryAsync("mkfs.ext4", "-q", "-m", "0", "-F", image) ?? await TryAsync("mount", "-o", "loop", image, path);
        if (refusal is null)
            return (new SmallDisk(path, "ext4"), "");
        refusal = await TryAsync("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", path);
        return refusal is null ? (new SmallDisk(path, "tmpfs"), "") : (null, "mount: " + refusal);
    }

    /// <summary>Leaves not one free byte.</summary>
    public async Task FillAsync()
    {
        // Once for most of it, then until the last block is gone: metadata and the other side take some in between.
        for (var round = 0; round < 100 && new DriveInfo(Path).AvailableFreeSpace is > 0 and var free; round++)
        {
            var length = File.Exists(_ballast) ? new FileInfo(_ballast).Length : 0;
            if (await TryAsync("fallocate", "-l", (length + free).ToString(CultureInfo.InvariantCulture), _ballast) is not null)
                await TryAsync("dd", "if=/dev/zero", "of=" + _ballast, "bs=4096", "oflag=append", "conv=notrunc", "status=none");
        }
    }

    public void Empty() => File.Delete(_ballast);

    public async ValueTask DisposeAsync() => await TryAsync("umount", "--lazy", Path);

    /// <summary>Null where it succeeded, else what the program said.</summary>
    private static async Task<string?> TryAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            await output;
            return process.ExitCode == 0 ? null : errors.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"{program}: {missing.Message}";
        }
    }
}
