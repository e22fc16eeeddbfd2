using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>
/// The card is killed at every write of a command, and within each write after so many bytes. Afterwards it is what it was before, or what it would have become:
/// never a mixture, never a PIN try given back.
/// </summary>
public sealed class APowerCut : ACardAndATerminal
{
    [Fact]
    public void In_an_offline_draw_leaves_the_old_state_or_the_new_one_and_the_repeated_tap_debits_once()
    {
        TapWithAllowances().Dispose();
        var request = Terminal.Loaves(5);
        var outcomes = new HashSet<string>();

        foreach (var (card, _) in CutEverywhere(session => session.Transmit(request.ToCommand(CryptogramKind.Offline))))
        {
            var after = card.Snapshot();
            var committed = after.Log.Count == 1;
            outcomes.Add($"ATC {after.Atc}, records {after.Log.Count}, spent {after.Allowances[0].Spent}, in a row {after.ConsecutiveOffline.Count}");
            if (committed)
                Assert.Equal(after.Chain, RecordChain.Start.Append(after.Log[0].Encoded.Span));
            else
                Assert.Equal(RecordChain.Start, after.Chain);

            using var again = Terminal.Tap(card);
            var response = TestTerminal.GenerateAc(again, request, CryptogramKind.Offline);
            Assert.True(response.TryAssemble(request, card.Number, out _, out _));
            Assert.Equal(5u, card.Snapshot().Allowances[0].Spent);
            Assert.Single(card.Snapshot().Log);
        }

        // Before the counter; after the counter and before the record: a gap in the ATC and nothing else; after the record.
        Assert.Equal(
            ["ATC 0, records 0, spent 0, in a row 0", "ATC 1, records 0, spent 0, in a row 0", "ATC 1, records 1, spent 5, in a row 1"],
            outcomes.Order());
    }

    [Fact]
    public void In_VERIFY_with_a_wrong_PIN_never_gives_the_try_back()
    {
        foreach (var (card, passed) in CutEverywhere(session => Verify(session, "0000")))
        {
            var left = card.Snapshot().PinTriesLeft;
            Assert.True(left == (passed == 0 ? 3 : 2), $"{left} tries left after {passed} writes.");
        }
    }

    [Fact]
    public void In_VERIFY_with_the_right_PIN_costs_the_try_until_the_comparison_is_stored()
    {
        using (var session = Terminal.Tap(Card))
            Verify(session, "0000");

        var left = CutEverywhere(session => Verify(session, TestBureau.Pin)).Select(cut => (cut.WritesThatPassed, cut.Card.Snapshot().PinTriesLeft));

        Assert.Equal([(0, 2), (1, 1), (2, 3)], left.Distinct().Order());
    }

    [Fact]
    public void Repeated_in_VERIFY_blocks_the_PIN_and_never_opens_it()
    {
        var card = Card.Clone();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var medium = new PowerCutMedium(card.Medium);
            using var session = Terminal.Open(card.Insert(medium));
            medium.Arm(write: 1, bytesThatPass: 0);
            TryTransmit(session, CardholderVerification.VerifyCommand(TestBureau.Pin));
            card.Remove();
        }

        Assert.Equal(0, card.Snapshot().PinTriesLeft);
    }

    [Fact]
    public void In_RESET_RETRY_COUNTER_never_gives_a_try_of_the_PUK_back()
    {
        foreach (var (card, passed) in CutEverywhere(session => session.Transmit(CardholderVerification.UnblockCommand("87654321", "9876"))))
            Assert.Equal(passed == 0 ? 10 : 9, card.Snapshot().PukTriesLeft);
    }

    [Fact]
    public void In_an_issuer_script_carries_it_out_whole_or_not_at_all()
    {
        var script = IssuerScript.ToCommand(Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 20, 10));

        var states = CutEverywhere(session => session.Transmit(script))
            .Select(cut => (cut.Card.Snapshot().ScriptCounter, Lent: cut.Card.Snapshot().Allowances.Count));

        Assert.Equal([(0u, 0), (1u, 1)], states.Distinct().Order());
    }

    [Fact]
    public void In_the_issuers_answer_resets_the_count_or_does_not()
    {
        using (var session = TapWithAllowances())
            TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Offline);
        var request = Terminal.Loaves(1);

        var counts = CutEverywhere(
            prepare: session => TestTerminal.GenerateAc(session, request, CryptogramKind.Online),
            command: (session, arqc) =>
            {
                var arpc = ApplicationCryptogram.Response(Card.Data.CryptogramKey, arqc.Atc, arqc.Cryptogram.Span, IssuerAuthentication.Approved);
                session.Transmit(new IssuerAuthentication(IssuerAuthentication.Approved, arpc).ToCommand());
            }).Select(cut => (int)cut.Card.Snapshot().ConsecutiveOffline.Count);

        Assert.Equal([0, 1], counts.Distinct().Order());
    }

    /// <summary>Yields the card as it is after each cut, and how many writes of the command had passed whole.</summary>
    private IEnumerable<(TestCard Card, int WritesThatPassed)> CutEverywhere(Action<SecureCardChannel> command) =>
        CutEverywhere(_ => true, (session, _) => command(session));

    private IEnumerable<(TestCard Card, int WritesThatPassed)> CutEverywhere<T>(Func<SecureCardChannel, T> prepare, Action<SecureCardChannel, T> command)
    {
        // Once without a cut, to learn where it writes.
        var writes = Run(int.MaxValue, 0).Medium.Writes.ToArray();
        Assert.NotEmpty(writes);
        for (var write = 0; write < writes.Length; write++)
        {
            foreach (var bytes in CutPoints(writes[write]))
            {
                var (card, medium) = Run(write, bytes);
                // A write whose last byte arrived has happened, whether or not the card lived to see it.
                yield return (card, medium.CutWriteArrived ? write + 1 : write);
            }
        }

        (TestCard Card, PowerCutMedium Medium) Run(int write, int bytes)
        {
            var card = Card.Clone();
            var medium = new PowerCutMedium(card.Medium);
            using var session = Terminal.Open(card.Insert(medium));
            var prepared = prepare(session);
            medium.Arm(write, bytes);
            try
            {
                command(session, prepared);
            }
            catch (PowerCutException)
            {
                // That is what it is here for.
            }

            card.Remove();
            return (card, medium);
        }
    }

    /// <summary>Every byte of a write's beginning and end, and every 97th between.</summary>
    private static IEnumerable<int> CutPoints(int length)
    {
        for (var bytes = 0; bytes <= length; bytes++)
        {
            if (bytes < 20 || bytes > length - 40 || bytes % 97 == 0)
                yield return bytes;
        }
    }

    private static void TryTransmit(SecureCardChannel session, CommandApdu command)
    {
        try
        {
            session.Transmit(command);
        }
        catch (PowerCutException)
        {
            // The reader sees a card that is gone.
        }
    }
}
