using System.Buffers.Binary;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Registration;

/// <summary>A blind index as a key.</summary>
internal readonly record struct PersonKey(UInt128 Value)
{
    public PersonKey(byte[] index)
        : this(BinaryPrimitives.ReadUInt128BigEndian(index))
    {
    }
}

/// <param name="Household">Where the person is a member on the date that was asked for; null where in none.</param>
internal readonly record struct KnownPerson(long Person, HouseholdId? Household, DateOnly? DiedOn);

/// <summary>Who of so many people is known, by blind index.</summary>
internal sealed class PeopleIndex(IDbConnectionFactory database, WriteTransaction write)
{
    public async Task<Dictionary<PersonKey, KnownPerson>> FindAsync(IReadOnlyCollection<byte[]> indexes, DateOnly date, CancellationToken cancellation)
    {
        var people = new Dictionary<PersonKey, KnownPerson>(indexes.Count);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            SELECT i.national_id_index, i.person, m.household, i.died_on
            FROM {Table("identities")} i
            LEFT JOIN {Table("members")} m ON m.person = i.person AND (m.until IS NULL OR m.until > @date)
            WHERE {database.InBytes("i.national_id_index", "indexes")}
            """;
        command.Add("date", date);
        database.AddList(command, "indexes", indexes);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var household = await reader.IsDBNullAsync(2, cancellation) ? (HouseholdId?)null : new HouseholdId(reader.GetInt64(2));
            var diedOn = await reader.IsDBNullAsync(3, cancellation) ? (DateOnly?)null : reader.GetFieldValue<DateOnly>(3);
            people[new PersonKey(reader.GetFieldValue<byte[]>(0))] = new KnownPerson(reader.GetInt64(1), household, diedOn);
        }
        return people;
    }

    private string Table(string table) => database.Table(RegistryDbContext.SchemaName, table);
}
