using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Contracts;

/// <summary>Is this card genuine and allowed.</summary>
public interface ICards
{
    /// <summary>The cards of these numbers, those that exist; for the path of a draw, one round trip.</summary>
    Task<IReadOnlyDictionary<CardNumber, CardStanding>> FindAsync(IReadOnlyCollection<CardNumber> cards, CancellationToken cancellation);

    /// <summary>Denylist entries after a version, oldest first, at most <paramref name="limit"/>.</summary>
    Task<DenylistPage> DenylistAfterAsync(long version, int limit, CancellationToken cancellation);
}

/// <summary>What the path of a draw needs to know of a card.</summary>
/// <param name="SignaturePublicKey">65 bytes, uncompressed P-256.</param>
/// <param name="KeyVersion">KVN under which the card's symmetric keys were derived.</param>
public sealed record CardStanding(CardNumber Card, HouseholdId Household, CardState State, ReadOnlyMemory<byte> SignaturePublicKey, byte KeyVersion);

/// <summary>States of issuance; the order of the numbers is the order of a card's life.</summary>
public enum CardState
{
    Ordered = 1,
    Personalised = 2,
    Issued = 3,
    Active = 4,
    Blocked = 5,
    Replaced = 6,
}

public sealed record DenylistPage(long Version, IReadOnlyList<DenylistEntry> Entries, bool More);

public readonly record struct DenylistEntry(long Version, CardNumber Card, bool Denied);

/// <summary>
/// Issuance as a ledger: every step of a card's life is an event that names who and why; a card's state follows from its
/// events through one transition table. A step the table does not have is refused.
/// </summary>
public interface ICardIssuance
{
    Task<CardOutcome> OrderAsync(Guid orderId, HouseholdId household, string actor, CancellationToken cancellation);
    Task<PersonalisationOutcome> BeginPersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation);

    /// <summary>Certifies the two public keys (65 bytes each) that the card generated. The same keys again give the same certificates; others are refused.</summary>
    Task<CertificationOutcome> CertifyAsync(CardNumber card, ReadOnlyMemory<byte> keyAgreementKey, ReadOnlyMemory<byte> signatureKey, string actor, CancellationToken cancellation);
    Task<CardOutcome> CompletePersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation);
    Task<CardOutcome> IssueAsync(CardNumber card, string actor, CancellationToken cancellation);
    Task<CardOutcome> ActivateAsync(CardNumber card, string actor, CancellationToken cancellation);
    Task<CardOutcome> BlockAsync(CardNumber card, string reason, string actor, CancellationToken cancellation);

    /// <summary>Blocks the card if it is not blocked, marks it replaced and orders its successor for the same household.</summary>
    Task<CardOutcome> ReplaceAsync(Guid orderId, CardNumber card, string reason, string actor, CancellationToken cancellation);
    Task<CardHistory?> HistoryAsync(CardNumber card, CancellationToken cancellation);
}

public abstract record CardOutcome
{
    public sealed record Done(CardNumber Card, CardState State) : CardOutcome;

    public sealed record Refused(CardRefusal Reason, string NextStep) : CardOutcome;
}

public enum CardRefusal
{
    UnknownCard = 1,
    UnknownHousehold,
    HouseholdHasCard,
    WrongState,
    KeysDiffer,
    MalformedKey,
    UnknownReason,

    /// <summary>The order id stands for another order.</summary>
    OrderDiffers,
}

public abstract record PersonalisationOutcome
{
    /// <summary>Keys of one card, in clear: they leave the process only wrapped for the bureau.</summary>
    public sealed record Ready(CardKeySet Keys, ReadOnlyMemory<byte> TerminalAuthorityCertificate) : PersonalisationOutcome;

    public sealed record Refused(CardRefusal Reason, string NextStep) : PersonalisationOutcome;
}

/// <summary>Symmetric keys of a card, 16 bytes each, all derived from the issuer's masters.</summary>
public sealed record CardKeySet(byte KeyVersion, ReadOnlyMemory<byte> Enc, ReadOnlyMemory<byte> Mac, ReadOnlyMemory<byte> Dek, ReadOnlyMemory<byte> ApplicationCryptogram, ReadOnlyMemory<byte> ScriptMac);

public abstract record CertificationOutcome
{
    public sealed record Certified(ReadOnlyMemory<byte> KeyAgreementCertificate, ReadOnlyMemory<byte> SignatureCertificate) : CertificationOutcome;

    public sealed record Refused(CardRefusal Reason, string NextStep) : CertificationOutcome;
}

public sealed record CardHistory(CardNumber Card, HouseholdId Household, CardState State, IReadOnlyList<CardEvent> Events);

public sealed record CardEvent(CardState State, DateTimeOffset At, string Actor, string Reason);

/// <summary>ARPCs, 8 bytes each, for the second GENERATE AC: for the response codes <see cref="ApprovedCode"/> and <see cref="DeclinedCode"/>.</summary>
public sealed record IssuerResponses(ReadOnlyMemory<byte> Approved, ReadOnlyMemory<byte> Declined)
{
    /// <summary>ISO 8583, field 39: approved.</summary>
    public static ReadOnlyMemory<byte> ApprovedCode { get; } = "00"u8.ToArray();

    /// <summary>Do not honour.</summary>
    public static ReadOnlyMemory<byte> DeclinedCode { get; } = "05"u8.ToArray();
}

