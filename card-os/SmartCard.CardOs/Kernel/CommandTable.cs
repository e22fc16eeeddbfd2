using SmartCard.CardOs.Commands;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;

namespace SmartCard.CardOs.Kernel;

[Flags]
internal enum Applications
{
    None = 0,
    SecurityDomain = 1,
    Subsidy = 2,
    Both = SecurityDomain | Subsidy,
}

[Flags]
internal enum Classes
{
    None = 0,

    /// <summary>CLA 00, or 04 under secure messaging.</summary>
    Interindustry = 1,

    /// <summary>CLA 80, or 84.</summary>
    Proprietary = 2,
    Either = Interindustry | Proprietary,
}

/// <summary>Where and for whom a command works.</summary>
/// <param name="BeginsAnew">Comes in the clear even while a session is open, and ends it. Every other command must then be protected.</param>
/// <param name="NeedsUnblocked">6985 once the issuer has blocked the application.</param>
internal sealed record CommandRule(
    byte Instruction, ICardCommand Command, Classes Classes, Applications Applications, LifeCycles LifeCycles, Access Access,
    bool BeginsAnew = false, bool NeedsUnblocked = false);

/// <summary>Every command with its access rule: the card does nothing that is not here.</summary>
internal static class CommandTable
{
    public static IReadOnlyList<CommandRule> Rules { get; } =
    [
        new(Instruction.Select, new SelectCommand(), Classes.Interindustry, Applications.Both, LifeCycles.NotTerminated, Access.Always, BeginsAnew: true),
        new(Instruction.GetData, new GetDataCommand(), Classes.Either, Applications.Both, LifeCycles.NotTerminated, Access.Always),

        new(Instruction.InitializeUpdate, new InitializeUpdateCommand(), Classes.Proprietary, Applications.Both, LifeCycles.NotTerminated, Access.Always,
            BeginsAnew: true),
        new(Instruction.PerformSecurityOperation, new PerformSecurityOperationCommand(), Classes.Proprietary, Applications.Both, LifeCycles.Secured,
            Access.Always, BeginsAnew: true),
        new(Instruction.MutualAuthenticate, new MutualAuthenticateCommand(), Classes.Proprietary, Applications.Both, LifeCycles.Secured, Access.Always,
            BeginsAnew: true),

        new(Instruction.SetStatus, new SetStatusCommand(), Classes.Proprietary, Applications.SecurityDomain, LifeCycles.NotTerminated, Access.Issuer),
        new(Instruction.GetStatus, new GetStatusCommand(), Classes.Proprietary, Applications.SecurityDomain, LifeCycles.NotTerminated, Access.Issuer),
        new(Instruction.StoreData, new StoreDataCommand(), Classes.Proprietary, Applications.Both, LifeCycles.Initialized, Access.Issuer),
        new(Instruction.GenerateKeyPair, new GenerateKeyPairCommand(), Classes.Proprietary, Applications.Both, LifeCycles.Initialized, Access.Issuer),
        new(Instruction.PutKey, new PutKeyCommand(), Classes.Proprietary, Applications.Both, LifeCycles.Initialized | LifeCycles.Secured, Access.Issuer),

        new(Instruction.GetProcessingOptions, new GetProcessingOptionsCommand(), Classes.Proprietary, Applications.Subsidy, LifeCycles.Secured,
            Access.Terminal, NeedsUnblocked: true),
        new(Instruction.Verify, new VerifyCommand(), Classes.Either, Applications.Subsidy, LifeCycles.Secured, Access.AnySession, NeedsUnblocked: true),
        new(Instruction.ResetRetryCounter, new ResetRetryCounterCommand(), Classes.Either, Applications.Subsidy, LifeCycles.Secured, Access.AnySession,
            NeedsUnblocked: true),
        new(Instruction.GenerateApplicationCryptogram, new GenerateAcCommand(), Classes.Proprietary, Applications.Subsidy, LifeCycles.Secured,
            Access.Terminal, NeedsUnblocked: true),
        new(Instruction.PutData, new PutDataCommand(), Classes.Either, Applications.Subsidy, LifeCycles.Secured, Access.Terminal | Access.Issuer,
            NeedsUnblocked: true),
        new(Instruction.ReadRecord, new ReadRecordCommand(), Classes.Interindustry, Applications.Subsidy, LifeCycles.InUse, Access.AnySession),
    ];

    public static CommandRule? Find(byte instruction, CardApplication selected)
    {
        var application = selected == CardApplication.SecurityDomain ? Applications.SecurityDomain : Applications.Subsidy;
        foreach (var rule in Rules)
        {
            if (rule.Instruction == instruction && (rule.Applications & application) != Applications.None)
                return rule;
        }

        return null;
    }

    public static bool Accepts(this Classes classes, byte cla)
    {
        var family = (cla & ClassByte.Proprietary) == 0 ? Classes.Interindustry : Classes.Proprietary;
        return (classes & family) != Classes.None;
    }
}
