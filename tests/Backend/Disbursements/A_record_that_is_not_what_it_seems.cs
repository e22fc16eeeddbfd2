using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Backend.Tests.Programmes;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>
/// Forged: takes no (card, ATC), opens a case. Replayed with other content: the first outcome stands. Forked from the record before or
/// after it: declined and looked into. A gap is no fork.
/// </summary>
public abstract class A_record_that_is_not_what_it_seems(TestDatabase database) : IAsyncLifetime
{
    private LedgerWorld _world = null!;
    private TestCard _card = null!;
    private Drawing _drawing = null!;

    public async Task InitializeAsync()
    {
        _world = await LedgerWorld.OpenAsync(database);
        _card = _world.Household(members: 3);
        _drawing = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(5));
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(false, true, DeclineReason.WrongCryptogram, 1)]
    [InlineData(true, false, DeclineReason.WrongSignature, 2)]
    [InlineData(false, false, DeclineReason.WrongCryptogram, 1)]
    public async Task Forged_is_refused_with_a_case_and_leaves_its_place_to_the_card(bool cryptogram, bool signature, DeclineReason reason, int kind)
    {
        var genuine = _card.Draw(_drawing);
        var forged = TestCard.Sign(genuine.Record, cryptogram, signature);

        var refused = await AuthoriseAsync(forged);
        await AuthoriseAsync(forged);

        Assert.True(refused.Declined(reason).FraudCase);
        Assert.Equal((0, "05"), (refused.Arpc.Length, System.Text.Encoding.ASCII.GetString(refused.Arc.Span)));
        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value} AND kind = {kind}"));
        Assert.Equal(1, await _world.CountAsync("refused_records", $"card = {_card.Number.Value}"));
        (await AuthoriseAsync(genuine)).Approved();
    }

    [Fact]
    public async Task Of_a_card_that_was_never_ordered_is_refused_and_kept_on_record()
    {
        var stranger = new TestCard(CardNumber.FromPayload(987_654_321), new Backend.Platform.HouseholdId(1));

        (await AuthoriseAsync(stranger.Draw(_drawing))).Declined(DeclineReason.UnknownCard);

        Assert.Equal(1, await _world.CountAsync("refused_records", $"card = {stranger.Number.Value} AND reason = 4"));
    }

    [Fact]
    public async Task That_is_no_record_at_all_is_answered_too()
    {
        var answer = await _world.Ledger.AuthoriseAsync(new DrawRequest(LedgerWorld.Bakery, null, []), CancellationToken.None);

        Assert.IsType<Authorisation.Decided>(answer).Declined(DeclineReason.MalformedRecord);
    }

    [Fact]
    public async Task Replayed_with_other_content_is_declined_and_the_first_outcome_stands()
    {
        var clone = _card.Copied();
        var first = await AuthoriseAsync(_card.Draw(_drawing));
        var other = _world.Drawing(LedgerWorld.Bakery, Tapping.Loaves(10));
        var replay = clone.Draw(other);

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, replay, other.Lines)));

        first.Approved();
        Assert.All(answers, answer => Assert.True(answer.Declined(DeclineReason.AtcReplayed).FraudCase));
        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value} AND kind = 3"));
        Assert.Equal(5, (await _world.BalanceAsync(_card, Egypt.Bread)).Consumed);
    }

    [Fact]
    public async Task With_another_signature_over_the_same_bytes_is_the_same_record()
    {
        // ECDSA gives another signature each time; the test's stand-in has one, so the genuine record is compared by its bytes alone.
        var signed = _card.Draw(_drawing);
        var first = await AuthoriseAsync(signed);
        Assert.True(SignedRecord.TryCreate(signed.Encoded.ToArray(), signed.Cryptogram.ToArray(), signed.Signature.ToArray(), out var again, out _));

        Assert.Equal(first.OutcomeBytes.ToArray(), (await AuthoriseAsync(again)).OutcomeBytes.ToArray());
    }

    [Fact]
    public async Task That_does_not_follow_the_record_before_it_is_declined_and_looked_into()
    {
        var clone = _card.Copied();
        await AuthoriseAsync(_card.Draw(_drawing));
        clone.Draw(_drawing);

        var forked = await AuthoriseAsync(clone.Draw(_drawing));

        Assert.True(forked.Declined(DeclineReason.ChainForked).FraudCase);
        Assert.Equal(1, await _world.CountAsync("fraud_cases", $"card = {_card.Number.Value} AND kind = 4"));
    }

    [Fact]
    public async Task That_the_record_after_it_does_not_follow_is_declined_and_looked_into()
    {
        var clone = _card.Copied();
        var withheld = clone.Draw(_drawing);
        _card.Draw(_drawing);
        (await AuthoriseAsync(_card.Draw(_drawing))).Approved();

        (await AuthoriseAsync(withheld)).Declined(DeclineReason.ChainForked);
    }

    [Fact]
    public async Task That_came_out_of_order_but_in_the_chain_is_approved()
    {
        var first = _card.Draw(_drawing);
        var second = _card.Draw(_drawing);
        var third = _card.Draw(_drawing);

        (await AuthoriseAsync(third)).Approved();
        (await AuthoriseAsync(first)).Approved();
        (await AuthoriseAsync(second)).Approved();
    }

    [Fact]
    public async Task After_a_torn_one_is_approved()
    {
        (await AuthoriseAsync(_card.Draw(_drawing))).Approved();

        // The card counted, lost power, and kept its chain.
        _card.Atc++;

        (await AuthoriseAsync(_card.Draw(_drawing))).Approved();
    }

    private Task<Authorisation.Decided> AuthoriseAsync(SignedRecord signed) => _world.Ledger.AuthoriseAsync(LedgerWorld.Bakery, signed, _drawing.Lines);
}

public sealed class A_record_that_is_not_what_it_seems_on_sqlite(SqliteTestDatabase database)
    : A_record_that_is_not_what_it_seems(database), IClassFixture<SqliteTestDatabase>;

public sealed class A_record_that_is_not_what_it_seems_on_postgres(PostgresTestDatabase database)
    : A_record_that_is_not_what_it_seems(database), IClassFixture<PostgresTestDatabase>;
