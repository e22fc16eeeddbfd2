using System.Data.Common;
using SmartCard.Backend.Disbursements.Batches;

namespace SmartCard.Simulate.Stores;

/// <summary>What a database says instead of an answer.</summary>
internal sealed class SimulatedDatabaseException(string message, string? sqlState, WriteFailure meaning) : DbException(message)
{
    /// <summary>How the two databases' drivers are understood where they say this.</summary>
    public WriteFailure Meaning { get; } = meaning;

    public override string? SqlState { get; } = sqlState;

    public static SimulatedDatabaseException UniqueKey(string table) => new($"duplicate key in {table}", "23505", WriteFailure.KeyTaken);

    public static SimulatedDatabaseException Check(string table) => new($"a check of {table} is violated", "23514", WriteFailure.Poisoned);

    public static SimulatedDatabaseException Poison() => new("a row is refused as such", "22P05", WriteFailure.Poisoned);

    public static SimulatedDatabaseException Deadlock() => new("deadlock detected", "40P01", WriteFailure.ReadAgain);

    public static SimulatedDatabaseException Serialization() => new("could not serialize access", "40001", WriteFailure.ReadAgain);

    public static SimulatedDatabaseException ConnectionLost() => new("the connection is gone", null, WriteFailure.ReadAgain);
}
