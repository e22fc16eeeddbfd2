using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Disbursements.Contracts;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Reconciliation.Contracts;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

/// <summary>What reached the modules: a test of a refusal ends by seeing that nothing did.</summary>
internal sealed class Recorded
{
    private readonly ConcurrentQueue<string> _calls = new();

    public IReadOnlyList<string> Calls => [.. _calls];

    public void Add([CallerMemberName] string call = "") => _calls.Enqueue(call);
}

internal sealed class FakeMerchants(Recorded recorded) : IMerchants
{
    public const string Code = "GOOD-CODE-2026";

    public ConcurrentDictionary<TerminalId, TerminalStanding> Terminals { get; } = new();

    public ConcurrentDictionary<TerminalId, EnrolmentRecord> Enrolments { get; } = new();

    public EnrolmentRefusal? RefuseEnrolment { get; set; }

    /// <summary>What the path to the merchants' register throws, where a test plants a bug.</summary>
    public Exception? Bug { get; set; }

    public Task<IReadOnlyDictionary<TerminalId, TerminalStanding>> FindTerminalsAsync(IReadOnlyCollection<TerminalId> terminals, CancellationToken cancellation) =>
        Bug is not null
            ? Task.FromException<IReadOnlyDictionary<TerminalId, TerminalStanding>>(Bug)
            : Task.FromResult<IReadOnlyDictionary<TerminalId, TerminalStanding>>(
                terminals.Where(Terminals.ContainsKey).ToDictionary(terminal => terminal, terminal => Terminals[terminal]));

