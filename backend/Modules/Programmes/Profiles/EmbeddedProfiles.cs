namespace SmartCard.Backend.Programmes.Profiles;

/// <summary>The profiles that this program was built with.</summary>
internal static class EmbeddedProfiles
{
    private const string Folder = "Profiles/";
    private const string Extension = ".json";

    public static IReadOnlyList<string> Codes { get; } =
    [
        .. typeof(EmbeddedProfiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..^Extension.Length].ToUpperInvariant())
            .Order(StringComparer.Ordinal),
    ];

    public static byte[] Read(string code)
    {
        using var resource = typeof(EmbeddedProfiles).Assembly.GetManifestResourceStream(Folder + code.ToLowerInvariant() + Extension)
            ?? throw new ArgumentOutOfRangeException(nameof(code), "The profile's code is validated at start-up.");
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
