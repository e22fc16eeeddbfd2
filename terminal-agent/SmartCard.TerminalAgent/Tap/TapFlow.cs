using System.Diagnostics;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Journal;
using SmartCard.TerminalAgent.Parameters;
using SmartCard.TerminalAgent.Receipts;

namespace SmartCard.TerminalAgent.Tap;

/// <summary>
/// One tap, from a powered card to a receipt. <see cref="RunAsync"/> goes from station to station as <see cref="TapTable"/> says; each station is
/// a method that does one thing and answers what happened. Once the intent is written the tap cannot be cancelled any more: it ends with an outcome.
/// </summary>
internal sealed partial class TapFlow : IDisposable
{
    private readonly TapTools _tools;
    private readonly BasketChoice _chooseBasket;
    private readonly MeteredChannel _channel;
    private readonly CardSession _session;
    private readonly CancellationTokenSource _cancelled;

    private long _people;
    private long _backend;
    private LocalMoment _moment;
    private CardVerifiableCertificate? _certificate;
    private CardNumber? _card;
    private ProcessingOptionsResponse? _options;
    private Task<BackendAnswer<InquireResponse>>? _inquiry;
    private CardView? _view;
    private Draw? _draw;
    private GenerateAcRequest? _request;
    private CardVerifiableCertificate? _signatureCertificate;
    private JournalEntry? _entry;
    private SignedRecord? _record;
    private AuthoriseResponse? _answer;
    private IReadOnlyList<QuotaBalance> _balances = [];
    private IReadOnlyList<Remaining> _remaining = [];
    private CryptogramKind _asked = CryptogramKind.Online;
    private TapOutcome _outcome;
    private int _scriptsRelayed;
    private bool _recovered;

    public TapFlow(TapTools tools, ICardChannel card, BasketChoice chooseBasket, CancellationToken cancellationToken)
    {
        _tools = tools;
        _chooseBasket = chooseBasket;
        _channel = new MeteredChannel(card);
        _session = new CardSession(_channel);
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _moment = tools.Clock.Now;
    }

    private CardNumber Card => _card ?? throw new InvalidOperationException("The card's number is not known yet.");

    private bool IsOnline => _view?.IsOnline ?? false;

    /// <param name="started">Timestamp of the moment when the card was present.</param>
    public async Task<TapResult> RunAsync(long started)
    {
        var machine = TapTable.NewMachine();
        while (machine.State != TapState.Ended)
            machine.Fire(await StepAsync(machine.State));

        var receipt = _entry is null
            ? ReceiptBuilder.WithoutDraw(_outcome, _tools.Parameters, _moment, _card, _remaining)
            : ReceiptBuilder.OfDraw(_entry, _outcome, _tools.Parameters);
        return new TapResult
        {
            Outcome = _outcome,
            Receipt = receipt,
            TransactionId = _entry?.TransactionId,
            IsRecovered = _recovered,
            ScriptsRelayed = _scriptsRelayed,
            Card = _view,
            Timings = new TapTimings(
                Stopwatch.GetElapsedTime(started, Stopwatch.GetTimestamp() - _people),
                _channel.Elapsed, Stopwatch.GetElapsedTime(0, _backend), _channel.Exchanges),
        };
    }

    public void Dispose()
    {
        // An inquiry that nobody waits for any more is called off; the card's session ends with its keys.
        _cancelled.Cancel();
        _cancelled.Dispose();
        _session.Dispose();
    }

    private async ValueTask<TapTrigger> StepAsync(TapState state)
    {
        try
        {
            return state switch
            {
                TapState.Selecting => Select(),
                TapState.ReadingCertificate => ReadCertificate(),
                TapState.Authenticating => Authenticate(),
                TapState.ReadingOptions => ReadOptions(),
                TapState.SettlingTorn => SettleTorn(),
                TapState.Inquiring => await InquireAsync(),
                TapState.ChoosingBasket => await ChooseBasketAsync(),
                TapState.CheckingRisk => CheckRisk(),
                TapState.VerifyingPin => await VerifyPinAsync(),
                TapState.RecordingIntent => RecordIntent(),
                TapState.Committing => Commit(),
                TapState.RecordingCommit => RecordCommit(),
                TapState.Authorising => await AuthoriseAsync(),
                TapState.RecordingOutcome => RecordOutcome(),
                TapState.RecordingDoubt => RecordDoubt(),
                TapState.Relaying => Relay(),
                _ => throw new InvalidOperationException($"A tap does nothing in state {state}."),
            };
        }
        catch (CardTransportException)
        {
            return LoseCard(state);
        }
    }

    private TapTrigger LoseCard(TapState state)
    {
        switch (state)
        {
            case TapState.Relaying:
                break;
            case TapState.Committing:
                _entry = _tools.Journal.RecordTorn(_entry!, "card lost");
                _outcome = TapOutcome.Of(TapOutcomeKind.Torn);
                break;
            default:
                _entry = null; // at most an earlier draw's, which stays torn
                _outcome = TapOutcome.Of(TapOutcomeKind.CardRemoved);
                break;
        }

        return TapTrigger.CardLost;
    }

    private TapTrigger Refuse(TapOutcomeKind kind) => Refuse(TapOutcome.Of(kind));

