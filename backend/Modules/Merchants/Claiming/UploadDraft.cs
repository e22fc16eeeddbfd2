using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Merchants.Claiming;

/// <summary>
/// An upload while it comes in: claims, refusals and the hash of what was sent. It is gathered before anything is written: a slow
/// sender must not hold a transaction open.
/// </summary>
internal sealed class UploadDraft : IDisposable
{
    public const int LinesMax = 100_000;
    public const int LinesPerChunkMax = 500;

    /// <summary>Refusals told one by one; the others are counted.</summary>
    public const int RefusalsToldMax = 100;

    private readonly LineCheck _check;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Claim> _claims = [];
    private readonly List<LineRefusal> _refusals = [];

    public UploadDraft(LedgerUpload upload, string form, LineCheck check)
    {
        _check = check;
        Hash(string.Create(CultureInfo.InvariantCulture, $"{form}|{upload.Merchant}|{upload.BusinessDate:yyyyMMdd}|{upload.BatchNumber}"));
    }

    public IReadOnlyList<Claim> Claims => _claims;

    public IReadOnlyList<LineRefusal> Refusals => _refusals;

    public int Refused { get; private set; }

    public int Lines => _claims.Count + Refused;

    public void Add(int row, LedgerLine line)
    {
        if (_check.FaultOf(line, out var claim) is { } fault)
            Refuse(row, fault);
        else
            _claims.Add(claim);
    }

    public void Refuse(int row, LineFault fault)
    {
        Refused++;
        if (_refusals.Count < RefusalsToldMax)
            _refusals.Add(fault.At(row));
    }

    /// <summary>Counts a line into what was sent.</summary>
    public void Hash(LedgerLine line)
    {
        Hash(line.TransactionId);
        Hash(line.TerminalId);
        Hash(line.ReceiptNumber);
        Span<byte> numbers = stackalloc byte[4 + 8 + 8 + 4];
        BinaryPrimitives.WriteInt32BigEndian(numbers, line.Programme);
        BinaryPrimitives.WriteInt64BigEndian(numbers[4..], line.Quantity);
        BinaryPrimitives.WriteInt64BigEndian(numbers[12..], line.CitizenPaidMinor);
        BinaryPrimitives.WriteInt32BigEndian(numbers[20..], line.BusinessDate?.DayNumber ?? -1);
        _hash.AppendData(numbers);
        // A draw adds nothing, so that an upload of before there were refunds is still the same one.
        if (line.IsRefund)
            _hash.AppendData("refund"u8);
    }

    public void Hash(ReadOnlySpan<byte> content) => _hash.AppendData(content);

    /// <summary>32 bytes; ends the hashing.</summary>
    public byte[] TakeHash() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    // With its length before it, so that text cannot move from one field to the next unseen.
    private void Hash(string text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
        _hash.AppendData(length);
        _hash.AppendData(Encoding.UTF8.GetBytes(text));
    }
}
