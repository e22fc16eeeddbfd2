using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>
/// A draw of this card was cut off before its record was safe. The card's log says what became of it; with an untouched counter
/// not even that has to be read.
/// </summary>
internal sealed partial class TapFlow
{
    /// <summary>Most torn draws of one card that one tap settles.</summary>
    private const int TornMax = 5;

    private TapTrigger SettleTorn()
    {
        for (var settled = 0; _entry is not null && settled < TornMax; settled++)
        {
            var draws = _options!.Atc.Value - _entry.AtcBefore.Value;
            LogRecord? found = null;
            if (draws > 0 && !_session.TryFindInLog(_entry.TransactionId, _entry.AtcBefore, _options.Chain, out found))
                break; // the log could not be read: the draw stays torn, and this tap goes on
            if (found is null)
            {
                _tools.Journal.RecordNotCommitted(
                    _entry, draws > LogRecord.LogLength ? "the card's log no longer reaches back to it" : "not in the card's log");
            }
            else if (!found.TryGetSigned(out var record) || !IsRecordOf(record, _entry))
            {
                break; // not what was asked for: left for an inspector
            }
            else if (record.Record.Kind == CryptogramKind.Online)
            {
                // Nothing was counted on the card and nobody got goods: undone at the backend, should it ever have heard of it.
                _tools.Journal.RecordTornReversal(_entry, record);
            }
            else
            {
                _remaining = LeftOnCard(_options);
                _entry = _tools.Journal.RecordTornCommit(_entry, record, _remaining, _moment.Date);
                if (record.Record.Kind == CryptogramKind.Offline)
                {
                    // The card has counted it: the citizen is owed the goods now.
                    _recovered = true;
                    _outcome = TapOutcome.Of(TapOutcomeKind.ApprovedOffline);
                    return TapTrigger.TornCommitted;
                }
            }

            _entry = _tools.Journal.FindTorn(Card);
        }

        _entry = null;
        return TapTrigger.Done;
    }

    private static bool IsRecordOf(SignedRecord record, JournalEntry entry)
    {
        var committed = record.Record;
        if (committed.Draws.Count != entry.Request.Draws.Count)
            return false;
        var expected = entry.Request.ToRecord(
            entry.Card, committed.Atc, committed.Kind, committed.PreviousChain, [.. committed.Draws.Select(draw => draw.OfflineSpent)]);
        return TransactionRecordCodec.Encode(expected).AsSpan().SequenceEqual(record.Encoded.Span);
    }
}
