using System.Text.Json;

namespace SmartCard.Protocol.Tests.Vectors;

/// <summary>
/// Finds published vectors: the repository's own in protocol/vectors, and the large public collections in a folder shared/vectors beside the
/// repository or beside one of its parents.
/// </summary>
public static class PublishedVectors
{
    public static JsonElement Own(string file) => Parse(Path.Combine(RepositoryRoot().FullName, "protocol", "vectors", file));

    public static JsonElement Shared(string file) => Parse(SharedPath(file)!);

    public static string? SharedPath(string file)
    {
        for (var folder = RepositoryRoot().Parent; folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "vectors", file);
            if (File.Exists(path))
                return path;
        }

        return null;
    }

    public static byte[] Hex(this JsonElement element, string property) => Convert.FromHexString(element.GetProperty(property).GetString()!);

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static JsonElement Parse(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    private static DirectoryInfo RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SmartCard.sln")))
            folder = folder.Parent;
        return folder ?? throw new InvalidOperationException("These tests run from a build inside the repository.");
    }
}

/// <summary>A fact that needs a public collection of vectors; skipped, and reported so, where the collection is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedVectorFactAttribute : FactAttribute
{
    public SharedVectorFactAttribute(string file)
    {
        if (PublishedVectors.SharedPath(file) is null)
            Skip = $"No folder shared/vectors with {file} beside the repository.";
    }
}
