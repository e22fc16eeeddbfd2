using SmartCard.Backend.Merchants.Claiming;
using SmartCard.Backend.Merchants.ClosingBatches;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Enrolling;
using SmartCard.Backend.Merchants.Registering;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants;

internal sealed class MerchantFacade(TerminalStandings standings, MerchantRegister register, TerminalEnrolment enrolment) : IMerchants
{
    public Task<IReadOnlyDictionary<TerminalId, TerminalStanding>> FindTerminalsAsync(IReadOnlyCollection<TerminalId> terminals, CancellationToken cancellation) =>
        standings.FindAsync(terminals, cancellation);

    public Task<MerchantOutcome> RegisterAsync(MerchantRegistration merchant, CancellationToken cancellation) => register.RegisterAsync(merchant, cancellation);

    public Task<MerchantOutcome> PlaceTerminalAsync(TerminalId terminal, string? aggregator, CancellationToken cancellation) =>
        enrolment.PlaceAsync(terminal, aggregator, cancellation);

    public Task<MerchantProfile?> FindMerchantAsync(MerchantId merchant, CancellationToken cancellation) => register.FindAsync(merchant, cancellation);

    public Task<IReadOnlyDictionary<MerchantId, Label>> FindNamesAsync(IReadOnlyCollection<MerchantId> merchants, CancellationToken cancellation) =>
        register.FindNamesAsync(merchants, cancellation);

    public Task<MerchantOutcome> SuspendAsync(MerchantId merchant, string reason, CancellationToken cancellation) => register.SuspendAsync(merchant, reason, cancellation);

    public Task<MerchantOutcome> ReinstateAsync(MerchantId merchant, CancellationToken cancellation) => register.ReinstateAsync(merchant, cancellation);

    public Task<ActivationOutcome> IssueActivationCodeAsync(TerminalId terminal, OutletId outlet, CancellationToken cancellation) =>
        enrolment.IssueCodeAsync(terminal, outlet, cancellation);

    public Task<EnrolmentCheck> CheckActivationAsync(TerminalId terminal, string activationCode, ReadOnlyMemory<byte> requestHash, CancellationToken cancellation) =>
        enrolment.CheckAsync(terminal, activationCode, requestHash, cancellation);

    public Task<EnrolmentOutcome> CompleteEnrolmentAsync(EnrolmentRecord enrolmentRecord, CancellationToken cancellation) =>
        enrolment.CompleteAsync(enrolmentRecord, cancellation);

    public Task<EnrolmentRecord?> FindEnrolmentAsync(TerminalId terminal, CancellationToken cancellation) => enrolment.FindAsync(terminal, cancellation);

    public Task<MerchantOutcome> RevokeTerminalAsync(TerminalId terminal, string reason, CancellationToken cancellation) => enrolment.RevokeAsync(terminal, reason, cancellation);
}

internal sealed class MerchantLedgerFacade(LedgerIntake intake, LedgerReader reader, BatchClosing closing) : IMerchantLedgers
{
    public Task<UploadOutcome> UploadAsync(LedgerUpload upload, IAsyncEnumerable<IReadOnlyList<LedgerLine>> chunks, CancellationToken cancellation) =>
        intake.UploadAsync(upload, chunks, cancellation);

    public Task<UploadOutcome> UploadCsvAsync(LedgerUpload upload, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        intake.UploadCsvAsync(upload, content, cancellation);

    public IAsyncEnumerable<ClaimedLine> LinesOfAsync(DateOnly businessDate, CancellationToken cancellation) => reader.LinesOfAsync(businessDate, cancellation);

    public Task<BatchOutcome> CloseBatchAsync(BatchClose batch, IReadOnlyList<BatchTotal> hostTotals, CancellationToken cancellation) =>
        closing.CloseAsync(batch, hostTotals, cancellation);
}
