using SmartCard.Faults.Load;
using SmartCard.Faults.Network;
using SmartCard.Faults.World;

namespace SmartCard.Faults.Rounds;

/// <summary>One kind of fault: how it strikes while draws are in flight, and how it is healed.</summary>
internal abstract class Fault(string kind, params SiteKind[] sites)
{
    /// <summary>As in the summary.</summary>
    public string Kind { get; } = kind;

    /// <summary>Where it may strike, in turn.</summary>
    public IReadOnlyList<SiteKind> Sites { get; } = sites;

    /// <summary>Null, or why it cannot strike here.</summary>
    public virtual string? CannotStrike(Site site) => null;

    /// <summary>True where something was hit.</summary>
    public abstract Task<bool> StrikeAsync(Site site, Random random);

    /// <summary>Whether the load has to go on until a draw fails: a fault that waits to be met.</summary>
    public virtual bool IsMetByLoad => false;

    public virtual Task HealAsync(Site site) => Task.CompletedTask;
}

/// <summary>kill -9 of the backend's process.</summary>
internal sealed class BackendKilled() : Fault("backendKilled", SiteKind.Postgres, SiteKind.Sqlite)
{
    public override async Task<bool> StrikeAsync(Site site, Random random)
    {
        await site.Backend.KillAsync();
        return true;
    }

    public override Task HealAsync(Site site) => site.Backend.StartAsync();
}

/// <summary>kill -9 of PostgreSQL and all its children; the backend lives on.</summary>
internal sealed class PostgresKilled() : Fault("postgresKilled", SiteKind.Postgres)
{
    public override async Task<bool> StrikeAsync(Site site, Random random)
    {
        await site.Postgres!.KillAsync();
        return true;
    }

    public override Task HealAsync(Site site) => site.Postgres!.StartAsync();
}

/// <summary>Not one byte is left for the database.</summary>
internal sealed class DiskFull(string kind, SiteKind site) : Fault(kind, site)
{
    public override bool IsMetByLoad => true;

    public override string? CannotStrike(Site site) => site.Disk is null ? "no small disk: " + site.NoDisk : null;

    public override async Task<bool> StrikeAsync(Site site, Random random)
    {
        await site.Disk!.FillAsync();
        return true;
    }

    public override async Task HealAsync(Site site)
    {
        site.Disk!.Empty();
        if (site.Postgres is { } postgres)
            await postgres.ReviveAsync();
    }
}

/// <summary>The connections between two parties break off in the middle of a request, or of an answer, in turn; the next ones are good again.</summary>
internal sealed class ConnectionCut(string kind, bool ofDatabase, params SiteKind[] sites) : Fault(kind, sites)
{
    // A request or an answer of a draw has some hundred bytes: in between somewhere.
    private const int BytesMax = 400;

    private int _cuts;

    public override Task<bool> StrikeAsync(Site site, Random random)
    {
        var direction = _cuts++ % 2 == 0 ? Direction.ToServer : Direction.ToClient;
        var proxy = ofDatabase ? site.DatabaseProxy : site.ClientProxy;
        return Task.FromResult(proxy.Cut(direction, random.Next(BytesMax)) > 0);
    }
}
