using System.Collections.Frozen;
using System.Text.Json;
using SmartCard.Backend.Registry.Contracts;

namespace SmartCard.Backend.Registry.Divisions;

/// <summary>The administrative divisions, read once from the embedded data.</summary>
internal static class Governorates
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip };

    public static IReadOnlyList<Governorate> All { get; } = Read();

    private static readonly FrozenSet<short> Codes = All.Select(governorate => governorate.Code).ToFrozenSet();

    public static bool Exists(short code) => Codes.Contains(code);

    private static IReadOnlyList<Governorate> Read()
    {
        using var resource = typeof(Governorates).Assembly.GetManifestResourceStream("Divisions/eg.json")!;
        return JsonSerializer.Deserialize<File>(resource, Json)!.Governorates;
    }

    private sealed record File(IReadOnlyList<Governorate> Governorates);
}
