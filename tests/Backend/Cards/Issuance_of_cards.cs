using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Cards;

/// <summary>
/// Cases: a whole life and its events; each step out of turn; orders twice, for nobody, for who has one; keys twice and other keys;
/// blocking and replacing; the denylist; a thousand at once; what the database itself refuses.
/// </summary>
public abstract class Issuance_of_cards(TestDatabase fixture) : CardsContract(fixture)
{
    [Fact]
    public async Task Is_a_ledger_of_who_did_what_and_when()
    {
        var card = await ActiveAsync();
        Clock.Advance(TimeSpan.FromDays(1));
        Done(await Issuance.BlockAsync(card, "lost", "clerk.ali", CancellationToken.None));

        var history = await Issuance.HistoryAsync(card, CancellationToken.None);

        Assert.NotNull(history);
        Assert.Equal(CardState.Blocked, history.State);
        Assert.Equal(
            ["Ordered ordered", "Ordered keys certified", "Personalised personalised", "Issued issued", "Active activated", "Blocked lost"],
            history.Events.Select(e => $"{e.State} {e.Reason}"));
        Assert.Equal([Clerk, Clerk, Clerk, Clerk, Clerk, "clerk.ali"], history.Events.Select(e => e.Actor));
        Assert.Equal(Clock.GetUtcNow(), history.Events[^1].At);
        Assert.Equal(Clock.GetUtcNow().AddDays(-1), history.Events[0].At);
    }

    [Fact]
    public async Task Gives_numbers_in_sequence_with_a_check_digit()
    {
        var (first, second) = (await OrderedAsync(), await OrderedAsync());

        Assert.StartsWith("981801", first.FullDigits, StringComparison.Ordinal);
        Assert.Equal(first.Value / 10 + 1, second.Value / 10);
        Assert.True(CardNumber.TryParse(first.FullDigits, out _));
    }

    [Fact]
    public async Task Answers_the_same_order_with_the_same_card()
    {
        var (order, household) = (NextOrder(), NextHousehold());
        var first = Done(await Issuance.OrderAsync(order, household, Clerk, CancellationToken.None));

        Assert.Equal(first, await Issuance.OrderAsync(order, household, Clerk, CancellationToken.None));
        Assert.Equal(CardRefusal.OrderDiffers, Refused(await Issuance.OrderAsync(order, NextHousehold(), Clerk, CancellationToken.None)));
    }

    [Fact]
    public async Task Gives_a_household_one_card_at_a_time()
    {
        var household = NextHousehold();
        await OrderedAsync(household);

        Assert.Equal(CardRefusal.HouseholdHasCard, Refused(await Issuance.OrderAsync(NextOrder(), household, Clerk, CancellationToken.None)));
    }

