using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// A migration written by hand for both databases. Column types follow from the CLR types, table, key and index names from the
/// same rules as the model's; a test compares the result with the model's on both databases.
/// </summary>
public abstract class ModuleMigration : Migration
{
    protected abstract string Schema { get; }

    protected DatabaseProvider Provider => IsSqlite ? DatabaseProvider.Sqlite : DatabaseProvider.Postgres;

    private bool IsSqlite => ActiveProvider!.EndsWith("Sqlite", StringComparison.Ordinal);

    /// <summary>The table's name as raw SQL in a migration needs it.</summary>
    protected string Table(string table) => IsSqlite ? $"{Schema}_{table}" : $"{Schema}.{table}";

    /// <summary>Adds a table with its primary key; the schema too, where it is the module's first.</summary>
    /// <param name="primaryKey">Of the columns object.</param>
    protected CreateTableBuilder<TColumns> Create<TColumns>(
        MigrationBuilder builder, string table, Func<ColumnsBuilder, TColumns> columns, System.Linq.Expressions.Expression<Func<TColumns, object>> primaryKey,
        Action<CreateTableBuilder<TColumns>>? constraints = null)
    {
        if (!IsSqlite)
            builder.EnsureSchema(Schema);
        return builder.CreateTable(
            name: IsSqlite ? Table(table) : table,
            schema: IsSqlite ? null : Schema,
            columns: columns,
            constraints: created =>
            {
                created.PrimaryKey($"pk_{Schema}_{table}", primaryKey);
                constraints?.Invoke(created);
            });
    }

    /// <summary>Adds a column to a table that may have rows, all of which get the default.</summary>
    protected void AddColumn<T>(MigrationBuilder builder, string table, string column, T defaultValue) =>
        builder.AddColumn<T>(name: column, table: IsSqlite ? Table(table) : table, schema: IsSqlite ? null : Schema, nullable: false, defaultValue: defaultValue);

    protected void Index(MigrationBuilder builder, string table, string[] columns, bool unique = false, string? filter = null) =>
        builder.CreateIndex(
            name: $"ix_{Schema}_{table}_{string.Join('_', columns)}",
            table: IsSqlite ? Table(table) : table,
            columns: columns,
            schema: IsSqlite ? null : Schema,
            unique: unique,
            filter: filter);

    /// <summary>A foreign key inside the module, without cascade: nothing is deleted behind a caller's back.</summary>
    protected void ForeignKey<TColumns>(
        CreateTableBuilder<TColumns> table, string name, string column, System.Linq.Expressions.Expression<Func<TColumns, object>> columns,
        string principalTable, string principalColumn) =>
        table.ForeignKey(
            name: $"fk_{Schema}_{name}_{column}",
            column: columns,
            principalTable: IsSqlite ? Table(principalTable) : principalTable,
            principalColumn: principalColumn,
            principalSchema: IsSqlite ? null : Schema,
            onDelete: ReferentialAction.Restrict);

    /// <summary>The module's counters (<see cref="Counters"/>), each with the first number that it gives.</summary>
    protected void CreateCounters(MigrationBuilder builder, params ReadOnlySpan<(string Name, long First)> counters)
    {
        Create(builder, "counters", table => new { name = table.Column<string>(), next = table.Column<long>() }, columns => columns.name);
        foreach (var (name, first) in counters)
            builder.Sql($"INSERT INTO {Table("counters")} (name, next) VALUES ('{name}', {first})");
    }

    /// <summary>Makes the database itself refuse to change or delete rows of a table that only grows.</summary>
    protected void AppendOnly(MigrationBuilder builder, string table)
    {
        var name = $"{Schema}_{table}_only_grows";
        if (IsSqlite)
        {
            foreach (var change in (ReadOnlySpan<string>)["UPDATE", "DELETE"])
                builder.Sql($"CREATE TRIGGER {name}_{change.ToLowerInvariant()} BEFORE {change} ON {Table(table)} BEGIN SELECT RAISE(ABORT, '{Table(table)} only grows'); END");
            return;
        }
        builder.Sql($"""
            CREATE FUNCTION {Schema}.{name}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{Table(table)} only grows' USING ERRCODE = 'integrity_constraint_violation'; END $$;
            CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {Table(table)} FOR EACH STATEMENT EXECUTE FUNCTION {Schema}.{name}();
            """);
    }

    /// <summary>A 64-bit number given by the database at insert (model: ValueGeneratedOnAdd).</summary>
    protected static OperationBuilder<AddColumnOperation> Identity(ColumnsBuilder table) =>
        table.Column<long>()
            .Annotation("Sqlite:Autoincrement", true)
            .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn);
}
