using SmartCard.CardOs.FileSystem;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Kernel;

/// <summary>A card seen from outside, for people who look after emulated cards. A chip has no such window.</summary>
public sealed record CardSnapshot
{
    public required CardLifeCycle LifeCycle { get; init; }
    public required bool IsBlocked { get; init; }

    /// <summary>Null before personalisation.</summary>
    public required CardNumber? Number { get; init; }
    public required Atc Atc { get; init; }
    public required RecordChain Chain { get; init; }
    public required IReadOnlyList<Allowance> Allowances { get; init; }
    public required ConsecutiveOffline ConsecutiveOffline { get; init; }
    public required uint PinThresholdMinor { get; init; }
    public required uint ScriptCounter { get; init; }
    public required int PinTriesLeft { get; init; }
    public required int PukTriesLeft { get; init; }
    public required DateOnly LatestDateSeen { get; init; }
    public required uint Scp03Sequence { get; init; }

    /// <summary>65 bytes each; empty before they are made.</summary>
    public required ReadOnlyMemory<byte> KeyAgreementPoint { get; init; }
    public required ReadOnlyMemory<byte> SignaturePoint { get; init; }
    public required ReadOnlyMemory<byte> TerminalAuthorityPoint { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<LogRecord> Log { get; init; }

    internal static CardSnapshot Of(CardState state) => new()
    {
        LifeCycle = state.LifeCycle,
        IsBlocked = state.Subsidy.IsBlocked,
        Number = state.Number,
        Atc = state.Subsidy.Atc,
        Chain = state.Subsidy.Chain,
        Allowances = state.Subsidy.Allowances,
        ConsecutiveOffline = state.Subsidy.ConsecutiveOffline,
        PinThresholdMinor = state.Subsidy.PinThresholdMinor,
        ScriptCounter = state.Subsidy.ScriptCounter,
        PinTriesLeft = state.Pin.TriesLeft,
        PukTriesLeft = state.Puk.TriesLeft,
        LatestDateSeen = state.LatestDateSeen,
        Scp03Sequence = state.Keys.Scp03Sequence,
        KeyAgreementPoint = PointOf(state.Keys.KeyAgreementScalar),
        SignaturePoint = PointOf(state.Keys.SignatureScalar),
        TerminalAuthorityPoint = state.Keys.TerminalAuthorityPoint,
        Log = [.. state.Files.Records(FileId.TransactionLog).Select(Decode)],
    };

    private static ReadOnlyMemory<byte> PointOf(ReadOnlyMemory<byte> scalar)
    {
        if (scalar.IsEmpty)
            return default;
        using var pair = EcKeyPair.FromScalar(scalar.Span);
        return pair.PublicPoint.ToArray();
    }

    private static LogRecord Decode(ReadOnlyMemory<byte> bytes) =>
        LogRecord.TryDecode(bytes, out var record, out var refusal) ? record : throw new InvalidDataException($"The card's log is damaged: {refusal}.");
}
