using System.Buffers.Binary;
using System.Security.Cryptography;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;

namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Turning the rest of one quota's period into a credit of another quota: unused bread into points.</summary>
/// <param name="From">The rule of the period's last day.</param>
/// <param name="To">The credited quota's rule.</param>
/// <param name="Target">The period in which the credit may be spent.</param>
internal sealed record Rollover(QuotaRule From, QuotaRule To, long CreditPerUnit, PeriodId Period, PeriodId Target)
{
    /// <summary>The same household, periods and quota have the same credit: whoever comes second finds it recorded.</summary>
    public Guid CreditIdOf(HouseholdId household)
    {
        Span<byte> name = stackalloc byte[8 + sizeof(long) + (2 * sizeof(int)) + sizeof(ushort)];
        "rollover"u8.CopyTo(name);
        BinaryPrimitives.WriteInt64BigEndian(name[8..], household.Value);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], Period.Value);
        BinaryPrimitives.WriteInt32BigEndian(name[20..], Target.Value);
        BinaryPrimitives.WriteUInt16BigEndian(name[24..], From.Code.Value);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        return new Guid(hash[..16]);
    }
}

/// <summary>
/// The rest is taken from its period in the same entry that credits it, so that a draw of that period which still comes, or a second rollover, finds
/// nothing left. What is lent stays reserved: should it come back unspent, the next target period's rollover finds it.
/// </summary>
internal static class RolloverDecision
{
    /// <param name="members">On the period's last day.</param>
    public static void Decide(Rollover rollover, int members, HouseholdState state, IEntryIds ids, DateTimeOffset now)
    {
        var creditId = rollover.CreditIdOf(state.Household);
        if (state.KnowsCredit(creditId))
            return;
        var (from, to) = (rollover.From, rollover.To);
        var limit = from.PeriodLimit(members, rollover.Period.LastDay);
        var balance = state.BalanceOf(from.Code, rollover.Period);
        var unused = limit - balance.Consumed - balance.Lent;
        if (unused <= 0)
            return;

        balance.Limit = Math.Max(balance.Limit, limit);
        var (entry, household, credit) = (ids.Next(), Account.Household(state.Household), unused * rollover.CreditPerUnit);
        state.Apply(new Movement(entry, Ordinal: 0, Undoes: null, household, Account.Fund(from.Programme), from.Code, rollover.Period, from.Unit, unused));
        state.Apply(new Movement(entry, Ordinal: 1, Undoes: null, Account.Fund(to.Programme), household, to.Code, rollover.Target, to.Unit, credit));
        state.Credit(new CreditEntry(entry, creditId, to.Code, rollover.Target, credit, now));
    }
}
