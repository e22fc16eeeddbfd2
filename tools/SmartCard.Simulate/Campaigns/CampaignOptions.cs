using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Campaigns;

internal enum CampaignDatabase
{
    /// <summary>A ledger in memory, for each seed its own.</summary>
    Memory,

    /// <summary>The real one, a file.</summary>
    Sqlite,

    /// <summary>The real one, a server.</summary>
    Postgres,
}

/// <summary>What a campaign is asked to do.</summary>
internal sealed record CampaignOptions
{
    public const long TurnsDefault = 400;

    public required long FirstSeed { get; init; }
    public required long LastSeed { get; init; }

    /// <summary>Turns of each seed before its world begins to come to rest.</summary>
    public long Turns { get; init; } = TurnsDefault;
    public CampaignDatabase Database { get; init; }

    /// <summary>Where the real ledger stays afterwards: a folder that is new or empty. PostgreSQL's is named by the connection string.</summary>
    public string? Keep { get; init; }

    /// <summary>Npgsql connection string of an empty database.</summary>
    public string? PostgresServer { get; init; }

    /// <summary>Where the trace of every seed goes; null for nowhere. Then seeds run one after another.</summary>
    public TextWriter? TraceTo { get; init; }
    public Plants Plants { get; init; } = Plants.None;
    public int Threads { get; init; } = Environment.ProcessorCount;

    public long SeedCount => LastSeed - FirstSeed + 1;
}
