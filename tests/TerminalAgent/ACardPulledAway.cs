using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>The citizen takes the card away in the middle. Before it was asked to commit nothing is drawn; after that, its next tap tells.</summary>
public sealed class ACardPulledAway : IAsyncLifetime
{
    private Shop _shop = null!;
    private TestCard _card = null!;

    public static TheoryData<byte, bool> EveryStepBeforeTheCommitment
    {
        get
        {
            var data = new TheoryData<byte, bool>();
            byte[] steps = [Instruction.Select, Instruction.GetData, Instruction.PerformSecurityOperation, Instruction.MutualAuthenticate, Instruction.GetProcessingOptions];
            foreach (var step in steps)
            {
                data.Add(step, false);
                data.Add(step, true);
            }

            return data;
        }
    }

    public async Task InitializeAsync()
    {
        _shop = await Shop.OpenAsync();
        _card = _shop.CardWithAllowance();
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Theory]
    [MemberData(nameof(EveryStepBeforeTheCommitment))]
    public async Task Before_it_is_asked_to_commit_has_drawn_nothing(byte instruction, bool afterItsWork)
    {
        _shop.Insert(_card).PullAt(instruction, afterItsWork);

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardRemoved, result.Outcome.Kind);
        Assert.Equal((0, 0), (_shop.Terminal.Status().Unsent, _shop.Terminal.Status().Torn));
        Assert.Equal(0, _card.Snapshot().Atc.Value);
        Assert.Equal(TapOutcomeKind.Approved, (await _shop.TapAsync(_card, Shop.Loaves(5))).Outcome.Kind);
    }

    [Fact]
    public async Task Before_the_tap_began_has_drawn_nothing()
    {
        _shop.RemoveCard();

        Assert.Equal(TapOutcomeKind.CardRemoved, (await _shop.Terminal.TapAsync(Shop.Loaves(5))).Outcome.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_it_commits_leaves_a_torn_draw_without_goods(bool afterItsWork)
    {
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, afterItsWork);

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.Torn, result.Outcome.Kind);
        Assert.Equal(1, _shop.Terminal.Status().Torn);
        Assert.Equal(("card lost", EntryState.Torn), LastEvent());
    }

    [Fact]
    public async Task Before_it_committed_is_known_by_its_untouched_counter_at_its_next_tap()
    {
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: false);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.Approved, 6, false), (result.Outcome.Kind, result.Timings.Exchanges, result.IsRecovered));
        Assert.Equal(EntryState.NotCommitted, _shop.Terminal.Journal.Find(1)!.State);
        Assert.Equal(0, _shop.Terminal.Status().Torn);
    }

    [Fact]
    public async Task After_it_committed_online_is_found_in_its_log_and_undone_and_the_new_draw_goes_on()
    {
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));

        var result = await _shop.TapAsync(_card, Shop.Loaves(7));
        await _shop.Terminal.SendUnsentAsync();

        Assert.Equal((TapOutcomeKind.Approved, 7), (result.Outcome.Kind, result.Timings.Exchanges));
        var torn = _shop.Terminal.Journal.Find(1)!;
        Assert.Equal((EntryState.Reversed, ReversalReason.TerminalRestart), (torn.State, torn.ReversalReason));
        Assert.Equal(torn.Record!.Encoded.ToArray(), Assert.Single(_shop.Backend.ReversalAdvices));
    }

    [Fact]
    public async Task After_it_committed_offline_gives_the_goods_at_its_next_tap_and_debits_nothing_again()
    {
        _shop.Backend.IsDown = true;
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.ApprovedOffline, true), (result.Outcome.Kind, result.IsRecovered));
        Assert.Equal(5u, Assert.Single(result.Receipt.Lines).Quantity);
        Assert.Equal(1, _card.Snapshot().Atc.Value);
        Assert.Equal(5u, _card.Snapshot().Allowances.Single(allowance => allowance.Programme == ProgrammeCode.Bread).Spent);
        Assert.Equal((1, 0), (_shop.Terminal.Status().Unsent, _shop.Terminal.Status().Torn));
    }

    [Fact]
    public async Task After_it_committed_is_found_behind_later_draws_at_other_terminals()
    {
        _shop.Backend.IsDown = true;
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        DrawElsewhere(3);

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.ApprovedOffline, true), (result.Outcome.Kind, result.IsRecovered));
        Assert.Equal(1, _shop.Terminal.Journal.Find(1)!.Record!.Record.Atc.Value);
    }

    [Fact]
    public async Task Before_it_committed_and_used_elsewhere_since_is_known_not_to_have_committed()
    {
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: false);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        DrawElsewhere(3);

        await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(EntryState.NotCommitted, _shop.Terminal.Journal.Find(1)!.State);
    }

    /// <summary>Its power went between its two writes: the counter is used, and the log, shorter than the counter, has no record of it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Between_its_counter_and_its_record_is_known_not_to_have_committed_although_its_log_is_short(int drawsBefore)
    {
        DrawElsewhere(drawsBefore);
        var medium = new PowerCutMedium(_card.Medium);
        _shop.Insert(new CardThatLosesPower(_card.Insert(medium), Instruction.GenerateApplicationCryptogram, () => medium.Arm(write: 1, bytesThatPass: 0)));
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        Assert.Equal((drawsBefore + 1, drawsBefore), ((int)_card.Snapshot().Atc.Value, _card.Snapshot().Log.Count));

        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
        Assert.Equal(EntryState.NotCommitted, _shop.Terminal.Journal.Find(1)!.State);
    }

    [Fact]
    public async Task While_its_log_is_read_stays_torn_for_the_tap_after()
    {
        _shop.Backend.IsDown = true;
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));
        _shop.Insert(_card).PullAt(Instruction.GetData, after: false, skip: 1);

        var pulledAgain = await _shop.Terminal.TapAsync(Shop.Loaves(5));
        var result = await _shop.TapAsync(_card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardRemoved, pulledAgain.Outcome.Kind);
        Assert.True(result.IsRecovered);
    }

    [Fact]
    public async Task With_another_card_tapped_next_keeps_its_torn_draw()
    {
        _shop.Insert(_card).PullAt(Instruction.GenerateApplicationCryptogram, after: true);
        await _shop.Terminal.TapAsync(Shop.Loaves(5));

        var other = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.Approved, 1), (other.Outcome.Kind, _shop.Terminal.Status().Torn));
    }

    private void DrawElsewhere(int draws)
    {
        var terminal = _shop.Bureau.MakeTerminal("OTHER001");
        using var session = terminal.Tap(_card);
        for (var draw = 0; draw < draws; draw++)
            TestTerminal.GenerateAc(session, terminal.Loaves(1), CryptogramKind.Online);
        _card.Remove();
    }

    /// <summary>A card whose power fails in the middle of one command.</summary>
    private sealed class CardThatLosesPower(ICardChannel card, byte instruction, Action arm) : ICardChannel
    {
        public ResponseApdu Transmit(CommandApdu command)
        {
            if (command.Ins == instruction)
                arm();
            try
            {
                return card.Transmit(command);
            }
            catch (PowerCutException cut)
            {
                throw new CardTransportException("The card has no power.", cut);
            }
        }
    }

    private (string Note, EntryState State) LastEvent()
    {
        var (state, note) = _shop.Terminal.Journal.EventsOf(1)[^1];
        return (note, state);
    }
}
