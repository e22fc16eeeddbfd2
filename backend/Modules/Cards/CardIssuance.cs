using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Cards.Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Issuance;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards;

/// <summary>The issuance facade: each call is a command to the desk.</summary>
internal sealed class CardIssuance(
    IssuanceDesk desk, IssuerKeys keys, CardAuthorities authorities, IRegistry registry, BusinessCalendar calendar, ModuleDatabase database) : ICardIssuance
{
    private const int ActorLengthMax = 100;

    private static readonly string[] Reasons = ["lost", "stolen", "damaged", "fraud", "withdrawn"];

    public async Task<CardOutcome> OrderAsync(Guid orderId, HouseholdId household, string actor, CancellationToken cancellation)
    {
        Check(actor);
        var exists = await registry.FindHouseholdAsync(household, calendar.Today, cancellation) is not null;
        return await desk.RunAsync<CardOutcome>(new OrderCommand(orderId.ToString("N"), household, exists, actor), cancellation);
    }

    public Task<PersonalisationOutcome> BeginPersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation) =>
        desk.RunAsync<PersonalisationOutcome>(new ReleaseKeysCommand(card, keys, authorities, Check(actor)), cancellation);

    public Task<CertificationOutcome> CertifyAsync(CardNumber card, ReadOnlyMemory<byte> keyAgreementKey, ReadOnlyMemory<byte> signatureKey, string actor, CancellationToken cancellation) =>
        desk.RunAsync<CertificationOutcome>(new CertifyCommand(card, keyAgreementKey.ToArray(), signatureKey.ToArray(), authorities, Check(actor)), cancellation);

    public Task<CardOutcome> CompletePersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation) =>
        StepAsync(card, CardStep.CompletePersonalisation, actor, "personalised", cancellation);

    public Task<CardOutcome> IssueAsync(CardNumber card, string actor, CancellationToken cancellation) => StepAsync(card, CardStep.Issue, actor, "issued", cancellation);

    public Task<CardOutcome> ActivateAsync(CardNumber card, string actor, CancellationToken cancellation) => StepAsync(card, CardStep.Activate, actor, "activated", cancellation);

    public Task<CardOutcome> BlockAsync(CardNumber card, string reason, string actor, CancellationToken cancellation) =>
        Reasons.Contains(reason) ? StepAsync(card, CardStep.Block, actor, reason, cancellation) : Task.FromResult(UnknownReason());

    public Task<CardOutcome> ReplaceAsync(Guid orderId, CardNumber card, string reason, string actor, CancellationToken cancellation) =>
        Reasons.Contains(reason)
            ? desk.RunAsync<CardOutcome>(new ReplaceCommand(orderId.ToString("N"), card, Check(actor), reason), cancellation)
            : Task.FromResult(UnknownReason());

    public async Task<CardHistory?> HistoryAsync(CardNumber card, CancellationToken cancellation)
    {
        await using var context = new CardsDbContext(database);
        var row = await context.Cards.AsNoTracking().SingleOrDefaultAsync(c => c.Card == card, cancellation);
        if (row is null)
            return null;
        var events = await context.Events.AsNoTracking()
            .Where(e => e.Card == card)
            .OrderBy(e => e.EventId)
            .Select(e => new CardEvent(e.State, e.At, e.Actor, e.Reason))
            .ToListAsync(cancellation);
        return new CardHistory(row.Card, row.Household, row.State, events);
    }

    private Task<CardOutcome> StepAsync(CardNumber card, CardStep step, string actor, string reason, CancellationToken cancellation) =>
        desk.RunAsync<CardOutcome>(new StepCommand(card, step, Check(actor), reason), cancellation);

    /// <summary>Who acts comes from a certificate; a step without one would be a caller's bug.</summary>
    private static string Check(string actor) =>
        actor.Length is > 0 and <= ActorLengthMax ? actor : throw new ArgumentException("A step names who takes it, in at most 100 characters.", nameof(actor));

    private static CardOutcome UnknownReason() => new CardOutcome.Refused(CardRefusal.UnknownReason, "Give one of: " + string.Join(", ", Reasons) + ".");
}
