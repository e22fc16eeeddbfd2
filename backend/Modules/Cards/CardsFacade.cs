using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Issuance;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards;

internal sealed class CardsFacade(ModuleDatabase database) : ICards
{
    private const int DenylistPageMax = 10_000;

    private readonly string _find =
        $"SELECT card, household, state, signature_key, key_version FROM {database.Table(CardsDbContext.SchemaName, "cards")} WHERE {database.In("card", "cards")}";

    public async Task<IReadOnlyDictionary<CardNumber, CardStanding>> FindAsync(IReadOnlyCollection<CardNumber> cards, CancellationToken cancellation)
    {
        var standings = new Dictionary<CardNumber, CardStanding>(cards.Count);
        if (cards.Count == 0)
            return standings;
        await using var connection = await database.OpenForLookupAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = _find;
        database.AddList(command, "cards", cards.Select(card => (long)card.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var card = IssuanceBatch.NumberOf(reader.GetInt64(0));
            var key = await reader.IsDBNullAsync(3, cancellation) ? [] : reader.GetFieldValue<byte[]>(3);
            standings[card] = new CardStanding(card, new HouseholdId(reader.GetInt64(1)), (CardState)reader.GetInt32(2), key, checked((byte)reader.GetInt32(4)));
        }
        return standings;
    }

    public async Task<DenylistPage> DenylistAfterAsync(long version, int limit, CancellationToken cancellation)
    {
        limit = Math.Clamp(limit, 1, DenylistPageMax);
        await using var context = new CardsDbContext(database);
        var entries = await context.Denylist.AsNoTracking()
            .Where(row => row.Version > version)
            .OrderBy(row => row.Version)
            .Take(limit + 1)
            .Select(row => new DenylistEntry(row.Version, row.Card, row.Denied))
            .ToListAsync(cancellation);
        var more = entries.Count > limit;
        if (more)
            entries.RemoveAt(limit);
        return new DenylistPage(entries.Count == 0 ? version : entries[^1].Version, entries, more);
    }
}
