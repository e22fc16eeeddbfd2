namespace SmartCard.Acceptance.Tests.Support;

internal static class Repository
{
    /// <summary>The checkout that these tests were built in: the nearest folder above with the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    private static string Find(string folder)
    {
        while (!System.IO.File.Exists(Path.Combine(folder, "SmartCard.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of a checkout.");
        return folder;
    }
}
