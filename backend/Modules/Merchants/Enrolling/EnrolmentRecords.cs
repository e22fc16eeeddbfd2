using System.Buffers.Binary;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;

namespace SmartCard.Backend.Merchants.Enrolling;

/// <summary>An enrolment between its row and its contract.</summary>
internal static class EnrolmentRecords
{
    private const int LengthBytes = sizeof(int);

    public static EnrolmentRecord ToRecord(EnrolmentRow row) => new(
        row.TerminalId, row.RequestHash, row.TlsSerialNumber, row.TlsCertificate, Split(row.TlsChain), row.CardCertificate, row.NotAfter);

    public static void Put(EnrolmentRecord record, EnrolmentRow row)
    {
        row.TlsSerialNumber = record.TlsSerialNumber;
        row.TlsCertificate = record.TlsCertificate.ToArray();
        row.TlsChain = Join(record.TlsChain);
        row.CardCertificate = record.CardCertificate.ToArray();
        row.NotAfter = record.NotAfter;
    }

    private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> chain)
    {
        var bytes = new byte[chain.Sum(certificate => LengthBytes + certificate.Length)];
        var rest = bytes.AsSpan();
        foreach (var certificate in chain)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, certificate.Length);
            certificate.Span.CopyTo(rest[LengthBytes..]);
            rest = rest[(LengthBytes + certificate.Length)..];
        }
        return bytes;
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> bytes)
    {
        var chain = new List<ReadOnlyMemory<byte>>();
        while (!bytes.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.Span);
            chain.Add(bytes.Slice(LengthBytes, length));
            bytes = bytes[(LengthBytes + length)..];
        }
        return chain;
    }
}
