using Microsoft.Extensions.Logging.Abstractions;
using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Disbursements;

public sealed class Bulk_work_by_pages(SqliteTestDatabase database) : IClassFixture<SqliteTestDatabase>, IAsyncLifetime
{
    private static readonly TimeSpan PageTakes = TimeSpan.FromSeconds(2);

    private LedgerWorld _world = null!;

    public async Task InitializeAsync() => _world = await LedgerWorld.OpenAsync(database);

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Rests_four_times_as_long_as_a_page_took_while_a_draw_is_under_way()
    {
        await using var pages = new HouseholdPages(_world.Path, NullLogger.Instance);
        using var draw = _world.Path.TryEnter();

        var writing = pages.WriteAsync([SlowWork()], CancellationToken.None);

        await _world.Clock.WhenSomebodyWaitsFor(4 * PageTakes);
        Assert.False(writing.IsCompleted);
        _world.Clock.Advance(4 * PageTakes);
        Assert.Equal(0, await writing);
    }

    [Fact]
    public async Task Does_not_rest_where_nobody_draws()
    {
        await using var pages = new HouseholdPages(_world.Path, NullLogger.Instance);
        var started = _world.Clock.GetUtcNow();

        Assert.Equal(0, await pages.WriteAsync([SlowWork()], CancellationToken.None));

        Assert.Equal(PageTakes, _world.Clock.GetUtcNow() - started);
    }

    private HouseholdWork SlowWork() =>
        new(new LedgerKey(_world.Household(members: 1).Household, []), (_, _) => _world.Clock.Advance(PageTakes));
}
