using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Cards.Certificates;

/// <summary>
/// Whom a client certificate names: one URI as subject alternative name (RFC 5280, 4.2.1.6),
/// <c>urn:subsidy:terminal:T0000042:merchant:12:outlet:34</c>, <c>urn:subsidy:staff:mona.hassan:roles:issuance+reconciliation</c> or
/// <c>urn:subsidy:aggregator:delta-pay</c>.
/// </summary>
internal static class HolderUri
{
    public const int StaffNameLengthMax = 64;

    private const string SubjectAlternativeName = "2.5.29.17";

    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    private static readonly (StaffRoles Role, string Name)[] Roles = [(StaffRoles.Issuance, "issuance"), (StaffRoles.Reconciliation, "reconciliation")];

    public static bool IsStaffName(string name) =>
        name.Length is > 0 and <= StaffNameLengthMax && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    public static Uri Of(TerminalId terminal, MerchantId merchant, OutletId outlet) => new($"urn:subsidy:terminal:{terminal}:merchant:{merchant}:outlet:{outlet}");

    public static Uri Of(string staff, StaffRoles roles) =>
        new($"urn:subsidy:staff:{staff}:roles:{string.Join('+', Roles.Where(role => roles.HasFlag(role.Role)).Select(role => role.Name))}");

    public static Uri OfAggregator(string name) => new($"urn:subsidy:aggregator:{name}");

    /// <summary>Reads without judging; false where there is not exactly one such URI.</summary>
    public static bool TryRead(X509Certificate2 certificate, [NotNullWhen(true)] out CertificateHolder? holder)
    {
        holder = null;
        try
        {
            var uris = certificate.Extensions.Where(extension => extension.Oid?.Value == SubjectAlternativeName).SelectMany(UrisOf).ToList();
            return uris.Count == 1 && TryParse(uris[0], out holder);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    internal static bool TryParse(string uri, [NotNullWhen(true)] out CertificateHolder? holder)
    {
        holder = uri.Split(':') switch
        {
            ["urn", "subsidy", "terminal", var id, "merchant", var merchant, "outlet", var outlet]
                when TerminalId.TryParse(id, out var terminal) && TryNumber(merchant, out var merchantId) && TryNumber(outlet, out var outletId) =>
                new CertificateHolder.Terminal(terminal, new MerchantId(merchantId), new OutletId(outletId)),
            ["urn", "subsidy", "staff", var name, "roles", var roles] when IsStaffName(name) && TryRoles(roles, out var flags) =>
                new CertificateHolder.Staff(name, flags),
            ["urn", "subsidy", "aggregator", var name] when IsStaffName(name) => new CertificateHolder.Aggregator(name),
            _ => null,
        };
        return holder is not null;
    }

    private static IEnumerable<string> UrisOf(X509Extension extension)
    {
        var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag() == UriTag)
                yield return names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
            else
                names.ReadEncodedValue();
        }
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryRoles(string text, out StaffRoles roles)
    {
        roles = StaffRoles.None;
        foreach (var name in text.Split('+'))
        {
            var role = Array.Find(Roles, role => role.Name == name).Role;
            if (role == StaffRoles.None)
                return false;
            roles |= role;
        }
        return true;
    }
}
