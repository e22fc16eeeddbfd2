using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;

namespace SmartCard.TerminalAgent.Tests;

public sealed class AnOnlineTap : IAsyncLifetime
{
    Shop _shop = null!;

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Fact]
    public async Task That_the_backend_approves_is_approved_and_journalled_step_by_step()
    {
        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.Approved, result.Outcome.Kind);
        var entry = _shop.Terminal.Journal.FindLast()!;
        Assert.Equal(EntryState.Approved, entry.State);
        Assert.Equal(
            [EntryState.Intent, EntryState.Committed, EntryState.Approved], _shop.Terminal.Journal.EventsOf(entry.Sequence).Select(step => step.State));
        Assert.Equal(0, _shop.Terminal.Status().Unsent);
    }

    [Fact]
    public async Task Takes_six_exchanges_with_the_card()
    {
        var card = _shop.Insert(_shop.Bureau.MakeCard());

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal(6, result.Timings.Exchanges);
        Assert.Equal(
            [Instruction.Select, Instruction.GetData, Instruction.PerformSecurityOperation, Instruction.MutualAuthenticate,
                Instruction.GetProcessingOptions, Instruction.GenerateApplicationCryptogram],
            card.Instructions);
    }
}
