using SmartCard.LedgerCheck.Checks;
using SmartCard.LedgerCheck.Databases;
using SmartCard.LedgerCheck.Evidence;

namespace SmartCard.LedgerCheck.Journals;

/// <summary>Invariants 7 and 8: terminals' journals against the ledger. What a terminal has yet to send is no difference: it is synchronised later.</summary>
internal static class JournalChecks
{
    private static readonly (Invariant Invariant, string Name, string Says)[] Checks =
    [
        (Invariant.Journals, "journal-recorded", "What a terminal holds to be acknowledged stands in the ledger with the same content, and with the outcome that it was told."),
        (Invariant.Journals, "journal-not-undone", "A draw that stands in a journal was not undone in the ledger."),
        (Invariant.HandedOver, "goods-recorded", "Where goods were handed over, the journal has the record of the card that was served."),
        (Invariant.HandedOver, "draw-logged", "A journal tells every draw from its intent to where it stands, a torn one too, in steps that may follow each other."),
    ];

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(LedgerDatabase ledger, IReadOnlyList<string> files, int rowsMax, CancellationToken cancellation)
    {
        if (files.Count == 0)
            return [.. Checks.Select(check => new CheckResult(check.Invariant, check.Name, check.Says, new Finding.NotApplicable("no terminal's journal was given (--journal)")))];

        var draws = new List<JournalledDraw>();
        foreach (var file in files)
            draws.AddRange(await TerminalJournal.ReadAsync(file, cancellation));
        var recorded = await LedgerSide.ReadAsync(ledger, draws, cancellation);
        Func<JournalledDraw, string?>[] judges =
        [
            draw => draw.IsAcknowledged ? recorded.WhatDiffers(draw) : null,
            draw => draw.IsHandedOver && draw.IsAcknowledged && recorded.IsUndone(draw) ? "undone in the ledger" : null,
            draw => draw.IsHandedOver && draw.Signed?.Card != draw.Card ? "no record of this card" : null,
            draw => draw.IsLogged ? null : "steps " + string.Join(",", draw.Steps),
        ];
        var offending = judges.Select(_ => new OffendingRows(rowsMax)).ToArray();
        foreach (var draw in draws)
        {
            for (var index = 0; index < judges.Length; index++)
            {
                if (judges[index](draw) is { } what)
                    offending[index].Add(("journal", draw.Journal), ("sequence", draw.Sequence), ("card", draw.Card), ("atc", draw.Signed?.Atc), ("state", draw.State), ("differs", what));
            }
        }
        return [.. Checks.Select((check, index) => new CheckResult(check.Invariant, check.Name, check.Says, offending[index].ToFinding()))];
    }

    /// <summary>What the ledger has at the (card, ATC)s of some journals.</summary>
    private sealed class LedgerSide
    {
        private const int UndoneByReversal = 1;
        private const int NothingToUndo = 2;

        /// <summary>Decline reasons of the contract. Those before the last say that the record is none, is not genuine, or not this terminal's.</summary>
        private const int MalformedRecord = 1;
        private const int UnknownCard = 4;
        private const int AtcReplayed = 7;

        private readonly Dictionary<(long Card, int Atc), (byte[] ContentHash, short Status, byte[] Outcome, bool IsUndone)> _disbursements = [];
        private readonly HashSet<(long Card, int Atc)> _refused = [];
        private readonly HashSet<(string Terminal, int Atc)> _refusedUnknown = [];
        private readonly HashSet<string> _replayed = new(StringComparer.Ordinal);

        /// <summary>One pass over each table: keys without a bucket have no index, and a journal has more draws than passes cost.</summary>
        public static async Task<LedgerSide> ReadAsync(LedgerDatabase ledger, IReadOnlyList<JournalledDraw> draws, CancellationToken cancellation)
        {
            var side = new LedgerSide();
            var wanted = draws.Where(draw => draw.Signed is not null).Select(draw => (draw.Signed!.Card, draw.Signed.Atc)).ToHashSet();
            await using (var command = ledger.Command("""
                SELECT d.card, d.atc, d.content_hash, d.status, d.outcome, r.entry
                FROM [disbursements] AS d LEFT JOIN [reversals] AS r ON r.bucket = d.bucket AND r.card = d.card AND r.atc = d.atc
                """))
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    var key = (reader.GetInt64(0), reader.GetInt32(1));
                    if (wanted.Contains(key))
                        side._disbursements[key] = (reader.GetFieldValue<byte[]>(2), reader.GetInt16(3), reader.GetFieldValue<byte[]>(4), !await reader.IsDBNullAsync(5, cancellation));
                }
            }
            await using (var command = ledger.Command("SELECT card, atc, NULL AS content_hash, terminal, reason FROM [refused_records] UNION ALL SELECT card, atc, content_hash, terminal, 0 FROM [fraud_cases] WHERE kind = 3"))
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    if (await reader.IsDBNullAsync(2, cancellation))
                    {
                        side._refused.Add((reader.GetInt64(0), reader.GetInt32(1)));
                        if (reader.GetInt32(4) == UnknownCard)
                            side._refusedUnknown.Add((reader.GetString(3), reader.GetInt32(1)));
                    }
                    else
                        side._replayed.Add(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(2)));
                }
            }
            return side;
        }

        public bool IsUndone(JournalledDraw draw) => draw.Signed is { } signed && _disbursements.TryGetValue((signed.Card, signed.Atc), out var row) && row.IsUndone;

        public string? WhatDiffers(JournalledDraw draw)
        {
            if (draw.Signed is not { } signed)
                return "no record";
            // Bytes that are no record took no place and left no evidence: there is no card in them to keep it under.
            if (draw.Told is { IsDeclined: true, Reason: MalformedRecord })
                return IsRecorded(signed, draw.ContentHash) ? "recorded all the same" : null;
            // What came may have been changed on its way, and was refused for that: a number that no card has stands in the evidence, and the card's own in the journal.
            if (draw.Told is { IsDeclined: true, Reason: UnknownCard } && _refusedUnknown.Contains((signed.Terminal, signed.Atc)))
                return null;
            // Refused: it took no place, but evidence was kept. For the same reason its content is not compared.
            if (draw.Told is { IsDeclined: true, Reason: < AtcReplayed } || (draw.State == JournalledDraw.Reversed && draw.ReversalResult is not (UndoneByReversal or NothingToUndo)))
                return _refused.Contains((signed.Card, signed.Atc)) || _replayed.Contains(Convert.ToHexStringLower(draw.ContentHash)) ? null : "no evidence kept";
            if (draw.Told is { IsDeclined: true, Reason: AtcReplayed })
                return _replayed.Contains(Convert.ToHexStringLower(draw.ContentHash)) ? null : "no case";
            if (!_disbursements.TryGetValue((signed.Card, signed.Atc), out var row))
                return "not in the ledger";
            if (!row.ContentHash.AsSpan().SequenceEqual(draw.ContentHash))
                return "content_hash";
            if (draw.State == JournalledDraw.Reversed)
                return (draw.ReversalResult == UndoneByReversal) == row.IsUndone ? null : "reversal";
            return draw.Outcome is not null && row.Outcome.AsSpan().SequenceEqual(draw.Outcome) ? null : "outcome";
        }

        private bool IsRecorded(StoredRecord signed, byte[] contentHash) =>
            _disbursements.TryGetValue((signed.Card, signed.Atc), out var row) && row.ContentHash.AsSpan().SequenceEqual(contentHash);
    }
}
