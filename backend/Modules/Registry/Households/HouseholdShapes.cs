using System.Globalization;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Households;

/// <summary>Shapes of households on a date: one statement for as many as a batch of draws asks for.</summary>
internal sealed class HouseholdShapes(IDbConnectionFactory database)
{
    private readonly string _sql = Sql(database);

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation)
    {
        var shapes = new Dictionary<HouseholdId, HouseholdShape>(households.Count);
        if (households.Count == 0)
            return shapes;
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _sql;
        command.Add("date", date);
        database.AddList(command, "ids", households.Select(household => household.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var household = new HouseholdId(reader.GetInt64(0));
            shapes[household] = new HouseholdShape(household, checked((int)reader.GetInt64(2)), CodesOf(reader.GetString(3)), reader.GetInt16(1));
        }
        return shapes;
    }

    private static string Sql(IDbConnectionFactory database)
    {
        var (households, members, admissions) = (Table("households"), Table("members"), Table("admissions"));
        var join = database.Provider == DatabaseProvider.Postgres ? "string_agg(a.programme::text, ',' ORDER BY a.programme)" : "group_concat(a.programme, ',' ORDER BY a.programme)";
        return $"""
            SELECT h.household, h.governorate,
                   (SELECT count(*) FROM {members} m WHERE m.household = h.household AND m.since <= @date AND (m.until IS NULL OR m.until > @date)),
                   coalesce((SELECT {join} FROM {admissions} a WHERE a.household = h.household), '')
            FROM {households} h WHERE {database.In("h.household", "ids")}
            """;

        string Table(string table) => database.Table(RegistryDbContext.SchemaName, table);
    }

    private static ushort[] CodesOf(string list) =>
        list.Length == 0 ? [] : Array.ConvertAll(list.Split(','), code => ushort.Parse(code, CultureInfo.InvariantCulture));
}
