namespace SmartCard.Demo;

/// <summary>What the demonstration is asked to do.</summary>
internal sealed record DemoOptions
{
    public const int HouseholdsMin = 200;
    public const int HouseholdsMax = 100_000;

    /// <summary>Run the day, print the summary and end; otherwise stay up.</summary>
    public bool Once { get; init; }

    /// <summary>Taps go through pcscd and its virtual readers instead of the in-process reader.</summary>
    public bool Pcsc { get; init; }
    public DemoDatabase Database { get; init; } = DemoDatabase.Sqlite;
    public int Households { get; init; } = 1_000;
    public int Merchants { get; init; } = 20;
    public int Seed { get; init; } = 1;

    /// <summary>Made anew at each run; nothing outside it is touched.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Npgsql connection string of a server where the demo may create its own database.</summary>
    public string? PostgresServer { get; init; }
}

internal enum DemoDatabase
{
    Sqlite,
    Postgres,
}
