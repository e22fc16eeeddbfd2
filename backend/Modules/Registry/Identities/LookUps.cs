using System.Globalization;
using System.Text;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Tables;

namespace SmartCard.Backend.Registry.Identities;

/// <summary>The only ways to a name or from a national id. What is told is recorded first, in the same transaction.</summary>
internal sealed class LookUps(IDbConnectionFactory database, PersonalDataVault vault, BusinessCalendar calendar)
{
    public async Task<string?> DisplayNameAsync(HouseholdId household, string caller, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            {InsertLookUp}
            SELECT i.person, i.sealed FROM {Table("members")} m JOIN {Table("identities")} i ON i.person = m.person
            WHERE m.household = @household AND m.since <= @today AND (m.until IS NULL OR m.until > @today)
            ORDER BY m.role, m.since LIMIT 1
            """;
        AddLookUp(command, household, "display name", caller);
        command.Add("today", calendar.Today);
        string? name = null;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (await reader.ReadAsync(cancellation))
                name = Shorten(vault.Open(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        }
        await write.CommitAsync(cancellation);
        return name;
    }

    public async Task<HouseholdId?> HouseholdOfAsync(string nationalId, string caller, CancellationToken cancellation)
    {
        if (!NationalId.TryParse(nationalId, checkDigitCounts: false, out var id, out _))
            return null;
        await using var write = await database.BeginWriteAsync(cancellation);
        var household = await FindAsync(write, vault.IndexOf(id), cancellation);
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = InsertLookUp;
        AddLookUp(command, household ?? default, "household of a national id", caller);
        await command.ExecuteNonQueryAsync(cancellation);
        await write.CommitAsync(cancellation);
        return household;
    }

    private string InsertLookUp => $"INSERT INTO {Table("look_ups")} (household, purpose, caller, at) VALUES (@household, @purpose, @caller, @at);";

    private void AddLookUp(System.Data.Common.DbCommand command, HouseholdId household, string purpose, string caller)
    {
        command.Add("household", household.Value);
        command.Add("purpose", purpose);
        command.Add("caller", caller);
        command.Add("at", calendar.UtcNow.ToUnixTimeMilliseconds());
    }

    private async Task<HouseholdId?> FindAsync(WriteTransaction write, byte[] index, CancellationToken cancellation)
    {
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            SELECT m.household FROM {Table("identities")} i JOIN {Table("members")} m ON m.person = i.person
            WHERE i.national_id_index = @index AND m.since <= @today AND (m.until IS NULL OR m.until > @today)
            """;
        command.Add("index", index);
        command.Add("today", calendar.Today);
        return await command.ExecuteScalarAsync(cancellation) is long household ? new HouseholdId(household) : null;
    }

    private string Table(string table) => database.Table(RegistryDbContext.SchemaName, table);

    /// <summary>The given name and the first letter of each family name: enough for a merchant to greet, too little to identify.</summary>
    internal static string Shorten(PersonalData person)
    {
        var text = new StringBuilder(person.GivenName);
        foreach (var name in person.FamilyName.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            text.Append(' ').Append(StringInfo.GetNextTextElement(name)).Append('.');
        return text.ToString();
    }
}
