namespace SmartCard.Protocol.Certificates;

/// <summary>Why a certificate is not accepted, in order of precedence: the first that applies is the answer.</summary>
public enum CertificateRefusal
{
    None = 0,

    /// <summary>Not the bytes of a certificate, or a key that is not on the curve.</summary>
    Malformed,

    /// <summary>It names another authority than the one it is checked against.</summary>
    WrongIssuer,

    /// <summary>Its role is not the expected one, or its authority may not give that role.</summary>
    WrongRole,

    BadSignature,
    NotYetValid,
    Expired,
}
