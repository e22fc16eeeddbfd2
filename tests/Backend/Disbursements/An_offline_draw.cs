using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// Lending: after an approved draw, as policy and rest allow, by script. Presenting: what was lent, once; beyond it, never.
/// Late: after a block, after a suspension, after too long. With online draws together never beyond the quota.
/// </summary>
public abstract class An_offline_draw(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;

    public async Task InitializeAsync() => _world = await LedgerWorld.OpenAsync(database);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Is_prepared_by_scripts_that_lend_a_days_bread_and_a_weeks_groceries()
    {
        var card = _world.Household(members: 3);

        var scripts = (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).IssuerScripts.Select(Read).ToArray();

        Assert.Equal(2, scripts.Length);
        Assert.Equal((card.Number, ProgrammeCode.Bread, QuantityUnit.Loaf, 15u), (scripts[0].Card, scripts[0].Programme, scripts[0].Unit, scripts[0].Granted));
        Assert.Equal((ProgrammeCode.Groceries, 5000u), (scripts[1].Programme, scripts[1].Granted));
        Assert.True(scripts[1].Counter > scripts[0].Counter, "a card carries out a script whose counter is above the last one's");
        Assert.Equal((20261100u, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30)), (scripts[0].Period, scripts[0].NotBefore, scripts[0].NotAfter));
    }

    [Fact]
    public async Task Is_not_prepared_twice_and_its_scripts_come_again_as_they_were()
    {
        var card = _world.Household(members: 3);
        var first = await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));

        var second = await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));

        Assert.Equal(first.IssuerScripts.Select(script => Convert.ToHexString(script.Span)), second.IssuerScripts.Select(script => Convert.ToHexString(script.Span)));
        Assert.Equal(15, (await _world.BalanceAsync(card, Egypt.Bread)).Lent);
    }

    [Fact]
    public async Task Takes_what_was_lent_and_an_online_draw_lends_it_again()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));

        (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();
        var after = await _world.BalanceAsync(card, Egypt.Bread);
        var script = Read((await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(1))).IssuerScripts[^1]);

        Assert.Equal((25L, 5L), (after.Consumed, after.Lent));
        Assert.Equal((ProgrammeCode.Bread, 25u), (script.Programme, script.Granted));
        Assert.Equal(15, (await _world.BalanceAsync(card, Egypt.Bread)).Lent);
    }

    [Fact]
    public async Task Is_recorded_once_however_often_it_is_presented()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = card.Draw(drawing);

        var first = await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines);
        var again = await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines);
        var byTheOtherCall = await _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, drawing.Lines);

        Assert.Equal(first.OutcomeBytes.ToArray(), again.OutcomeBytes.ToArray());
        Assert.Equal(first.OutcomeBytes.ToArray(), byTheOtherCall.OutcomeBytes.ToArray());
        Assert.Equal(25, (await _world.BalanceAsync(card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task Beyond_what_was_lent_is_declined_and_looked_into()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();

        var declined = (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(6))).Declined(DeclineReason.BeyondAllowance);

        Assert.Equal((Egypt.Bread, 5L, true), (declined.Quota, declined.Available, declined.FraudCase));
        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {card.Number.Value} AND kind = 5"));
    }

    [Fact]
    public async Task Of_a_card_that_was_lent_nothing_is_declined()
    {
        var card = _world.Household(members: 3);

        (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.BeyondAllowance);
    }

    [Fact]
    public async Task Of_a_card_that_counted_more_than_it_was_lent_is_declined()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5)) with { Kind = CryptogramKind.Offline };
        var record = card.Draw(drawing).Record;
        var tampered = TestCard.Sign(record with { Draws = [record.Draws[0] with { OfflineSpent = 100 }] });

        (await _world.PresentAsync(LedgerWorld.Bakery, tampered, drawing.Lines)).Declined(DeclineReason.BeyondAllowance);
    }

    [Fact]
    public async Task Together_with_online_draws_never_exceeds_the_quota()
    {
        var card = _world.Household(members: 1);
        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(1))).Approved();
        var lent = (await _world.BalanceAsync(card, Egypt.Groceries)).Lent;

        // Whatever is drawn online now, what was lent stays reserved.
        while ((await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(1))).Outcome is DrawOutcome.Approved)
        {
            // Until the rest is too small for a bag of rice.
        }
        var balance = await _world.BalanceAsync(card, Egypt.Groceries);

        Assert.True(lent > 0 && balance.Consumed + balance.Lent <= balance.Limit);
        (await _world.TapOfflineAsync(card, LedgerWorld.Grocer, Tapping.OfRice(1))).Approved();
    }

    [Fact]
    public async Task Is_never_lent_more_than_half_of_what_is_left()
    {
        var card = _world.Household(members: 1);

        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfRice(3))).Approved();

        Assert.Equal((5000 - 3780) / 2, (await _world.BalanceAsync(card, Egypt.Groceries)).Lent);
    }

    [Fact]
    public async Task Of_a_card_that_was_blocked_afterwards_is_paid()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = card.Draw(drawing);

        _world.Clock.Advance(TimeSpan.FromHours(1));
        _world.Block(card, _world.Clock.GetUtcNow(), CardState.Replaced);

        (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Approved();
        Assert.Equal(0, await _world.CountAsync("fraud_cases", $"card = {card.Number.Value}"));
    }

    [Fact]
    public async Task Of_a_card_that_was_blocked_before_is_paid_and_looked_into()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        _world.Block(card, _world.Clock.GetUtcNow());
        _world.Clock.Advance(TimeSpan.FromHours(1));

        (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(10))).Approved();

        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {card.Number.Value} AND kind = 6"));
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.CardBlocked);
    }

    [Fact]
    public async Task Of_a_merchant_that_was_suspended_meanwhile_is_recorded()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var suspended = LedgerWorld.Bakery with { MerchantSuspended = true };

        (await _world.TapOfflineAsync(card, suspended, Tapping.Loaves(10))).Approved();
        (await _world.TapAsync(card, suspended, Tapping.Loaves(1))).Declined(DeclineReason.MerchantSuspended);
    }

    [Fact]
    public async Task Presented_days_later_counts_in_the_month_and_on_the_day_that_it_names()
    {
        var card = _world.Household(members: 3);
        _world.Clock.Advance(TimeSpan.FromDays(8));
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = card.Draw(drawing);
        _world.Clock.Advance(TimeSpan.FromDays(3));

        var approved = (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Approved();

        Assert.Equal((new DateOnly(2026, 11, 30), 20261100), (approved.BusinessDate, approved.Balances[0].Period.Value));
        var line = Assert.Single(await LinesAsync(new DateOnly(2026, 11, 30), signed.Record.TransactionId));
        Assert.Equal((new DateOnly(2026, 11, 30), new DateOnly(2026, 12, 3), true, 10L, 200L, 1640L), (line.DrawnOn, line.RecordedOn, line.Offline, line.Quantity, line.CitizenPaidMinor, line.SubsidyMinor));
    }

    [Fact]
    public async Task Presented_after_too_many_days_is_declined()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));
        var drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10)) with { Kind = CryptogramKind.Offline };
        var signed = card.Draw(drawing);

        _world.Clock.Advance(TimeSpan.FromDays(8));

        (await _world.PresentAsync(LedgerWorld.Bakery, signed, drawing.Lines)).Declined(DeclineReason.DateOutOfRange);
    }

    [Fact]
    public async Task Takes_of_a_cap_what_is_left_of_it_and_is_not_declined_for_the_rest()
    {
        var card = _world.Household(members: 6);
        (await _world.TapAsync(card, LedgerWorld.Grocer, Tapping.OfOil(4))).Approved();

        (await _world.TapOfflineAsync(card, LedgerWorld.Grocer, Tapping.OfOil(1))).Approved();

        var oil = await _world.BalanceAsync(card, Egypt.OilCap);
        Assert.Equal((4L, 4L), (oil.Limit, oil.Consumed));
    }

    [Fact]
    public async Task Of_a_household_that_the_registry_forgot_is_recorded_from_what_was_lent()
    {
        var card = _world.Household(members: 3);
        await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15));

        _world.Forget(card.Household);

        (await _world.TapOfflineAsync(card, LedgerWorld.Bakery, Tapping.Loaves(15))).Approved();
        (await _world.TapAsync(card, LedgerWorld.Bakery, Tapping.Loaves(1))).Declined(DeclineReason.HouseholdNotEntitled);
    }

    private async Task<List<RecordedLine>> LinesAsync(DateOnly date, TransactionId transaction)
    {
        var lines = new List<RecordedLine>();
        await foreach (var line in _world.Ledger.LinesOfAsync(date, CancellationToken.None))
        {
            if (line.Transaction == transaction)
                lines.Add(line);
        }
        return lines;
    }

    private static AllowanceGrant Read(ReadOnlyMemory<byte> script)
    {
        Assert.True(IssuerScript.TryRead(script.Span, out var read, out _));
        return Assert.IsType<AllowanceGrant>(read);
    }
}

public sealed class An_offline_draw_on_sqlite(SqliteTestDatabase database) : An_offline_draw(database), IClassFixture<SqliteTestDatabase>;

public sealed class An_offline_draw_on_postgres(PostgresTestDatabase database) : An_offline_draw(database), IClassFixture<PostgresTestDatabase>;
