using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>Numbers that have to be known before a row is written (they are encrypted with it, or get a check digit): a table of counters.</summary>
public static class Counters
{
    private const string TableName = "counters";

    /// <summary>In a module's model; in its migration, <see cref="ModuleMigration.CreateCounters"/>.</summary>
    public static void Map(ModelBuilder model) => model.Entity<Counter>(counter =>
    {
        counter.ToTable(TableName);
        counter.HasKey(c => c.Name);
    });

    /// <summary>
    /// Takes <paramref name="count"/> numbers in a row and returns the first. The counter's row stays locked until the transaction ends:
    /// who takes numbers from one counter takes turns.
    /// </summary>
    public static async Task<long> TakeAsync(this IDbConnectionFactory database, WriteTransaction write, string schema, string name, int count, CancellationToken cancellation)
    {
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"UPDATE {database.Table(schema, TableName)} SET next = next + @count WHERE name = @name RETURNING next - @count";
        command.Add("count", (long)count);
        command.Add("name", name);
        return await command.ExecuteScalarAsync(cancellation) as long?
            ?? throw new InvalidOperationException($"The migrations of {schema} made no counter {name}.");
    }
}

/// <summary>One row of a module's counters; reached through <see cref="Counters.TakeAsync"/> alone.</summary>
public sealed class Counter
{
    public string Name { get; set; } = "";
    public long Next { get; set; }
}

public static class DbCommandExtensions
{
    /// <summary>Adds a named parameter; null becomes a database null.</summary>
    public static void Add(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
