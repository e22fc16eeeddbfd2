using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Tap;
using SmartCard.TerminalAgent.Tests.Support;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests;

/// <summary>Foreign, expired, blocked, forged or broken: each has its outcome, and none is served.</summary>
public sealed class ACardThatIsNotOurs : IAsyncLifetime
{
    private Shop _shop = null!;

    public async Task InitializeAsync() => _shop = await Shop.OpenAsync();

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    [Theory]
    [InlineData("6A82")] // no such application
    [InlineData("6D00")]
    [InlineData("6E00")]
    [InlineData("9000")] // says yes to everything, and has nothing to show
    [InlineData("6F07840541414141419000")] // another application's name
    [InlineData("6F0A8408F0535542534944")] // cut off
    [InlineData("FFFFFFFFFFFF9000")]
    public async Task That_does_not_have_the_application_is_not_a_subsidy_card(string answer)
    {
        _shop.Insert(new ForeignCard(answer));

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.NotSubsidyCard, 1), (result.Outcome.Kind, result.Timings.Exchanges));
        Assert.Equal("This is not a subsidy card.", result.Receipt.Advice.What.En);
    }

    [Fact]
    public async Task Of_another_issuer_is_not_genuine()
    {
        using var elsewhere = new TestBureau();

        var result = await _shop.TapAsync(elsewhere.MakeCard(), Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.CardNotGenuine, 2), (result.Outcome.Kind, result.Timings.Exchanges));
    }

    [Fact]
    public async Task Whose_certificate_is_over_has_expired()
    {
        _shop.Backend.CertificateLife = TimeSpan.FromDays(3000);
        await _shop.EnrolAsync();
        await _shop.RestartAsync();
        _shop.Clock.Advance(TimeSpan.FromDays(5 * 366));

        var result = await _shop.TapAsync(_shop.Bureau.MakeCard(), Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardExpired, result.Outcome.Kind);
    }

    [Fact]
    public async Task That_the_issuer_blocked_says_so_itself()
    {
        var card = _shop.Bureau.MakeCard();
        using (var session = card.OpenIssuerSession(application: Aid.Subsidy))
            session.Transmit(IssuerScript.ToCommand(new ApplicationBlock(card.Number, 1).Seal(card.Data.ScriptKey)));

        Assert.Equal(TapOutcomeKind.CardBlocked, (await _shop.TapAsync(card, Shop.Loaves(5))).Outcome.Kind);
    }

    [Fact]
    public async Task That_shows_another_cards_certificate_cannot_prove_that_it_is_that_card()
    {
        var (thief, victim) = (_shop.Bureau.MakeCard(), _shop.Bureau.MakeCard());
        var stolen = victim.Insert();
        stolen.Transmit(new CommandApdu(0x00, 0xA4, 0x04, 0x00, Aid.Subsidy.ToArray(), 256));
        var certificate = stolen.Transmit(new CommandApdu(0x80, 0xCA, 0x7F, 0x21, default, 256));
        _shop.Insert(thief).Distort = (command, answer) => command.Ins == Instruction.GetData ? certificate : answer;

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardNotGenuine, result.Outcome.Kind);
        Assert.Null(_shop.Terminal.Journal.FindLast());
    }

    [Fact]
    public async Task That_does_not_accept_the_terminal_says_so()
    {
        var card = _shop.Insert(_shop.Bureau.MakeCard());
        card.Distort = (command, answer) =>
            command.Ins == Instruction.PerformSecurityOperation ? new ResponseApdu(StatusWord.SecurityStatusNotSatisfied) : answer;

        Assert.Equal(TapOutcomeKind.TerminalNotAccepted, (await _shop.Terminal.TapAsync(Shop.Loaves(5))).Outcome.Kind);
    }

    [Fact]
    public async Task Whose_answer_is_changed_on_the_way_has_a_torn_draw_and_gives_no_goods()
    {
        _shop.Insert(_shop.Bureau.MakeCard()).Distort = (command, answer) =>
        {
            if (command.Ins != Instruction.GenerateApplicationCryptogram)
                return answer;
            var changed = answer.Data.ToArray();
            changed[10] ^= 1;
            return answer with { Data = changed };
        };

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));

        Assert.False(result.Outcome.IsApproved);
        Assert.Equal(1, _shop.Terminal.Status().Torn);
    }

    [Fact]
    public async Task That_answers_an_error_has_a_torn_draw_because_an_error_is_no_evidence()
    {
        var card = _shop.Bureau.MakeCard();
        _shop.Insert(card).Distort = (command, answer) =>
            command.Ins == Instruction.GenerateApplicationCryptogram ? new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied) : answer;

        var result = await _shop.Terminal.TapAsync(Shop.Loaves(5));
        Assert.Equal((TapOutcomeKind.CardFault, 1), (result.Outcome.Kind, _shop.Terminal.Status().Torn));

        // It had committed: the next tap finds the record and has it undone.
        Assert.Equal(TapOutcomeKind.Approved, (await _shop.TapAsync(card, Shop.Loaves(5))).Outcome.Kind);
        Assert.Equal(EntryState.ReversalDue, _shop.Terminal.Journal.Find(1)!.State);
    }

    [Fact]
    public async Task That_signs_with_another_key_than_its_certificate_gives_nothing_without_a_line()
    {
        var card = _shop.CardWithAllowance();
        using var otherKey = EcKeyPair.Generate();
        var wrong = CardVerifiableCertificate.Issue(
            new CertificateTerms(
                _shop.Bureau.CardAuthority.Reference, otherKey.PublicKey.ToPoint(), HolderReference.ForCard(card.Number),
                new CertificateRights(CertificateRole.CardSignature), TestBureau.Today.AddDays(-1), TestBureau.Today.AddYears(1)),
            _shop.Bureau.CardAuthorityKey);
        _shop.Terminal.Store.SaveCertificate(card.Number, wrong);
        _shop.Backend.IsDown = true;

        var result = await _shop.TapAsync(card, Shop.Loaves(5));

        Assert.Equal(TapOutcomeKind.CardNotGenuine, result.Outcome.Kind);
        Assert.False(result.Outcome.IsApproved);
    }

    [Fact]
    public async Task At_a_terminal_whose_certificate_is_over_is_not_touched()
    {
        _shop.Backend.IsDown = true;
        _shop.Clock.Advance(TimeSpan.FromDays(61));

        var result = await _shop.TapAsync(_shop.CardWithAllowance(), Shop.Loaves(5));

        Assert.Equal((TapOutcomeKind.TerminalNotReady, 0), (result.Outcome.Kind, result.Timings.Exchanges));
    }

    /// <summary>Answers the same to everything.</summary>
    private sealed class ForeignCard(string answer) : ICardChannel
    {
        public ResponseApdu Transmit(CommandApdu command)
        {
            Assert.True(ResponseApdu.TryParse(Convert.FromHexString(answer), out var response));
            return response;
        }
    }
}
