using System.Data.Common;
using System.Text.RegularExpressions;
using SmartCard.Backend.Platform.Databases;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>
/// What a database says of its own tables: one sorted line for each column, key, reference, check and index. Triggers are left out: a
/// model cannot have any.
/// </summary>
internal static partial class CatalogueReader
{
    private const string PostgresQuery = """
        SELECT format('%s.%s column %s %s %s identity=%s default=%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {0}
        UNION ALL
        SELECT format('%s.%s constraint %s %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {0}
        UNION ALL
        SELECT format('%s.%s index %s', n.nspname, c.relname, pg_get_indexdef(i.indexrelid))
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {0}
        UNION ALL
        SELECT format('%s.%s sequence', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND {0}
        """;

    private const string PostgresOurs = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relname <> 'migrations'";

    private const string SqliteQuery = """
        WITH t AS (SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%migrations' AND name NOT LIKE '\_\_EF%' ESCAPE '\')
        SELECT t.name || ' column ' || c.name || ' ' || c.type || ' notnull=' || c."notnull" || ' pk=' || c.pk || ' default=' || ifnull(c.dflt_value, '')
        FROM t JOIN pragma_table_xinfo(t.name) c
        UNION ALL
        SELECT t.name || ' reference ' || f."from" || ' -> ' || f."table" || '.' || f."to" || ' on delete ' || f.on_delete FROM t JOIN pragma_foreign_key_list(t.name) f
        UNION ALL
        SELECT 'index ' || sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
        UNION ALL
        SELECT t.name || ' autoincrement' FROM t WHERE t.sql LIKE '%AUTOINCREMENT%'
        """;

    private const string SqliteTables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%migrations'";

    public static async Task<IReadOnlyList<string>> ReadAsync(IDbConnectionFactory database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        var lines = new List<string>();
        if (database.Provider == DatabaseProvider.Postgres)
        {
            await AddAsync(connection, PostgresQuery.Replace("{0}", PostgresOurs, StringComparison.Ordinal), reader => lines.Add(reader.GetString(0)));
        }
        else
        {
            await AddAsync(connection, SqliteQuery, reader => lines.Add(reader.GetString(0)));
            // SQLite has no catalogue of checks: they are read from the statement that it keeps.
            await AddAsync(connection, SqliteTables, reader => lines.AddRange(
                Check().Matches(reader.GetString(1)).Select(match => $"{reader.GetString(0)} {match.Value.TrimEnd(',')}")));
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static async Task AddAsync(DbConnection connection, string sql, Action<DbDataReader> add)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            add(reader);
    }

    [GeneratedRegex("CONSTRAINT \"[^\"]+\" CHECK .*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Check();
}
