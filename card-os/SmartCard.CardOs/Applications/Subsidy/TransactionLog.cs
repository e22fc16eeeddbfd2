using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>The card's last twenty records, newest first.</summary>
internal static class TransactionLog
{
    public static LogRecord? Newest(CardState state) =>
        state.Files.Record(FileId.TransactionLog, 1) is { } bytes ? Decode(bytes) : null;

    /// <summary>The record of a transaction id that this terminal has used before.</summary>
    public static LogRecord? Find(CardState state, TerminalId terminal, TransactionId transaction)
    {
        foreach (var bytes in state.Files.Records(FileId.TransactionLog))
        {
            var entry = Decode(bytes);
            if (entry.Record.Terminal == terminal && entry.Record.TransactionId == transaction)
                return entry;
        }

        return null;
    }

    private static LogRecord Decode(ReadOnlyMemory<byte> bytes) =>
        LogRecord.TryDecode(bytes, out var entry, out var refusal)
            ? entry
            : throw new InvalidOperationException($"The log holds what the card did not write: {refusal}.");
}