    /// <summary>Ends the tap before the card was asked. Somebody who was not served is counted; a wrong card, a slip of the hand or a change of mind is not.</summary>
    private TapTrigger Refuse(TapOutcome outcome)
    {
        _outcome = outcome;
        if (outcome.Kind is not (TapOutcomeKind.NotSubsidyCard or TapOutcomeKind.Cancelled))
            _tools.Journal.RecordNotServed(_moment.Date, _card?.LastFour ?? "", outcome);
        return TapTrigger.Refused;
    }

    private TapTrigger Select() => _session.Select() switch
    {
        Selection.Selected => TapTrigger.Done,
        Selection.Blocked => Refuse(TapOutcomeKind.CardBlocked),
        _ => Refuse(TapOutcomeKind.NotSubsidyCard),
    };

    private TapTrigger ReadCertificate()
    {
        _certificate = _session.ReadCertificate();
        if (_certificate is null)
            return Refuse(TapOutcomeKind.CardNotGenuine);
        var refusal = _tools.Parameters.CardAuthority.Check(_certificate, CertificateRole.CardKeyAgreement, _moment.Date);
        if (refusal is CertificateRefusal.Expired or CertificateRefusal.NotYetValid)
            return Refuse(TapOutcomeKind.CardExpired);
        if (refusal != CertificateRefusal.None || !_certificate.HolderReference.TryGetCard(out var card))
            return Refuse(TapOutcomeKind.CardNotGenuine);

        _card = card;
        if (_tools.Store.IsDenied(card))
            return Refuse(TapOutcomeKind.CardDenylisted);
        // The backend is asked while the card computes. What it answers is shown only once the card has proved itself.
        if (!_tools.Line.IsHeldDown)
            _inquiry = _tools.Link.InquireAsync(card, _cancelled.Token);
        return TapTrigger.Done;
    }

    private TapTrigger Authenticate()
    {
        var opened = _session.Authenticate(_tools.Identity.CardKey, _tools.Identity.CardCertificate.Encoded, _certificate!.PublicPoint);
        if (opened.IsOpen)
            return TapTrigger.Done;
        return Refuse(opened.Refusal == Protocol.SecureChannels.SecureChannelRefusal.CardRefused
            ? TapOutcomeKind.TerminalNotAccepted
            : TapOutcomeKind.CardNotGenuine);
    }

    private TapTrigger ReadOptions()
    {
        _options = _session.GetProcessingOptions(_tools.Parameters.Terminal, _moment.Date);
        if (_options is null)
            return Refuse(TapOutcomeKind.CardFault);
        _entry = _tools.Journal.FindTorn(Card);
        return _entry is null ? TapTrigger.Done : TapTrigger.TornFound;
    }

    private async ValueTask<TapTrigger> InquireAsync()
    {
        var answer = _inquiry is null ? null : await WaitForBackend(_inquiry);
        if (_cancelled.IsCancellationRequested)
            return Refuse(TapOutcomeKind.Cancelled);
        if (answer is not null)
            _tools.Line.Note(answer);
        if (answer is BackendAnswer<InquireResponse>.Refused { Refusal.ConcernsTerminal: true })
            return Refuse(TapOutcomeKind.TerminalRefused);

        // Any other refusal, such as busy, is as good as no line: the card may still serve.
        var inquiry = (answer as BackendAnswer<InquireResponse>.Answered)?.Value;
        _balances = inquiry is null ? [] : inquiry.Balances;
        _remaining = inquiry is null ? LeftOnCard(_options!) : LeftOf(_balances);
        _view = new CardView
        {
            Card = Card,
            IsOnline = inquiry is not null,
            HolderDisplay = inquiry?.HolderDisplay ?? "",
            Members = (int)(inquiry?.Members ?? 0),
            Standing = inquiry?.Standing ?? CardStanding.Unspecified,
            Remaining = _remaining,
        };
        return TapTrigger.Done;
    }

    private async ValueTask<TapTrigger> ChooseBasketAsync()
    {
        var lines = await WaitForPeople(_chooseBasket(_view!, _cancelled.Token));
        if (lines is null || _cancelled.IsCancellationRequested)
            return Refuse(TapOutcomeKind.Cancelled);
        // People take their time: the draw's moment is when they have chosen.
        _moment = _tools.Clock.Now;
        _draw = Draw.From(lines, _tools.Parameters, _moment.Date);
        if (_draw is null)
            return Refuse(TapOutcomeKind.BasketRefused);
        var (transaction, unpredictable) = (new byte[TransactionId.Length], new byte[TransactionRecordCodec.UnpredictableNumberLength]);
        _tools.Random.Fill(transaction);
        _tools.Random.Fill(unpredictable);
        _request = _draw.ToRequest(
            _tools.Parameters.Terminal, _tools.Parameters.Currency, _moment, TransactionId.Decode(transaction), unpredictable);
        return TapTrigger.Done;
    }

    private async ValueTask<T> WaitForPeople<T>(ValueTask<T> waiting)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = await waiting;
        _people += Stopwatch.GetTimestamp() - start;
        return answer;
    }

    private async ValueTask<BackendAnswer<T>> WaitForBackend<T>(Task<BackendAnswer<T>> waiting)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = await waiting;
        _backend += Stopwatch.GetTimestamp() - start;
        return answer;
    }
}
