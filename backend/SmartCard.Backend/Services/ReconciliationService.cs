using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Backend.Mapping;
using SmartCard.Backend.Reconciliation.Contracts;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Services;

/// <summary>Runs and reports of reconciliation, for the staff who settle the day.</summary>
internal sealed class ReconciliationService(IReconciliation reconciliation) : Wire.Reconciliation.ReconciliationBase
{
    private const string AskedRun = "Send the run_id of an answer to Run.";

    public override async Task<Wire.RunReconciliationResponse> Run(Wire.RunReconciliationRequest request, ServerCallContext context)
    {
        var date = Fields.Date(request.BusinessDate, "business_date");
        var run = await reconciliation.RunAsync(date, Caller.StaffOf(context), context.CancellationToken);
        return new Wire.RunReconciliationResponse { RunId = run.RunId, Totals = ToWire(run.Totals), Refunds = ToWire(run.Refunds) };
    }

    public override async Task<Wire.GetReportResponse> GetReport(Wire.GetReportRequest request, ServerCallContext context)
    {
        if (request.Format is Wire.ReportFormat.Unspecified || !Enum.IsDefined(request.Format))
            throw Refusals.Malformed("format", "Ask for TEXT, CSV or JSON.");
        if (request.Language is not ("ar" or "fr" or "en"))
            throw Refusals.Malformed("language", "Ask for \"ar\", \"fr\" or \"en\".");
        var report = await reconciliation.ReportAsync(request.RunId, (ReportFormat)request.Format, request.Language, context.CancellationToken)
            ?? throw Refusals.NotFound("run_id", AskedRun);
        return new Wire.GetReportResponse { Content = report.Content.ToWire(), MediaType = report.MediaType };
    }

    public override async Task<Wire.ListBreaksResponse> ListBreaks(Wire.ListBreaksRequest request, ServerCallContext context)
    {
        if (request.AfterBreakId < 0)
            throw Refusals.Malformed("after_break_id", "Send the last break_id of the page before, or 0.");
        if (request.PageSize > CallLimits.BreaksPageMax)
            throw Refusals.Malformed("page_size", $"Ask for at most {CallLimits.BreaksPageMax} breaks.");
        var pageSize = request.PageSize == 0 ? CallLimits.BreaksPageDefault : (int)request.PageSize;
        var page = await reconciliation.BreaksAsync(request.RunId, request.AfterBreakId, pageSize, context.CancellationToken)
            ?? throw Refusals.NotFound("run_id", AskedRun);
        var response = new Wire.ListBreaksResponse { More = page.More };
        response.Breaks.AddRange(page.Breaks.Select(ToWire));
        return response;
    }

    private static Wire.ReconciliationTotals ToWire(ReconciliationTotals totals) => new()
    {
        Recorded = totals.Recorded,
        Claimed = totals.Claimed,
        Matched = totals.Matched,
        MissingAtMerchant = totals.MissingAtMerchant,
        MissingAtMinistry = totals.MissingAtMinistry,
        AmountDiffers = totals.AmountDiffers,
        Duplicate = totals.Duplicate,
        Late = totals.Late,
        RecordedSubsidyMinor = totals.RecordedSubsidyMinor,
        ClaimedCitizenPaidMinor = totals.ClaimedCitizenPaidMinor,
    };

    private static Wire.Break ToWire(Break found) => new()
    {
        BreakId = found.BreakId,
        Kind = (Wire.BreakKind)found.Kind,
        TransactionId = found.Transaction.ToString(),
        TerminalId = found.Terminal.Value,
        MerchantId = found.Merchant.Value,
        Programme = found.Programme.Value,
        RecordedQuantity = found.RecordedQuantity,
        ClaimedQuantity = found.ClaimedQuantity,
        RecordedCitizenPaidMinor = found.RecordedCitizenPaidMinor,
        ClaimedCitizenPaidMinor = found.ClaimedCitizenPaidMinor,
        BusinessDate = found.BusinessDate.ToWire(),
        Owner = found.Owner,
        OpenedOn = found.OpenedOn.ToWire(),
    };
}
