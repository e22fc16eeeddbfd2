using System.Data.Common;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Issuance;

/// <summary>
/// The cards that a batch of commands is about, read with one statement, decided on in memory, written with a few. Locks are taken in one
/// order, counter of numbers, cards by number, counter of the denylist, so that two processes cannot wait for each other.
/// </summary>
internal sealed class IssuanceBatch(IDbConnectionFactory database, WriteTransaction write, DateTimeOffset now)
{
    private const string Columns = "card, household, state, order_id, key_version, key_agreement_key, signature_key, key_agreement_certificate, signature_certificate, replaces";

    // National numbering (9), Egypt (818), this programme (01), nine digits of sequence; the check digit follows. ISO/IEC 7812-1.
    private const ulong NumberPrefix = 981_801_000_000_000;
    private const ulong NumberLimit = 1_000_000_000;

    private readonly Dictionary<CardNumber, CardFile> _cards = [];
    private readonly Dictionary<string, CardFile> _byOrder = [];
    private readonly Dictionary<HouseholdId, CardFile> _byHousehold = [];
    private readonly List<(CardNumber Card, CardState State, string Actor, string Reason)> _events = [];
    private readonly List<CardNumber> _denied = [];
    private ulong _nextNumber;

    public async Task LoadAsync(IReadOnlyCollection<IssuanceCommand> commands, CancellationToken cancellation)
    {
        var orders = commands.Select(command => command.OrderId).OfType<string>().ToList();
        if (orders.Count > 0)
            _nextNumber = (ulong)await database.TakeAsync(write, CardsDbContext.SchemaName, CardsDbContext.NumberCounter, orders.Count, cancellation);

        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
        command.CommandText = $"""
            SELECT {Columns} FROM {database.Table(CardsDbContext.SchemaName, "cards")}
            WHERE {database.In("card", "cards")} OR {database.In("order_id", "orders")} OR ({database.In("household", "households")} AND state <> {(int)CardState.Replaced})
            ORDER BY card {(database.Provider == DatabaseProvider.Postgres ? "FOR UPDATE" : "")}
            """;
        database.AddList(command, "cards", commands.Select(c => c.Card).OfType<CardNumber>().Select(card => (long)card.Value).ToArray());
        database.AddList(command, "orders", orders);
        database.AddList(command, "households", commands.Select(c => c.Household).OfType<HouseholdId>().Select(household => household.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            Keep(Read(reader));
    }

    public CardFile? Find(CardNumber card) => _cards.GetValueOrDefault(card);

    public CardFile? FindOrder(string orderId) => _byOrder.GetValueOrDefault(orderId);

    /// <summary>The household's card that is not replaced.</summary>
    public CardFile? FindCardOf(HouseholdId household) => _byHousehold.GetValueOrDefault(household) is { State: not CardState.Replaced } card ? card : null;

    public CardFile Order(string orderId, HouseholdId household, CardNumber? replaces, byte keyVersion, string actor, string reason)
    {
        if (_nextNumber is 0 or >= NumberLimit)
            throw new InvalidOperationException("The card numbers of this prefix are used up.");
        var card = new CardFile
        {
            Card = CardNumber.FromPayload(NumberPrefix + _nextNumber++),
            Household = household,
            OrderId = orderId,
            KeyVersion = keyVersion,
            State = CardState.Ordered,
            Replaces = replaces,
            IsNew = true,
        };
        Keep(card);
        Record(card, actor, reason);
        return card;
    }

    /// <summary>Takes the step and records it; false where the table of a card's life does not have it.</summary>
    public bool TryTake(CardFile card, CardStep step, string actor, string reason)
    {
        if (!CardLife.TryTake(card, step))
            return false;
        if (step == CardStep.Block)
            _denied.Add(card.Card);
        Record(card, actor, reason);
        return true;
    }

    public async Task SaveAsync(CancellationToken cancellation)
    {
        // Changes come first: a card has to be replaced before its household's next one may be there.
        var changed = _cards.Values.Where(card => card is { IsChanged: true, IsNew: false }).ToArray();
        await database.UpdateAsync(
            write, CardsDbContext.SchemaName, "cards", cancellation,
            ("card", Array.ConvertAll(changed, card => (long)card.Card.Value)),
            ("state", Array.ConvertAll(changed, card => (int)card.State)),
            ("key_agreement_key", Array.ConvertAll(changed, card => card.KeyAgreementKey)),
            ("signature_key", Array.ConvertAll(changed, card => card.SignatureKey)),
            ("key_agreement_certificate", Array.ConvertAll(changed, card => card.KeyAgreementCertificate)),
            ("signature_certificate", Array.ConvertAll(changed, card => card.SignatureCertificate)));
        var added = _cards.Values.Where(card => card.IsNew).ToArray();
        await database.InsertAsync(
            write, CardsDbContext.SchemaName, "cards", cancellation,
            ("card", Array.ConvertAll(added, card => (long)card.Card.Value)),
            ("household", Array.ConvertAll(added, card => card.Household.Value)),
            ("state", Array.ConvertAll(added, card => (int)card.State)),
            ("order_id", Array.ConvertAll(added, card => card.OrderId)),
            ("key_version", Array.ConvertAll(added, card => (int)card.KeyVersion)),
            ("key_agreement_key", Array.ConvertAll(added, card => card.KeyAgreementKey)),
            ("signature_key", Array.ConvertAll(added, card => card.SignatureKey)),
            ("key_agreement_certificate", Array.ConvertAll(added, card => card.KeyAgreementCertificate)),
            ("signature_certificate", Array.ConvertAll(added, card => card.SignatureCertificate)),
            ("replaces", Array.ConvertAll(added, card => (long?)card.Replaces?.Value)));
        var at = now.ToUnixTimeMilliseconds();
        await database.InsertAsync(
            write, CardsDbContext.SchemaName, "events", cancellation,
            ("card", _events.Select(e => (long)e.Card.Value).ToArray()),
            ("state", _events.Select(e => (int)e.State).ToArray()),
            ("actor", _events.Select(e => e.Actor).ToArray()),
            ("reason", _events.Select(e => e.Reason).ToArray()),
            ("at", _events.Select(_ => at).ToArray()));
        if (_denied.Count == 0)
            return;
        var version = await database.TakeAsync(write, CardsDbContext.SchemaName, CardsDbContext.DenylistCounter, _denied.Count, cancellation);
        await database.InsertAsync(
            write, CardsDbContext.SchemaName, "denylist", cancellation,
            ("version", _denied.Select((_, index) => version + index).ToArray()),
            ("card", _denied.Select(card => (long)card.Value).ToArray()),
            ("denied", _denied.Select(_ => true).ToArray()),
            ("at", _denied.Select(_ => at).ToArray()));
    }

    private void Keep(CardFile card)
    {
        _cards[card.Card] = card;
        _byOrder[card.OrderId] = card;
        if (card.State != CardState.Replaced)
            _byHousehold[card.Household] = card;
    }

    private void Record(CardFile card, string actor, string reason) => _events.Add((card.Card, card.State, actor, reason));

    private static CardFile Read(DbDataReader reader) => new()
    {
        Card = NumberOf(reader.GetInt64(0)),
        Household = new HouseholdId(reader.GetInt64(1)),
        State = (CardState)reader.GetInt32(2),
        OrderId = reader.GetString(3),
        KeyVersion = checked((byte)reader.GetInt32(4)),
        KeyAgreementKey = BytesOrNull(reader, 5),
        SignatureKey = BytesOrNull(reader, 6),
        KeyAgreementCertificate = BytesOrNull(reader, 7),
        SignatureCertificate = BytesOrNull(reader, 8),
        Replaces = reader.IsDBNull(9) ? null : NumberOf(reader.GetInt64(9)),
    };

    private static byte[]? BytesOrNull(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    internal static CardNumber NumberOf(long stored) => CardNumber.TryFromValue(checked((ulong)stored), out var card)
        ? card
        : throw new InvalidDataException("A stored card number has a wrong check digit.");
}
