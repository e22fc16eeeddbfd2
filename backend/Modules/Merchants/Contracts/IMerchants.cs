using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Contracts;

/// <summary>Merchants, their outlets and terminals.</summary>
public interface IMerchants
{
    /// <summary>The terminals of these ids, those that exist; on the path of every call, one round trip.</summary>
    Task<IReadOnlyDictionary<TerminalId, TerminalStanding>> FindTerminalsAsync(IReadOnlyCollection<TerminalId> terminals, CancellationToken cancellation);

    /// <summary>
    /// Adds a merchant with its outlets, or changes it; used by imports and the demo. Programmes that are not named are served no
    /// longer; outlets that are not named stay, their terminals stand there.
    /// </summary>
    Task<MerchantOutcome> RegisterAsync(MerchantRegistration merchant, CancellationToken cancellation);

    /// <summary>A suspended merchant keeps its terminals, but every draw at them is declined until it is reinstated.</summary>
    Task<MerchantOutcome> SuspendAsync(MerchantId merchant, string reason, CancellationToken cancellation);

    Task<MerchantOutcome> ReinstateAsync(MerchantId merchant, CancellationToken cancellation);

    /// <summary>
    /// Makes a one-time activation code for a terminal; only its hash is kept. The code before it is void. An enrolled terminal
    /// goes on as it is until it enrols with the new code, and moves to <paramref name="outlet"/> then.
    /// </summary>
    Task<ActivationOutcome> IssueActivationCodeAsync(TerminalId terminal, OutletId outlet, CancellationToken cancellation);

    /// <summary>
    /// Checks the activation code, in fixed time. Where it is right, the keys of <paramref name="requestHash"/> may be certified for
    /// the terminal as it is answered: at the code's outlet. The code is spent by <see cref="CompleteEnrolmentAsync"/>.
    /// </summary>
    Task<EnrolmentCheck> CheckActivationAsync(TerminalId terminal, string activationCode, ReadOnlyMemory<byte> requestHash, CancellationToken cancellation);

    /// <summary>
    /// Records the certificates that were issued; from now on the terminal's calls are known by the serial number. Keys that a code
    /// was checked for spend that code; other keys of an enrolled terminal are a renewal.
    /// </summary>
    Task<EnrolmentOutcome> CompleteEnrolmentAsync(EnrolmentRecord enrolment, CancellationToken cancellation);

    /// <summary>
    /// The enrolment that is in force; null where the terminal never enrolled. A terminal whose answer to a renewal was
    /// lost still holds the certificate before: it asks again with the same requests and gets this one.
    /// </summary>
    Task<EnrolmentRecord?> FindEnrolmentAsync(TerminalId terminal, CancellationToken cancellation);

    /// <summary>
    /// Puts an enrolled terminal with an aggregator, which may then carry its draws; null takes it away from any. The terminal goes on
    /// to speak for itself either way.
    /// </summary>
    Task<MerchantOutcome> PlaceTerminalAsync(TerminalId terminal, string? aggregator, CancellationToken cancellation);

    Task<MerchantProfile?> FindMerchantAsync(MerchantId merchant, CancellationToken cancellation);

    /// <summary>Names for a report, of the merchants that exist; one round trip.</summary>
    Task<IReadOnlyDictionary<MerchantId, Label>> FindNamesAsync(IReadOnlyCollection<MerchantId> merchants, CancellationToken cancellation);

    /// <summary>A revoked terminal's certificate is refused from the next call on.</summary>
    Task<MerchantOutcome> RevokeTerminalAsync(TerminalId terminal, string reason, CancellationToken cancellation);
}

/// <summary>What a call needs to know of a terminal. Its merchant is the outlet's.</summary>
/// <param name="TlsSerialNumber">Of the certificate that is in force; empty where not enrolled.</param>
/// <param name="Programmes">Programmes that the merchant may serve.</param>
public sealed record TerminalStanding(TerminalId Terminal, MerchantId Merchant, OutletId Outlet, TerminalState State, bool MerchantSuspended, string TlsSerialNumber, IReadOnlyList<ProgrammeCode> Programmes)
{
    /// <summary>Name of the aggregator that may carry its draws; null where none may.</summary>
    public string? Aggregator { get; init; }
}

/// <summary>States of a terminal; revoked is for ever: a device that is found again gets another terminal id.</summary>
public enum TerminalState
{
    AwaitingEnrolment = 1,
    Enrolled = 2,
    Revoked = 3,
}

public enum MerchantKind
{
    Bakery = 1,
    Grocer = 2,
    Cooperative = 3,
}

public sealed record MerchantRegistration(MerchantId Merchant, MerchantKind Kind, Label Name, IReadOnlyList<ProgrammeCode> Programmes, IReadOnlyList<OutletRegistration> Outlets);

public sealed record OutletRegistration(OutletId Outlet, Label Name, short Governorate);

public sealed record MerchantProfile(MerchantId Merchant, MerchantKind Kind, Label Name, bool Suspended, IReadOnlyList<ProgrammeCode> Programmes, IReadOnlyList<OutletRegistration> Outlets);

public abstract record MerchantOutcome
{
    public sealed record Done : MerchantOutcome;

    public sealed record Refused(string Field, string Reason, string NextStep) : MerchantOutcome;
}

public abstract record ActivationOutcome
{
    public sealed record Issued(string ActivationCode) : ActivationOutcome;

    public sealed record Refused(string Reason, string NextStep) : ActivationOutcome;
}

public abstract record EnrolmentCheck
{
    public sealed record Accepted(TerminalStanding Terminal) : EnrolmentCheck;

    /// <summary>The same code with the same keys: here is the first answer.</summary>
    public sealed record AlreadyEnrolled(EnrolmentRecord Enrolment) : EnrolmentCheck;

    public sealed record Refused(EnrolmentRefusal Reason) : EnrolmentCheck;
}

public abstract record EnrolmentOutcome
{
    /// <param name="Enrolment">What to answer with: where the same keys were certified twice at once, what was recorded first.</param>
    public sealed record Completed(EnrolmentRecord Enrolment) : EnrolmentOutcome;

    /// <summary>Nothing was recorded, and the certificates are good for nothing: other keys have spent the code meanwhile, or the terminal was revoked.</summary>
    public sealed record Refused(EnrolmentRefusal Reason) : EnrolmentOutcome;
}

/// <summary>
/// Why a terminal cannot enrol. Who does not know the code learns no more than that: apart from an exhausted code, everything is told
/// only after the code was right.
/// </summary>
public enum EnrolmentRefusal
{
    UnknownTerminal = 1,
    WrongCode,
    CodeSpent,
    CodeExpired,
    TooManyTries,
    Revoked,
}

/// <param name="RequestHash">SHA-256 over both PKCS#10 requests: what makes a repetition the same.</param>
public sealed record EnrolmentRecord(TerminalId Terminal, ReadOnlyMemory<byte> RequestHash, string TlsSerialNumber, ReadOnlyMemory<byte> TlsCertificate, IReadOnlyList<ReadOnlyMemory<byte>> TlsChain, ReadOnlyMemory<byte> CardCertificate, DateTimeOffset NotAfter);
