using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// The issuer's word on an ARQC, in the second GENERATE AC: <c>8A 02 response code | 91 08 ARPC</c>
/// (EMV book 3, annex A; ISO 8583 field 39 in ASCII).
/// </summary>
/// <param name="ResponseCode">Two ASCII characters as a big-endian number: 3030 is "00", approved.</param>
/// <param name="Arpc">8 bytes, <see cref="ApplicationCryptogram.Response"/>.</param>
public sealed record IssuerAuthentication(ushort ResponseCode, ReadOnlyMemory<byte> Arpc)
{
    public const ushort Approved = 0x3030;
    public const ushort Declined = 0x3035;

    public bool IsApproved => ResponseCode == Approved;

    /// <summary>The plain command: TC is asked for when the issuer approved, AAC otherwise.</summary>
    public CommandApdu ToCommand() => new(
        ClassByte.Proprietary, Instruction.GenerateApplicationCryptogram,
        (byte)(IsApproved ? CryptogramKind.Offline : CryptogramKind.Declined), 0, Encode(), CommandApdu.ShortLeMax);

    public byte[] Encode() => new TlvWriter()
        .AppendUInt16(TransactionTags.AuthorisationResponseCode, ResponseCode)
        .Append(TransactionTags.IssuerAuthenticationData, Arpc.Span)
        .ToArray();

    /// <summary>Never throws on hostile bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out IssuerAuthentication authentication)
    {
        var row = TlvSequence.Of(bytes);
        authentication = new IssuerAuthentication(
            row.TakeUInt16(TransactionTags.AuthorisationResponseCode),
            row.Take(TransactionTags.IssuerAuthenticationData, SignedRecord.CryptogramLength));
        return row.IsComplete;
    }
}

/// <summary>The card's answer to the second GENERATE AC: <c>77{9F27, 9F36}</c>. It makes no new record.</summary>
public sealed record IssuerAuthenticationResponse(CryptogramKind Kind, Atc Atc)
{
    public byte[] Encode() => new TlvWriter()
        .Append(TransactionTags.ResponseTemplate, inner => inner
            .Append(TransactionTags.CryptogramInformation, (byte)Kind)
            .AppendUInt16(TransactionTags.Atc, Atc.Value))
        .ToArray();

    /// <summary>Never throws on hostile bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out IssuerAuthenticationResponse response)
    {
        var row = TlvSequence.Inside(bytes, TransactionTags.ResponseTemplate);
        response = new IssuerAuthenticationResponse(
            (CryptogramKind)row.TakeByte(TransactionTags.CryptogramInformation), new Atc(row.TakeUInt16(TransactionTags.Atc)));
        return row.IsComplete && response.Kind is CryptogramKind.Declined or CryptogramKind.Offline;
    }
}