/// <summary>Cryptograms of cards: computed where the masters are (key store now, HSM later).</summary>
public interface ICardCryptography
{
    /// <summary>True where the 8-byte cryptogram is the card's over the record's bytes. Compared in fixed time.</summary>
    /// <param name="responses">What the card will believe as the answer to it. Made here, because most of the work is the key of the transaction.</param>
    bool IsGenuine(CardStanding card, SignedRecord record, [NotNullWhen(true)] out IssuerResponses? responses);

    /// <summary>True where the 64-byte signature verifies.</summary>
    bool IsSigned(CardStanding card, SignedRecord record);

    /// <summary>MAC, 8 bytes, over an issuer script: everything before the MAC.</summary>
    byte[] ScriptMac(CardStanding card, ReadOnlySpan<byte> scriptBody);
}

/// <summary>The certificates that this system issues; keys in the data folder (development) or in an HSM.</summary>
public interface ICertificateAuthority
{
    /// <summary>X.509 of the root, DER: the one trust anchor of terminals and staff.</summary>
    ReadOnlyMemory<byte> RootCertificate { get; }

    /// <summary>Card-verifiable certificate of the authority that certifies cards.</summary>
    ReadOnlyMemory<byte> CardAuthorityCertificate { get; }

    /// <summary>Card-verifiable certificate of the authority whose terminals cards accept.</summary>
    ReadOnlyMemory<byte> TerminalAuthorityCertificate { get; }

    /// <summary>65 bytes, uncompressed P-256: verifies <see cref="SignAcknowledgement"/>.</summary>
    ReadOnlyMemory<byte> AcknowledgementPublicKey { get; }

    /// <summary>Certificates over a terminal's two keys, from two PKCS#10 requests whose own signatures are checked.</summary>
    /// <param name="programmes">What the merchant may serve: cards hold the terminal to it.</param>
    TerminalCertificationOutcome CertifyTerminal(
        TerminalId terminal, MerchantId merchant, OutletId outlet, IReadOnlyList<ProgrammeCode> programmes, ReadOnlyMemory<byte> tlsRequest, ReadOnlyMemory<byte> cardRequest);

    /// <summary>64 bytes r|s over <paramref name="message"/>.</summary>
    byte[] SignAcknowledgement(ReadOnlySpan<byte> message);

    /// <summary>X.509 of the authorities between the root and what they certify, DER: a resumed TLS session does not bring them along.</summary>
    IReadOnlyList<ReadOnlyMemory<byte>> IntermediateCertificates { get; }

    /// <summary>This server's own TLS certificate with its private key, for host names and IP addresses; made where there is none that still holds.</summary>
    X509Certificate2 ServerCertificate(IReadOnlyList<string> names);

    /// <summary>A client certificate for a person or a system of the ministry, from a PKCS#10 request whose own signature is checked.</summary>
    StaffCertificationOutcome CertifyStaff(string name, StaffRoles roles, ReadOnlyMemory<byte> tlsRequest);

    /// <summary>A client certificate for a system that carries the draws of many merchants' terminals, from a PKCS#10 request whose own signature is checked.</summary>
    StaffCertificationOutcome CertifyAggregator(string name, ReadOnlyMemory<byte> tlsRequest);

    /// <summary>Whom a client certificate names; null where it is none of a terminal, staff or an aggregator. Reads only: whether it is genuine and in force is for the caller to check.</summary>
    CertificateHolder? HolderOf(X509Certificate2 certificate);
}

/// <summary>What staff may do; a certificate carries one or several.</summary>
[Flags]
public enum StaffRoles
{
    None = 0,

    /// <summary>Order, personalise, issue, block and replace cards: ministry staff and the personalisation bureau.</summary>
    Issuance = 1,

    /// <summary>Run reconciliation and read its reports.</summary>
    Reconciliation = 2,
}

/// <summary>The holder that a client certificate names.</summary>
public abstract record CertificateHolder
{
    public sealed record Terminal(TerminalId Id, MerchantId Merchant, OutletId Outlet) : CertificateHolder;

    public sealed record Staff(string Name, StaffRoles Roles) : CertificateHolder;

    /// <param name="Name">As the merchants' register names it beside the terminals that it carries.</param>
    public sealed record Aggregator(string Name) : CertificateHolder;
}

public abstract record StaffCertificationOutcome
{
    public sealed record Certified(ReadOnlyMemory<byte> TlsCertificate, IReadOnlyList<ReadOnlyMemory<byte>> TlsChain, string TlsSerialNumber, DateTimeOffset NotAfter) : StaffCertificationOutcome;

    public sealed record Refused(string Field, string Reason) : StaffCertificationOutcome;
}

public abstract record TerminalCertificationOutcome
{
    /// <param name="TlsSerialNumber">Hexadecimal, as in the X.509 certificate: what enrolment remembers.</param>
    public sealed record Certified(ReadOnlyMemory<byte> TlsCertificate, IReadOnlyList<ReadOnlyMemory<byte>> TlsChain, ReadOnlyMemory<byte> CardCertificate, string TlsSerialNumber, DateTimeOffset NotAfter) : TerminalCertificationOutcome;

    public sealed record Refused(string Field, string Reason) : TerminalCertificationOutcome;
}
