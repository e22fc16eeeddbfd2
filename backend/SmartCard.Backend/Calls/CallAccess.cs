using System.Collections.Frozen;

namespace SmartCard.Backend.Calls;

/// <summary>Whom a method is for.</summary>
internal enum Audience
{
    /// <summary>Who is not in the table is nobody's: a method that was forgotten is closed, not open.</summary>
    Nobody = 0,

    /// <summary>No certificate is asked for.</summary>
    Anyone,

    /// <summary>Enrolled terminals.</summary>
    Terminal,

    /// <summary>A terminal whose certificate was superseded by a renewal may still ask to hear the answer again.</summary>
    TerminalRenewing,

    /// <summary>Enrolled terminals for themselves, and aggregators for the terminals that the register puts with them.</summary>
    TerminalOrAggregator,

    /// <summary>Ministry staff who issue cards, and the personalisation bureau.</summary>
    Issuance,

    /// <summary>Ministry staff who settle the day.</summary>
    Reconciliation,
}

/// <summary>The one table of who may call what.</summary>
internal static class CallAccess
{
    public static readonly FrozenDictionary<string, Audience> Table = new Dictionary<string, Audience>
    {
        ["/grpc.health.v1.Health/Check"] = Audience.Anyone,
        ["/grpc.health.v1.Health/Watch"] = Audience.Anyone,

        ["/subsidy.v1.Terminals/Enrol"] = Audience.Anyone,
        ["/subsidy.v1.Terminals/Renew"] = Audience.TerminalRenewing,
        ["/subsidy.v1.Terminals/GetParameters"] = Audience.Terminal,
        ["/subsidy.v1.Terminals/GetDenylist"] = Audience.Terminal,

        ["/subsidy.v1.Disbursements/Inquire"] = Audience.Terminal,
        ["/subsidy.v1.Disbursements/Authorise"] = Audience.Terminal,
        ["/subsidy.v1.Disbursements/AuthoriseStream"] = Audience.TerminalOrAggregator,
        ["/subsidy.v1.Disbursements/Reverse"] = Audience.TerminalOrAggregator,
        ["/subsidy.v1.Disbursements/Refund"] = Audience.Terminal,
        ["/subsidy.v1.Disbursements/Present"] = Audience.Terminal,

        ["/subsidy.v1.Batches/Close"] = Audience.Terminal,
        ["/subsidy.v1.Batches/UploadLedger"] = Audience.Terminal,
        ["/subsidy.v1.Batches/UploadLedgerCsv"] = Audience.Terminal,

        ["/subsidy.v1.Cards/Order"] = Audience.Issuance,
        ["/subsidy.v1.Cards/BeginPersonalisation"] = Audience.Issuance,
        ["/subsidy.v1.Cards/CertifyCard"] = Audience.Issuance,
        ["/subsidy.v1.Cards/CompletePersonalisation"] = Audience.Issuance,
        ["/subsidy.v1.Cards/Issue"] = Audience.Issuance,
        ["/subsidy.v1.Cards/Activate"] = Audience.Issuance,
        ["/subsidy.v1.Cards/Block"] = Audience.Issuance,
        ["/subsidy.v1.Cards/Replace"] = Audience.Issuance,
        ["/subsidy.v1.Cards/GetStatus"] = Audience.Issuance,

        ["/subsidy.v1.Reconciliation/Run"] = Audience.Reconciliation,
        ["/subsidy.v1.Reconciliation/GetReport"] = Audience.Reconciliation,
        ["/subsidy.v1.Reconciliation/ListBreaks"] = Audience.Reconciliation,
    }.ToFrozenDictionary();

    public static Audience Of(string method) => Table.GetValueOrDefault(method);
}
