using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Programmes.Rules;

/// <summary>So much a person a day, drawn at most some days ahead: bread. The three limits are those of decision 0003.</summary>
internal sealed record DailyRationQuota(
    QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit, Label Name,
    long PerPersonPerDay, long PerPersonPerPeriod, IReadOnlyList<DrawWindow> Windows, int SingleDayAtEndOfMonth, UnusedRest? Rest)
    : QuotaRule(Code, Programme, Unit, Name)
{
    public override UnusedRest? Unused => Rest;

    public override long PeriodLimit(int members, DateOnly date) => PerPersonPerPeriod * members;

    public override long LimitByEndOf(int members, DateOnly date) =>
        Math.Min(PeriodLimit(members, date), (date.Day + DaysAtOnce(members, date) - 1) * PerPersonPerDay * members);

    public override long DayLimit(int members, DateOnly date) => DaysAtOnce(members, date) * PerPersonPerDay * members;

    private int DaysAtOnce(int members, DateOnly date)
    {
        var daysLeft = DateTime.DaysInMonth(date.Year, date.Month) - date.Day;
        return daysLeft < SingleDayAtEndOfMonth ? 1 : Windows.First(window => members <= window.MembersMax).Days;
    }
}

/// <param name="MembersMax">Largest household that it is for; windows are in ascending order and the last has no end.</param>
internal readonly record struct DrawWindow(int MembersMax, int Days);

/// <summary>So much a person and month, by order of the member: groceries.</summary>
internal sealed record PerPersonQuota(QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit, Label Name, IReadOnlyList<PersonTier> Tiers)
    : QuotaRule(Code, Programme, Unit, Name)
{
    public override long PeriodLimit(int members, DateOnly date)
    {
        var limit = 0L;
        foreach (var tier in Tiers)
        {
            var persons = Math.Clamp(members, 0, tier.Persons);
            limit += persons * tier.Amount;
            members -= persons;
        }
        return limit;
    }
}

/// <summary>The next <paramref name="Persons"/> of a household get <paramref name="Amount"/> each; who comes after the last tier gets none.</summary>
internal readonly record struct PersonTier(int Persons, long Amount);

/// <summary>So much of one article a household and month, within a programme's money.</summary>
internal sealed record CapQuota(QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit, Label Name, long PerHousehold)
    : QuotaRule(Code, Programme, Unit, Name)
{
    public override bool IsCap => true;

    public override long PeriodLimit(int members, DateOnly date) => members > 0 ? PerHousehold : 0;
}

/// <summary>What was credited, spendable in the first days of the month it was credited to: bread points.</summary>
internal sealed record CreditedQuota(QuotaCode Code, ProgrammeCode Programme, QuantityUnit Unit, Label Name, int SpendableDays)
    : QuotaRule(Code, Programme, Unit, Name)
{
    public override bool IsCredited => true;

    public override long PeriodLimit(int members, DateOnly date) => 0;

    public override long LimitByEndOf(int members, DateOnly date) => long.MaxValue;

    public override long DayLimit(int members, DateOnly date) => date.Day <= SpendableDays ? long.MaxValue : 0;
}
