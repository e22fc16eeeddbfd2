using System.Text.Json.Serialization;

namespace SmartCard.TerminalAgent.Backend;

/// <summary>The identity as it lies on disk. Keys are PKCS #8, certificates DER, the card's own form for the card certificate.</summary>
internal sealed record StoredIdentity
{
    public required string Terminal { get; init; }
    public required Uri Backend { get; init; }
    public required byte[] TlsKey { get; init; }
    public required byte[] CardKey { get; init; }
    public required byte[] TlsCertificate { get; init; }
    public required byte[][] TlsChain { get; init; }
    public required byte[] CardCertificate { get; init; }
    public required long NotAfterUnixSeconds { get; init; }
}

/// <summary>
/// Keys that were made, with the requests that were sent for them, whose certificates have not arrived. Kept, because the backend answers the same code
/// with the same requests as the first time: an answer that was lost can be asked for again. A request made anew would have another signature.
/// </summary>
internal sealed record PendingKeys
{
    public required string Terminal { get; init; }
    public required byte[] TlsKey { get; init; }
    public required byte[] CardKey { get; init; }

    /// <summary>PKCS #10, DER.</summary>
    public required byte[] TlsRequest { get; init; }
    public required byte[] CardRequest { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(StoredIdentity))]
[JsonSerializable(typeof(PendingKeys))]
internal sealed partial class IdentityJson : JsonSerializerContext;

/// <summary>Files with secrets: readable by their owner alone from the first byte, and replaced whole.</summary>
internal static class OwnerOnlyFile
{
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