    public Task<IReadOnlyDictionary<MerchantId, Label>> FindNamesAsync(IReadOnlyCollection<MerchantId> merchants, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<EnrolmentCheck> CheckActivationAsync(TerminalId terminal, string activationCode, ReadOnlyMemory<byte> requestHash, CancellationToken cancellation)
    {
        if (RefuseEnrolment is { } refusal)
            return Task.FromResult<EnrolmentCheck>(new EnrolmentCheck.Refused(refusal));
        if (activationCode != Code || !Terminals.TryGetValue(terminal, out var standing))
            return Task.FromResult<EnrolmentCheck>(new EnrolmentCheck.Refused(EnrolmentRefusal.WrongCode));
        if (!Enrolments.TryGetValue(terminal, out var before))
            return Task.FromResult<EnrolmentCheck>(new EnrolmentCheck.Accepted(standing));
        return Task.FromResult<EnrolmentCheck>(before.RequestHash.Span.SequenceEqual(requestHash.Span)
            ? new EnrolmentCheck.AlreadyEnrolled(before)
            : new EnrolmentCheck.Refused(EnrolmentRefusal.CodeSpent));
    }

    public Task<EnrolmentOutcome> CompleteEnrolmentAsync(EnrolmentRecord enrolment, CancellationToken cancellation)
    {
        recorded.Add();
        Enrolments[enrolment.Terminal] = enrolment;
        Terminals[enrolment.Terminal] = Terminals[enrolment.Terminal] with { State = TerminalState.Enrolled, TlsSerialNumber = enrolment.TlsSerialNumber };
        return Task.FromResult<EnrolmentOutcome>(new EnrolmentOutcome.Completed(enrolment));
    }

    public Task<EnrolmentRecord?> FindEnrolmentAsync(TerminalId terminal, CancellationToken cancellation) =>
        Task.FromResult(Enrolments.GetValueOrDefault(terminal));

    public Task<MerchantProfile?> FindMerchantAsync(MerchantId merchant, CancellationToken cancellation) =>
        Task.FromResult<MerchantProfile?>(new MerchantProfile(
            merchant, MerchantKind.Bakery, new Label("مخبز الأمل", "Boulangerie Amal", "Amal bakery"), false, [ProgrammeCode.Bread],
            [new OutletRegistration(new OutletId(merchant.Value * 10), new Label("الفرع", "Le magasin", "The shop"), 1)]));

    public Task<MerchantOutcome> RegisterAsync(MerchantRegistration merchant, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<MerchantOutcome> SuspendAsync(MerchantId merchant, string reason, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<MerchantOutcome> ReinstateAsync(MerchantId merchant, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ActivationOutcome> IssueActivationCodeAsync(TerminalId terminal, OutletId outlet, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<MerchantOutcome> PlaceTerminalAsync(TerminalId terminal, string? aggregator, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<MerchantOutcome> RevokeTerminalAsync(TerminalId terminal, string reason, CancellationToken cancellation) => throw new NotSupportedException();
}

internal sealed class FakeMerchantLedgers(Recorded recorded) : IMerchantLedgers
{
    /// <summary>Lines of uploads that came to their end.</summary>
    public ConcurrentQueue<LedgerLine> Lines { get; } = new();

    public async Task<UploadOutcome> UploadAsync(LedgerUpload upload, IAsyncEnumerable<IReadOnlyList<LedgerLine>> chunks, CancellationToken cancellation)
    {
        var staged = new List<LedgerLine>();
        await foreach (var chunk in chunks.WithCancellation(cancellation))
            staged.AddRange(chunk);
        recorded.Add();
        staged.ForEach(Lines.Enqueue);
        return new UploadOutcome.Received(staged.Count, 0, [], false);
    }

    public Task<UploadOutcome> UploadCsvAsync(LedgerUpload upload, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        recorded.Add();
        return Task.FromResult<UploadOutcome>(new UploadOutcome.Received(1, 1, [new LineRefusal(3, "quantity", "quantity_not_positive", "Write 1 or more.")], false));
    }

    public Task<BatchOutcome> CloseBatchAsync(BatchClose batch, IReadOnlyList<BatchTotal> hostTotals, CancellationToken cancellation)
    {
        recorded.Add();
        return Task.FromResult<BatchOutcome>(batch.BatchNumber == 1
            ? new BatchOutcome.Closed(7, hostTotals.SequenceEqual(batch.Totals), hostTotals)
            : new BatchOutcome.Refused("batch_closed_otherwise", "Print the totals of the first closing."));
    }

    public IAsyncEnumerable<ClaimedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation) => throw new NotSupportedException();
}

internal sealed class FakeDisbursements(Recorded recorded) : IDisbursements
{
    /// <summary>So often the ledger is busy before it decides.</summary>
    public int BusyTimes { get; set; }

    public Task<Inquiry> InquireAsync(CardNumber card, TerminalStanding terminal, CancellationToken cancellation) =>
        Task.FromResult<Inquiry>(new Inquiry.Known(
            new CardStanding(card, new HouseholdId(1), CardState.Active, new byte[65], 1), 4,
            [new QuotaBalance(new QuotaCode(1), ProgrammeCode.Bread, QuantityUnit.Loaf, new PeriodId(2026_11_00), 600, 100, 40, 20) { FromAllowanceNow = 15 }]));

    /// <summary>Where set, a draw is decided when it says so.</summary>
    public Func<DrawRequest, CancellationToken, Task>? BeforeAuthorising { get; set; }

    public async Task<Authorisation> AuthoriseAsync(DrawRequest request, CancellationToken cancellation)
    {
        if (BeforeAuthorising is not null)
            await BeforeAuthorising(request, cancellation);
        return Decide(request);
    }

    /// <summary>Where set, a presented record is decided when it says so.</summary>
    public Func<DrawRequest, Task>? BeforePresenting { get; set; }

    public async Task<Authorisation> PresentAsync(DrawRequest request, CancellationToken cancellation)
    {
        if (BeforePresenting is not null)
            await BeforePresenting(request);
        return Decide(request);
    }

    public Task<Reversal> ReverseAsync(ReversalRequest request, CancellationToken cancellation)
    {
        if (BusyTimes-- > 0)
            return Task.FromResult<Reversal>(new Reversal.Busy(25));
        recorded.Add();
        return Task.FromResult<Reversal>(new Reversal.Answered(ReversalResult.Undone, request.SignedRecord!.Record.TransactionId));
    }

    public Task<IReadOnlyList<BatchTotal>> TotalsOfAsync(TerminalId terminal, DateOnly businessDate, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<BatchTotal>>([new BatchTotal(ProgrammeCode.Bread, 2, 40, 800)]);

    public IAsyncEnumerable<RecordedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<Refund> RefundAsync(RefundRequest request, CancellationToken cancellation)
    {
        if (BusyTimes-- > 0)
            return Task.FromResult<Refund>(new Refund.Busy(25));
        recorded.Add();
        return Task.FromResult<Refund>(request.Lines.Count == 1
            ? new Refund.Recorded(9, new DateOnly(2026, 11, 23), 820, 100)
            : new Refund.Refused(RefundRefusal.BeyondDraw));
    }

    public IAsyncEnumerable<RefundedLine> RefundsOfAsync(DateOnly businessDate, CancellationToken cancellation) => throw new NotSupportedException();

    public Task CreditAsync(Guid creditId, HouseholdId household, QuotaCode quota, PeriodId period, long amount, CancellationToken cancellation) => throw new NotSupportedException();

    private Authorisation Decide(DrawRequest request, [CallerMemberName] string call = "")
    {
        if (BusyTimes-- > 0)
            return new Authorisation.Busy(25);
        recorded.Add(call);
        if (request.SignedRecord is not { } signed)
        {
            var refused = new DrawOutcome.Declined(default, DeclineReason.MalformedRecord, null, 0, false);
            return Decided(refused, new Wire.Outcome { Declined = new Wire.Declined { Reason = Wire.DeclineReason.MalformedRecord } }, "05");
        }
        var transaction = signed.Record.TransactionId;
        return Decided(
            new DrawOutcome.Approved(transaction, 1, signed.Record.Date, [], 100, 20),
            new Wire.Outcome { TransactionId = transaction.ToString(), Approved = new Wire.Approved { DisbursementId = 1, SubsidyMinor = 100, CitizenPaysMinor = 20 } },
            "00");
    }

    private static Authorisation.Decided Decided(DrawOutcome outcome, Wire.Outcome wire, string arc) =>
        new(outcome, wire.ToByteArray(), [new byte[] { 0x91, 0x02 }], new byte[8], System.Text.Encoding.ASCII.GetBytes(arc));
}

internal sealed class FakeCards(Recorded recorded) : ICards, ICardIssuance
{
    public static readonly CardNumber Known = CardNumber.FromPayload(622_818_000_000_001);

    public CardRefusal? Refuse { get; set; }

    public Task<IReadOnlyDictionary<CardNumber, CardStanding>> FindAsync(IReadOnlyCollection<CardNumber> cards, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<DenylistPage> DenylistAfterAsync(long version, int limit, CancellationToken cancellation) =>
        Task.FromResult(version == 0 ? new DenylistPage(1, [new DenylistEntry(1, Known, true)], false) : new DenylistPage(version, [], false));

    public Task<CardOutcome> OrderAsync(Guid orderId, HouseholdId household, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<PersonalisationOutcome> BeginPersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation)
    {
        recorded.Add();
        static byte[] Key(byte fill) => [.. Enumerable.Repeat(fill, 16)];
        return Task.FromResult<PersonalisationOutcome>(new PersonalisationOutcome.Ready(new CardKeySet(0x30, Key(1), Key(2), Key(3), Key(4), Key(5)), new byte[] { 0x7F, 0x21 }));
    }

    public Task<CertificationOutcome> CertifyAsync(CardNumber card, ReadOnlyMemory<byte> keyAgreementKey, ReadOnlyMemory<byte> signatureKey, string actor, CancellationToken cancellation)
    {
        recorded.Add();
        return Task.FromResult<CertificationOutcome>(new CertificationOutcome.Certified(new byte[] { 1 }, new byte[] { 2 }));
    }

    public Task<CardOutcome> CompletePersonalisationAsync(CardNumber card, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<CardOutcome> IssueAsync(CardNumber card, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<CardOutcome> ActivateAsync(CardNumber card, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<CardOutcome> BlockAsync(CardNumber card, string reason, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<CardOutcome> ReplaceAsync(Guid orderId, CardNumber card, string reason, string actor, CancellationToken cancellation) => StepAsync(actor);

    public Task<CardHistory?> HistoryAsync(CardNumber card, CancellationToken cancellation) =>
        Task.FromResult(card == Known
            ? new CardHistory(card, new HouseholdId(1), CardState.Active, [new CardEvent(CardState.Ordered, DateTimeOffset.UnixEpoch, "clerk", "")])
            : null);

    private Task<CardOutcome> StepAsync(string actor, [CallerMemberName] string call = "")
    {
        if (Refuse is { } reason)
            return Task.FromResult<CardOutcome>(new CardOutcome.Refused(reason, "Do the step before."));
        recorded.Add($"{call} by {actor}");
        return Task.FromResult<CardOutcome>(new CardOutcome.Done(Known, CardState.Ordered));
    }
}

internal sealed class FakeRegistry : IRegistry
{
    public Task<string?> FindDisplayNameAsync(HouseholdId household, string caller, CancellationToken cancellation) => Task.FromResult<string?>("أمينة ع.");

    public Task<HouseholdShape?> FindHouseholdAsync(HouseholdId household, DateOnly date, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<HouseholdId, HouseholdShape>> FindHouseholdsAsync(IReadOnlyCollection<HouseholdId> households, DateOnly date, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<HouseholdShape>> ListHouseholdsAsync(DateOnly date, HouseholdId after, int limit, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<Governorate> Governorates => throw new NotSupportedException();

    public Task<HouseholdId?> FindHouseholdOfAsync(string nationalId, string caller, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<CivilEventOutcome> RecordAsync(CivilEvent civilEvent, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<RegistrationOutcome> RegisterAsync(IReadOnlyCollection<HouseholdRegistration> households, CancellationToken cancellation) => throw new NotSupportedException();
}

internal sealed class FakeReconciliation(Recorded recorded) : IReconciliation
{
    public Task<ReconciliationRun> RunAsync(DateOnly businessDate, string actor, CancellationToken cancellation)
    {
        recorded.Add($"Run by {actor}");
        return Task.FromResult(new ReconciliationRun(
            1, businessDate, DateTimeOffset.UnixEpoch, new ReconciliationTotals(1, 1, 1, 0, 0, 0, 0, 0, 164, 20), new ReconciliationTotals(2, 1, 1, 1, 0, 0, 0, 0, 328, 40)));
    }

    public Task<Report?> ReportAsync(long runId, ReportFormat format, string language, CancellationToken cancellation) =>
        Task.FromResult(runId == 1 ? new Report(new byte[] { 0x7B, 0x7D }, "application/json") : null);

    public Task<BreakPage?> BreaksAsync(long runId, long afterBreakId, int pageSize, CancellationToken cancellation) =>
        Task.FromResult(runId == 1 ? new BreakPage([], false) : null);
}
