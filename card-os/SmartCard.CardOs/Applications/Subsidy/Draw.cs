using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Applications.Subsidy;

/// <summary>
/// The first GENERATE AC. Order matters: the transaction counter is stored before any cryptography, so that no key is ever used twice; counters, chain and
/// record are stored together before the answer, so that whoever sees an answer can rely on the card remembering it.
/// </summary>
internal static class Draw
{
    public static ResponseApdu Take(CommandContext card, GenerateAcRequest request, CryptogramKind asked, bool signed)
    {
        if (!TerminalRights.Names(card.Session, request.Terminal))
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        // Before everything else: a tap that is repeated gets what it got.
        if (TransactionLog.Find(card.State, request.Terminal, request.TransactionId) is { } before)
            return Repeat(card, request, before);
        if (!TerminalRights.Cover(card.Session, request, asked) || card.State.Subsidy.Atc.IsExhausted)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);

        var kind = asked == CryptogramKind.Offline && OfflineRules.Check(card.State, card.Session, request) != OfflineRefusal.None
            ? CryptogramKind.Declined
            : asked;

        card.Session.PendingArqc = null;
        card.Commit(card.State with { Subsidy = card.State.Subsidy with { Atc = card.State.Subsidy.Atc.Next() } });

        var counted = Count(card.State.Subsidy, request, kind);
        var offlineSpent = request.Draws.Select(draw => counted.AllowanceFor(draw.Programme)?.Spent ?? 0).ToArray();
        var record = TransactionRecordCodec.Encode(
            request.ToRecord(card.State.Number!.Value, counted.Atc, kind, counted.Chain, offlineSpent));
        var cryptogram = ComputeCryptogram(card, counted.Atc, record);
        var signature = signed ? Sign(card, record) : [];
        var entry = LogRecord.Encode(record, cryptogram, signature);

        card.Commit(card.State with
        {
            Subsidy = counted with { Chain = counted.Chain.Append(record) },
            Files = card.State.Files.Put(FileId.TransactionLog, entry),
        });
        return Answer(card, TransactionLog.Newest(card.State)!);
    }

    /// <summary>Same terminal, same transaction id: the same request is answered as the first time and debits nothing; another one is refused.</summary>
    private static ResponseApdu Repeat(CommandContext card, GenerateAcRequest request, LogRecord before)
    {
        var record = before.Record;
        var again = TransactionRecordCodec.Encode(
            request.ToRecord(record.Card, record.Atc, record.Kind, record.PreviousChain, RepeatedCounters(request, record)));
        return again.AsSpan().SequenceEqual(before.Encoded.Span)
            ? Answer(card, before)
            : Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
    }

    private static uint[] RepeatedCounters(GenerateAcRequest request, TransactionRecord record)
    {
        var counters = new uint[request.Draws.Count];
        for (var index = 0; index < Math.Min(counters.Length, record.Draws.Count); index++)
            counters[index] = record.Draws[index].OfflineSpent;
        return counters;
    }

    /// <summary>Only what was given without a line counts on the card; what the issuer authorises, the issuer counts.</summary>
    private static SubsidyState Count(SubsidyState subsidy, GenerateAcRequest request, CryptogramKind kind)
    {
        if (kind != CryptogramKind.Offline)
            return subsidy;
        foreach (var draw in request.Draws)
        {
            var allowance = subsidy.AllowanceFor(draw.Programme)!.Value;
            subsidy = subsidy.With(allowance with { Spent = allowance.Spent + draw.Quantity });
        }

        var consecutive = subsidy.ConsecutiveOffline;
        return subsidy with { ConsecutiveOffline = consecutive with { Count = (byte)(consecutive.Count + 1) } };
    }

    private static byte[] ComputeCryptogram(CommandContext card, Atc atc, byte[] record)
    {
        card.Timing.Charge(CardOperation.SetUpAesKey, 2); // the card's key and the key of this ATC
        card.Timing.Charge(CardOperation.RunAes, 2);
        return ApplicationCryptogram.Compute(card.State.Keys.CryptogramKey.Span, atc, record);
    }

    private static byte[] Sign(CommandContext card, byte[] record)
    {
        card.Timing.Charge(CardOperation.Sign);
        return card.Keys.Signature(card.State.Keys)!.Sign(record);
    }

    private static ResponseApdu Answer(CommandContext card, LogRecord entry)
    {
        var record = entry.Record;
        // The issuer may answer the newest record only: an older one's offline draws lie behind it.
        card.Session.PendingArqc = record.Kind == CryptogramKind.Online && record.Atc == card.State.Subsidy.Atc
            ? new PendingArqc(record.Atc, entry.Cryptogram)
            : null;
        return Answers.Data(new GenerateAcResponse
        {
            Kind = record.Kind,
            Atc = record.Atc,
            Counters = [.. record.Draws.Select(draw => (draw.Programme, draw.OfflineSpent))],
            PreviousChain = record.PreviousChain,
            Chain = record.PreviousChain.Append(entry.Encoded.Span),
            Cryptogram = entry.Cryptogram,
            Signature = entry.Signature,
        }.Encode());
    }
}
