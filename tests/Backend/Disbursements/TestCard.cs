using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Disbursements;

/// <summary>A card as the ledger sees one: it counts, chains and signs. Copying it makes a clone.</summary>
internal sealed record TestCard(CardNumber Number, HouseholdId Household)
{
    private static long s_transactions;

    private Dictionary<ProgrammeCode, uint> _offlineSpent = [];

    public CardState State { get; set; } = CardState.Active;
    public ushort Atc { get; set; }
    public RecordChain Chain { get; set; }

    public CardStanding Standing => new(Number, Household, State, new byte[65], KeyVersion: 1);

    /// <summary>GENERATE AC: the next record, whatever it says.</summary>
    public SignedRecord Draw(Drawing drawing)
    {
        var draws = drawing.Draws.Select(draw => draw with { OfflineSpent = SpentAfter(drawing.Kind, draw) }).ToArray();
        var record = new TransactionRecord
        {
            Card = Number,
            Atc = new Atc(++Atc),
            Kind = drawing.Kind,
            AmountMinor = drawing.AmountMinor,
            Currency = drawing.Currency,
            Date = drawing.Date,
            Time = drawing.Time,
            Type = drawing.Type,
            Terminal = drawing.Terminal,
            UnpredictableNumber = new byte[16],
            BasketHash = drawing.BasketHash,
            TransactionId = new TransactionId((UInt128)Interlocked.Increment(ref s_transactions)),
            PreviousChain = Chain,
            Draws = draws,
        };
        var signed = Sign(record);
        Chain = signed.Chain();
        return signed;
    }

    public TestCard Copied() => this with { _offlineSpent = new(_offlineSpent) };

    public static SignedRecord Sign(TransactionRecord record, bool cryptogram = true, bool signature = true)
    {
        var bytes = TransactionRecordCodec.Encode(record);
        Assert.True(SignedRecord.TryCreate(
            bytes, cryptogram ? TestCryptography.CryptogramOf(bytes) : new byte[8], signature ? TestCryptography.SignatureOf(bytes) : new byte[64], out var signed, out _));
        return signed;
    }

    private uint SpentAfter(CryptogramKind kind, ProgrammeDraw draw)
    {
        var spent = _offlineSpent.GetValueOrDefault(draw.Programme) + (kind == CryptogramKind.Offline ? draw.Quantity : 0);
        return _offlineSpent[draw.Programme] = spent;
    }
}

/// <summary>What a terminal asks a card to sign.</summary>
internal sealed record Drawing
{
    public required IReadOnlyList<BasketLine> Lines { get; init; }
    public required IReadOnlyList<ProgrammeDraw> Draws { get; init; }
    public required long AmountMinor { get; init; }
    public required DateOnly Date { get; init; }
    public required TimeOnly Time { get; init; }
    public required TerminalId Terminal { get; init; }
    public CryptogramKind Kind { get; init; } = CryptogramKind.Online;
    public ushort Currency { get; init; } = 818;
    public byte Type { get; init; }
    public ReadOnlyMemory<byte> BasketHash { get; init; }
}

/// <summary>Stands for the masters: a cryptogram or signature is right where it is a hash of the bytes. The real ones are tested where they are made.</summary>
internal sealed class TestCryptography : ICardCryptography
{
    public static byte[] CryptogramOf(ReadOnlySpan<byte> bytes) => Hash(1, bytes)[..8];

    public static byte[] SignatureOf(ReadOnlySpan<byte> bytes) => [.. Hash(2, bytes), .. Hash(3, bytes)];

    public bool IsGenuine(CardStanding card, SignedRecord record, [NotNullWhen(true)] out IssuerResponses? responses)
    {
        responses = CryptogramOf(record.Encoded.Span).AsSpan().SequenceEqual(record.Cryptogram.Span)
            ? new IssuerResponses(ResponseOf(IssuerResponses.ApprovedCode), ResponseOf(IssuerResponses.DeclinedCode))
            : null;
        return responses is not null;

        byte[] ResponseOf(ReadOnlyMemory<byte> code) => Hash(4, [.. record.Cryptogram.Span, .. code.Span])[..8];
    }

    public bool IsSigned(CardStanding card, SignedRecord record) => SignatureOf(record.Encoded.Span).AsSpan().SequenceEqual(record.Signature.Span);

    public byte[] ScriptMac(CardStanding card, ReadOnlySpan<byte> scriptBody) => Hash(5, scriptBody)[..8];

    private static byte[] Hash(byte purpose, ReadOnlySpan<byte> bytes) => SHA256.HashData([purpose, .. bytes]);
}