    [Fact]
    public async Task Gives_a_household_one_card_though_many_orders_come_at_once()
    {
        var household = NextHousehold();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Issuance.OrderAsync(NextOrder(), household, Clerk, CancellationToken.None)));

        Assert.Single(outcomes.OfType<CardOutcome.Done>());
        Assert.All(outcomes.OfType<CardOutcome.Refused>(), refused => Assert.Equal(CardRefusal.HouseholdHasCard, refused.Reason));
    }

    [Fact]
    public async Task Refuses_a_household_that_is_not_registered() =>
        Assert.Equal(CardRefusal.UnknownHousehold, Refused(await Issuance.OrderAsync(NextOrder(), new HouseholdId(-1), Clerk, CancellationToken.None)));

    [Fact]
    public async Task Refuses_steps_of_a_card_that_does_not_exist()
    {
        var unknown = CardNumber.FromPayload(123);

        Assert.Equal(CardRefusal.UnknownCard, Refused(await Issuance.IssueAsync(unknown, Clerk, CancellationToken.None)));
        Assert.Equal(CardRefusal.UnknownCard, Refused(await Issuance.ReplaceAsync(NextOrder(), unknown, "lost", Clerk, CancellationToken.None)));
        Assert.Equal(CardRefusal.UnknownCard, Assert.IsType<PersonalisationOutcome.Refused>(await Issuance.BeginPersonalisationAsync(unknown, Clerk, CancellationToken.None)).Reason);
        Assert.Equal(CardRefusal.UnknownCard, Assert.IsType<CertificationOutcome.Refused>(await Issuance.CertifyAsync(unknown, NewPoint(), NewPoint(), Clerk, CancellationToken.None)).Reason);
        Assert.Null(await Issuance.HistoryAsync(unknown, CancellationToken.None));
        Assert.Empty(await Cards.FindAsync([unknown], CancellationToken.None));
    }

    [Fact]
    public async Task Refuses_every_step_out_of_turn()
    {
        var card = await OrderedAsync();
        await RefusesAsync(card, Complete, Issue, Activate);

        await Issuance.CertifyAsync(card, NewPoint(), NewPoint(), Clerk, CancellationToken.None);
        await RefusesAsync(card, Issue, Activate);

        Done(await Complete(card));
        await RefusesAsync(card, Complete, Activate);
        Assert.IsType<PersonalisationOutcome.Refused>(await Issuance.BeginPersonalisationAsync(card, Clerk, CancellationToken.None));

        Done(await Issue(card));
        await RefusesAsync(card, Complete, Issue);

        Done(await Activate(card));
        await RefusesAsync(card, Complete, Issue, Activate);

        Done(await Block(card));
        await RefusesAsync(card, Complete, Issue, Activate, Block);

        Done(await Issuance.ReplaceAsync(NextOrder(), card, "lost", Clerk, CancellationToken.None));
        await RefusesAsync(card, Complete, Issue, Activate, Block, c => Issuance.ReplaceAsync(NextOrder(), c, "lost", Clerk, CancellationToken.None));
    }

    [Fact]
    public async Task Releases_a_cards_keys_on_record_and_each_card_gets_others()
    {
        var (card, other) = (await OrderedAsync(), await OrderedAsync());

        var ready = Assert.IsType<PersonalisationOutcome.Ready>(await Issuance.BeginPersonalisationAsync(card, "bureau", CancellationToken.None));
        var again = Assert.IsType<PersonalisationOutcome.Ready>(await Issuance.BeginPersonalisationAsync(card, "bureau", CancellationToken.None));
        var others = Assert.IsType<PersonalisationOutcome.Ready>(await Issuance.BeginPersonalisationAsync(other, "bureau", CancellationToken.None));

        string[] keys = [.. KeysOf(ready), .. KeysOf(others)];
        Assert.Equal(10, keys.Distinct().Count());
        Assert.All(keys, key => Assert.Equal(32, key.Length));
        Assert.Equal(KeysOf(ready), KeysOf(again));
        Assert.Equal(Get<ICertificateAuthority>().TerminalAuthorityCertificate.ToArray(), ready.TerminalAuthorityCertificate.ToArray());
        var history = await Issuance.HistoryAsync(card, CancellationToken.None);
        Assert.Equal(2, history!.Events.Count(e => e is { Reason: "keys released", Actor: "bureau", State: CardState.Ordered }));
    }

    [Fact]
    public async Task Certifies_the_same_keys_with_the_same_bytes_and_refuses_others()
    {
        var card = await OrderedAsync();
        var (agreement, signature) = (NewPoint(), NewPoint());

        var first = Certified(await Issuance.CertifyAsync(card, agreement, signature, Clerk, CancellationToken.None));
        var second = Certified(await Issuance.CertifyAsync(card, agreement, signature, Clerk, CancellationToken.None));
        var others = await Issuance.CertifyAsync(card, agreement, NewPoint(), Clerk, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(CardRefusal.KeysDiffer, Assert.IsType<CertificationOutcome.Refused>(others).Reason);
        Assert.Equal(signature, (await StandingAsync(card)).SignaturePublicKey.ToArray());
    }

    [Fact]
    public async Task Refuses_to_certify_what_is_no_pair_of_keys()
    {
        var card = await OrderedAsync();
        var (point, offCurve) = (NewPoint(), NewPoint());
        offCurve[64] ^= 1;

        foreach (var (agreement, signature) in new[] { (offCurve, point), (point, offCurve), (point, point), (point[1..], point), ([], []) })
        {
            var outcome = await Issuance.CertifyAsync(card, agreement, signature, Clerk, CancellationToken.None);
            Assert.Equal(CardRefusal.MalformedKey, Assert.IsType<CertificationOutcome.Refused>(outcome).Reason);
        }
        Assert.True((await StandingAsync(card)).SignaturePublicKey.IsEmpty);
    }

    [Fact]
    public async Task Knows_the_reasons_for_which_a_card_is_blocked()
    {
        var card = await OrderedAsync();

        Assert.Equal(CardRefusal.UnknownReason, Refused(await Issuance.BlockAsync(card, "annoying", Clerk, CancellationToken.None)));
        Assert.Equal(CardRefusal.UnknownReason, Refused(await Issuance.ReplaceAsync(NextOrder(), card, "", Clerk, CancellationToken.None)));
        Assert.Equal(CardState.Ordered, (await StandingAsync(card)).State);
    }

    [Fact]
    public async Task Replaces_a_card_by_a_new_one_of_the_same_household()
    {
        var card = await ActiveAsync();
        var (order, household) = (NextOrder(), (await StandingAsync(card)).Household);

        var successor = Done(await Issuance.ReplaceAsync(order, card, "damaged", Clerk, CancellationToken.None));

        Assert.NotEqual(card, successor.Card);
        Assert.Equal(CardState.Ordered, successor.State);
        Assert.Equal(household, (await StandingAsync(successor.Card)).Household);
        Assert.Equal(["Blocked damaged", "Replaced damaged"], (await Issuance.HistoryAsync(card, CancellationToken.None))!.Events.TakeLast(2).Select(e => $"{e.State} {e.Reason}"));
        Assert.Equal(successor, await Issuance.ReplaceAsync(order, card, "damaged", Clerk, CancellationToken.None));
        Assert.Equal(CardRefusal.HouseholdHasCard, Refused(await Issuance.OrderAsync(NextOrder(), household, Clerk, CancellationToken.None)));
    }

    [Fact]
    public async Task Puts_blocked_and_replaced_cards_on_the_denylist_once_in_order()
    {
        var start = await LastVersionAsync();
        var (blocked, replaced, both) = (await ActiveAsync(), await ActiveAsync(), await OrderedAsync());

        await Issuance.BlockAsync(blocked, "stolen", Clerk, CancellationToken.None);
        await Issuance.ReplaceAsync(NextOrder(), replaced, "lost", Clerk, CancellationToken.None);
        await Issuance.BlockAsync(both, "fraud", Clerk, CancellationToken.None);
        await Issuance.ReplaceAsync(NextOrder(), both, "fraud", Clerk, CancellationToken.None);

        var page = await Cards.DenylistAfterAsync(start, 100, CancellationToken.None);
        Assert.Equal([blocked, replaced, both], page.Entries.Select(entry => entry.Card));
        Assert.Equal([start + 1, start + 2, start + 3], page.Entries.Select(entry => entry.Version));
        Assert.All(page.Entries, entry => Assert.True(entry.Denied));
        Assert.Equal((start + 3, false), (page.Version, page.More));

        var firstTwo = await Cards.DenylistAfterAsync(start, 2, CancellationToken.None);
        Assert.Equal((start + 2, true, 2), (firstTwo.Version, firstTwo.More, firstTwo.Entries.Count));
        var rest = await Cards.DenylistAfterAsync(firstTwo.Version, 2, CancellationToken.None);
        Assert.Equal((start + 3, false, 1), (rest.Version, rest.More, rest.Entries.Count));
        Assert.Equal(start + 3, (await Cards.DenylistAfterAsync(start + 3, 2, CancellationToken.None)).Version);
    }

    [Fact]
    public async Task Of_a_thousand_cards_at_once_takes_seconds()
    {
        var watch = Stopwatch.StartNew();
        var cards = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => ActiveAsync()));

        var standings = await Cards.FindAsync(cards, CancellationToken.None);
        Assert.Equal(1_000, standings.Count);
        Assert.All(standings.Values, standing => Assert.Equal(CardState.Active, standing.State));
        // A machine that builds and tests other things meanwhile is allowed its time; a commit a step would take far longer.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Leaves_the_events_and_the_denylist_to_nobody_to_change()
    {
        var card = await ActiveAsync();
        await Issuance.BlockAsync(card, "stolen", Clerk, CancellationToken.None);

        foreach (var sql in new[] { "UPDATE {0} SET card = card", "DELETE FROM {0}" })
        {
            foreach (var table in new[] { "events", "denylist" })
            {
                await using var write = await Database.BeginWriteAsync(CancellationToken.None);
                await using var command = write.Connection.CreateCommand();
                command.Transaction = write.Transaction;
                command.CommandText = string.Format(sql, Database.Table(CardsDbContext.SchemaName, table));
                var refusal = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => command.ExecuteNonQueryAsync());
                Assert.Contains("only grows", refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Keeps_no_state_that_the_events_do_not_tell()
    {
        await ActiveAsync();
        await Issuance.ReplaceAsync(NextOrder(), await ActiveAsync(), "lost", Clerk, CancellationToken.None);

        await using var context = new CardsDbContext(Database);
        var cards = await context.Cards.AsNoTracking().ToListAsync();
        var events = (await context.Events.AsNoTracking().OrderBy(e => e.EventId).ToListAsync()).ToLookup(e => e.Card);

        Assert.All(cards, card => Assert.Equal(events[card.Card].Last().State, card.State));
    }

    private Task<CardOutcome> Complete(CardNumber card) => Issuance.CompletePersonalisationAsync(card, Clerk, CancellationToken.None);

    private Task<CardOutcome> Issue(CardNumber card) => Issuance.IssueAsync(card, Clerk, CancellationToken.None);

    private Task<CardOutcome> Activate(CardNumber card) => Issuance.ActivateAsync(card, Clerk, CancellationToken.None);

    private Task<CardOutcome> Block(CardNumber card) => Issuance.BlockAsync(card, "lost", Clerk, CancellationToken.None);

    private static async Task RefusesAsync(CardNumber card, params Func<CardNumber, Task<CardOutcome>>[] steps)
    {
        foreach (var step in steps)
            Assert.Equal(CardRefusal.WrongState, Refused(await step(card)));
    }

    private async Task<long> LastVersionAsync()
    {
        await using var context = new CardsDbContext(Database);
        return await context.Denylist.MaxAsync(row => (long?)row.Version) ?? 0;
    }

    private static IEnumerable<string> KeysOf(PersonalisationOutcome.Ready ready) =>
        new[] { ready.Keys.Enc, ready.Keys.Mac, ready.Keys.Dek, ready.Keys.ApplicationCryptogram, ready.Keys.ScriptMac }.Select(key => Convert.ToHexString(key.Span));

    private static (string Agreement, string Signature) Certified(CertificationOutcome outcome)
    {
        var certified = Assert.IsType<CertificationOutcome.Certified>(outcome);
        return (Convert.ToHexString(certified.KeyAgreementCertificate.Span), Convert.ToHexString(certified.SignatureCertificate.Span));
    }
}

public sealed class Issuance_of_cards_on_sqlite(SqliteTestDatabase database) : Issuance_of_cards(database), IClassFixture<SqliteTestDatabase>;

public sealed class Issuance_of_cards_on_postgres(PostgresTestDatabase database) : Issuance_of_cards(database), IClassFixture<PostgresTestDatabase>;
