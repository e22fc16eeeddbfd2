using System.Data.Common;
using System.Text;
using System.Text.Json;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Households;

/// <summary>
/// Shapes of households on a date. Every draw asks for one, and members change a few times in a household's life: so each household's row carries a document of its
/// programmes and of who was in it from when until when, made anew from the tables of admissions and members by whoever changes these. A draw then costs one look-up
/// instead of three.
/// </summary>
internal sealed class HouseholdShapes(IDbConnectionFactory database)
{
    private const string Programmes = "programmes";
    private const string Members = "members";

    /// <summary>Where a membership has no end, as yyyymmdd.</summary>
    private const int NoEnd = 99991231;

    private readonly string _find = $"{Select(database)} WHERE {database.In("household", "ids")}";
    private readonly string _list = $"{Select(database)} WHERE household > @after ORDER BY household LIMIT @limit";
    private readonly string _refresh =
        $"UPDATE {TableOf(database)("households")} AS h SET shape = {DocumentSql(database.Provider, TableOf(database))} WHERE {database.In("h.household", "ids")}";

    /// <summary>The document of the row <c>h</c> of households, as SQL: {"programmes":[code],"members":[[since,until]]}, dates as yyyymmdd, until exclusive.</summary>
    public static string DocumentSql(DatabaseProvider provider, Func<string, string> table)
    {
        var (pair, list, number) = provider == DatabaseProvider.Postgres
            ? ("json_build_array", "json_agg", (Func<string, string>)(date => $"to_char({date}, 'YYYYMMDD')::integer"))
            : ("json_array", "json_group_array", date => $"CAST(strftime('%Y%m%d', {date}) AS INTEGER)");
        return $$"""
            '{"{{Programmes}}":'
            || coalesce((SELECT CAST({{list}}(a.programme ORDER BY a.programme) AS text) FROM {{table("admissions")}} a WHERE a.household = h.household), '[]')
            || ',"{{Members}}":'
            || coalesce((SELECT CAST({{list}}({{pair}}({{number("m.since")}}, coalesce({{number("m.until")}}, {{NoEnd}})) ORDER BY m.since, m.person) AS text)
                         FROM {{table("members")}} m WHERE m.household = h.household), '[]')
            || '}'
            """;
    }

    /// <summary>Makes the documents of these households anew. Whoever changed their members or admissions calls it, in the same transaction.</summary>
    public async Task RefreshAsync(WriteTransaction write, IReadOnlyCollection<HouseholdId> households, CancellationToken cancellation)
    {
        await using var command = write.Connection.CreateCommand();
        (command.Transaction, command.CommandText) = (write.Transaction, _refresh);
        database.AddList(command, "ids", households.Select(household => household.Value).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation)
    {
        var shapes = new Dictionary<HouseholdId, HouseholdShape>(households.Count);
        if (households.Count == 0)
            return shapes;
        await using var connection = await database.OpenForLookupAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _find;
        database.AddList(command, "ids", households.Select(household => household.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var shape = ShapeAt(reader, date);
            shapes[shape.Household] = shape;
        }
        return shapes;
    }

    public async Task<IReadOnlyList<HouseholdShape>> ListAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _list;
        command.Add("after", after.Value);
        command.Add("limit", limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var shapes = new List<HouseholdShape>(limit);
        while (await reader.ReadAsync(cancellation))
            shapes.Add(ShapeAt(reader, date));
        return shapes;
    }

    private static string Select(IDbConnectionFactory database) => $"SELECT household, governorate, shape FROM {TableOf(database)("households")}";

    private static Func<string, string> TableOf(IDbConnectionFactory database) => table => database.Table(RegistryDbContext.SchemaName, table);

    private static HouseholdShape ShapeAt(DbDataReader reader, DateOnly date)
    {
        var (members, programmes) = Decode(reader.GetString(2), Yyyymmdd.Of(date));
        return new HouseholdShape(new HouseholdId(reader.GetInt64(0)), members, programmes, reader.GetInt16(1));
    }

    private static (int Members, List<ushort> Programmes) Decode(string document, int date)
    {
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(document));
        var programmes = new List<ushort>(2);
        var members = 0;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            var isOfMembers = json.ValueTextEquals(Members);
            for (json.Read(); json.Read() && json.TokenType != JsonTokenType.EndArray;)
            {
                if (!isOfMembers)
                    programmes.Add(json.GetUInt16());
                else if (IsMember(ref json, date))
                    members++;
            }
        }
        return (members, programmes);
    }

    /// <summary>Reads [since, until].</summary>
    private static bool IsMember(ref Utf8JsonReader json, int date)
    {
        var (since, until) = (Next(ref json), Next(ref json));
        json.Read();
        return since <= date && date < until;

        static int Next(ref Utf8JsonReader json) => json.Read() ? json.GetInt32() : throw new JsonException("A membership has two dates.");
    }
}
