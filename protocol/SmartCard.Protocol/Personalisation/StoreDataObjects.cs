using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Tlv;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Personalisation;

/// <summary>
/// The data field of STORE DATA: a row of objects, each at most once, in any order. A card takes a whole row or nothing of it
/// (protocol/spec/apdu/store-data.md).
/// </summary>
public sealed record StoreDataObjects
{
    public static readonly Tag CardNumberTag = 0x5A;
    public static readonly Tag TerminalAuthorityTag = 0x42;
    public static readonly Tag KeyAgreementCertificateTag = 0x7F21;
    public static readonly Tag SignatureCertificateTag = 0xDF62;
    public static readonly Tag SecretCodesTag = 0xDF63;
    public static readonly Tag RiskLimitsTag = 0xDF64;
    public static readonly Tag ApplicationDataTag = 0x70;

    private static readonly Tag CountryTag = 0x5F28;
    private static readonly Tag CurrencyTag = 0x9F42;

    /// <summary>P1: several blocks may follow (bit 8 not set), BER-TLV structure (GP Card Specification 2.3, table 11-89).</summary>
    public const byte BerTlvStructure = 0x10;
    public const byte LastBlock = 0x80;
    public const int RiskLimitsLength = 6;

    /// <summary>PIN block 8 | PUK block 8, encrypted under the session's DEK.</summary>
    public const int SecretCodesLength = 2 * CardholderVerification.BlockLength;

    public CardNumber? Number { get; init; }
    public HolderReference? TerminalAuthority { get; init; }

    /// <summary>Card-verifiable, as encoded.</summary>
    public ReadOnlyMemory<byte>? KeyAgreementCertificate { get; init; }
    public ReadOnlyMemory<byte>? SignatureCertificate { get; init; }
    public ReadOnlyMemory<byte>? EncryptedSecretCodes { get; init; }
    public CardRiskLimits? RiskLimits { get; init; }
    public CardApplicationData? ApplicationData { get; init; }

    public byte[] Encode()
    {
        var writer = new TlvWriter();
        if (Number is { } number)
            writer.Append(CardNumberTag, number.ToBytes());
        if (TerminalAuthority is { } authority)
            writer.Append(TerminalAuthorityTag, System.Text.Encoding.ASCII.GetBytes(authority.Value));
        if (KeyAgreementCertificate is { } agreement)
            writer.AppendEncoded(agreement.Span);
        if (SignatureCertificate is { } signature)
            writer.Append(SignatureCertificateTag, signature.Span);
        if (EncryptedSecretCodes is { } codes)
            writer.Append(SecretCodesTag, codes.Span);
        if (RiskLimits is { } limits)
        {
            Span<byte> bytes = stackalloc byte[RiskLimitsLength];
            limits.Encode(bytes);
            writer.Append(RiskLimitsTag, bytes);
        }

        if (ApplicationData is { } data)
            writer.AppendEncoded(data.Encode());
        return writer.ToArray();
    }

    /// <summary>False on anything that is not such a row: an unknown or repeated object, a wrong length or value. Never throws.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out StoreDataObjects? objects)
    {
        objects = null;
        if (!BerTlv.TryParse(bytes, TlvLimits.Card, out var nodes, out _) || nodes.Length == 0)
            return false;
        var read = new StoreDataObjects();
        var seen = new HashSet<Tag>();
        foreach (var node in nodes)
        {
            if (!seen.Add(node.Tag) || !TryAdd(ref read, node))
                return false;
        }

        objects = read;
        return true;
    }

    private static bool TryAdd(ref StoreDataObjects objects, TlvNode node)
    {
        if (node.Tag == CardNumberTag && CardNumber.TryDecode(node.Value.Span, out var number))
            objects = objects with { Number = number };
        else if (node.Tag == TerminalAuthorityTag && HolderReference.TryParse(System.Text.Encoding.ASCII.GetString(node.Value.Span), out var authority))
            objects = objects with { TerminalAuthority = authority };
        else if (node.Tag == KeyAgreementCertificateTag)
            objects = objects with { KeyAgreementCertificate = node.Encoded };
        else if (node.Tag == SignatureCertificateTag)
            objects = objects with { SignatureCertificate = node.Value };
        else if (node.Tag == SecretCodesTag && node.Value.Length == SecretCodesLength)
            objects = objects with { EncryptedSecretCodes = node.Value };
        else if (node.Tag == RiskLimitsTag && CardRiskLimits.TryDecode(node.Value.Span, out var limits))
            objects = objects with { RiskLimits = limits };
        else if (node.Tag == ApplicationDataTag && CardApplicationData.TryDecode(node, out var data))
            objects = objects with { ApplicationData = data };
        else
            return false;
        return true;
    }

    internal static Tag Country => CountryTag;
    internal static Tag Currency => CurrencyTag;
}

/// <summary>The card's limits at issue; afterwards only an issuer script of type 03 changes them.</summary>
/// <param name="LowerConsecutiveOffline">At most <paramref name="UpperConsecutiveOffline"/>.</param>
/// <param name="PinThresholdMinor">See <see cref="ProcessingOptionsResponse.PinThresholdMinor"/>.</param>
public readonly record struct CardRiskLimits(byte LowerConsecutiveOffline, byte UpperConsecutiveOffline, uint PinThresholdMinor)
{
    public void Encode(Span<byte> destination)
    {
        destination[0] = LowerConsecutiveOffline;
        destination[1] = UpperConsecutiveOffline;
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], PinThresholdMinor);
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, out CardRiskLimits limits)
    {
        limits = default;
        if (bytes.Length != StoreDataObjects.RiskLimitsLength || bytes[0] > bytes[1])
            return false;
        limits = new CardRiskLimits(bytes[0], bytes[1], BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));
        return true;
    }
}

/// <summary>
/// What the card says of itself, short file 2, record 1: <c>70{5F28 country, 9F42 currency}</c>, ISO 3166-1 and ISO 4217 numeric, n3 in two bytes.
/// </summary>
public readonly record struct CardApplicationData(ushort Country, ushort Currency)
{
    private const ushort CodeMax = 999;

    public byte[] Encode()
    {
        var (country, currency) = (new byte[2], new byte[2]);
        Bcd.Encode(Country, country);
        Bcd.Encode(Currency, currency);
        return new TlvWriter()
            .Append(StoreDataObjects.ApplicationDataTag, inner => inner
                .Append(StoreDataObjects.Country, country)
                .Append(StoreDataObjects.Currency, currency))
            .ToArray();
    }

    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out CardApplicationData data)
    {
        data = default;
        return BerTlv.TryParseSingle(bytes, StoreDataObjects.ApplicationDataTag, TlvLimits.Card, out var node, out _) && TryDecode(node, out data);
    }

    internal static bool TryDecode(TlvNode node, out CardApplicationData data)
    {
        data = default;
        if (node.Children is not [{ } country, { } currency]
            || country.Tag != StoreDataObjects.Country || !TryDecodeCode(country.Value.Span, out var countryCode)
            || currency.Tag != StoreDataObjects.Currency || !TryDecodeCode(currency.Value.Span, out var currencyCode))
        {
            return false;
        }

        data = new CardApplicationData(countryCode, currencyCode);
        return true;
    }

    private static bool TryDecodeCode(ReadOnlySpan<byte> bcd, out ushort code)
    {
        code = 0;
        if (bcd.Length != 2 || !Bcd.TryDecode(bcd, out var value) || value is 0 or > CodeMax)
            return false;
        code = (ushort)value;
        return true;
    }
}
