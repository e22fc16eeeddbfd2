using System.Data.Common;
using System.Globalization;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Households;

/// <summary>Shapes of households on a date: one statement for as many as a batch of draws asks for.</summary>
internal sealed class HouseholdShapes(IDbConnectionFactory database)
{
    private readonly string _find = $"{Select(database)} WHERE {database.In("h.household", "ids")}";
    private readonly string _list = $"{Select(database)} WHERE h.household > @after ORDER BY h.household LIMIT @limit";

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation)
    {
        var shapes = new Dictionary<HouseholdId, HouseholdShape>(households.Count);
        if (households.Count == 0)
            return shapes;
        await using var connection = await database.OpenForLookupAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _find;
        command.Add("date", date);
        database.AddList(command, "ids", households.Select(household => household.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var shape = ShapeAt(reader);
            shapes[shape.Household] = shape;
        }
        return shapes;
    }

    public async Task<IReadOnlyList<HouseholdShape>> ListAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _list;
        command.Add("date", date);
        command.Add("after", after.Value);
        command.Add("limit", limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var shapes = new List<HouseholdShape>(limit);
        while (await reader.ReadAsync(cancellation))
            shapes.Add(ShapeAt(reader));
        return shapes;
    }

    private static HouseholdShape ShapeAt(DbDataReader reader) =>
        new(new HouseholdId(reader.GetInt64(0)), checked((int)reader.GetInt64(2)), CodesOf(reader.GetString(3)), reader.GetInt16(1));

    private static string Select(IDbConnectionFactory database)
    {
        var (households, members, admissions) = (Table("households"), Table("members"), Table("admissions"));
        var join = database.Provider == DatabaseProvider.Postgres ? "string_agg(a.programme::text, ',' ORDER BY a.programme)" : "group_concat(a.programme, ',' ORDER BY a.programme)";
        return $"""
            SELECT h.household, h.governorate,
                   (SELECT count(*) FROM {members} m WHERE m.household = h.household AND m.since <= @date AND (m.until IS NULL OR m.until > @date)),
                   coalesce((SELECT {join} FROM {admissions} a WHERE a.household = h.household), '')
            FROM {households} h
            """;

        string Table(string table) => database.Table(RegistryDbContext.SchemaName, table);
    }

    private static ushort[] CodesOf(string list) =>
        list.Length == 0 ? [] : Array.ConvertAll(list.Split(','), code => ushort.Parse(code, CultureInfo.InvariantCulture));
}
