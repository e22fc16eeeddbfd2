using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>What a genuine script may change. Periods move forward, grants grow, a block stays.</summary>
internal static class ScriptRules
{
    public static StatusWord Apply(SubsidyState subsidy, IssuerScript script, out SubsidyState next)
    {
        next = subsidy;
        switch (script)
        {
            case AllowanceGrant grant:
                return Apply(subsidy, grant, out next);
            case ApplicationBlock:
                next = subsidy with { IsBlocked = true };
                return StatusWord.Success;
            case RiskLimits limits:
                next = subsidy with
                {
                    ConsecutiveOffline = subsidy.ConsecutiveOffline with { Lower = limits.LowerConsecutiveOffline, Upper = limits.UpperConsecutiveOffline },
                    PinThresholdMinor = limits.PinThresholdMinor,
                };
                return StatusWord.Success;
            default:
                return StatusWord.WrongData;
        }
    }

    private static StatusWord Apply(SubsidyState subsidy, AllowanceGrant grant, out SubsidyState next)
    {
        next = subsidy;
        var current = subsidy.AllowanceFor(grant.Programme);
        if (current is null && subsidy.Allowances.Length == TransactionRecord.ProgrammesMax)
            return StatusWord.NotEnoughMemory;
        if (current is { } held && !Follows(held, grant))
            return StatusWord.ConditionsOfUseNotSatisfied;

        var spent = current is { } same && same.Period == grant.Period ? same.Spent : 0;
        next = subsidy.With(new Allowance(
            grant.Programme, grant.Unit, grant.Period, grant.NotBefore, grant.NotAfter, grant.Granted, spent, grant.CapPerTransaction));
        return StatusWord.Success;
    }

    private static bool Follows(Allowance held, AllowanceGrant grant) =>
        grant.Period > held.Period
        || (grant.Period == held.Period && grant.Unit == held.Unit && grant.Granted >= held.Granted);
}
