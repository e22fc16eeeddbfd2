using Grpc.Core;
using SmartCard.Backend.Calls;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Simulate.World;

namespace SmartCard.Simulate.Backends;

/// <summary>What a Z is answered with: the totals that the ledger has for the terminal's day, and whether they are the terminal's own.</summary>
internal sealed class BatchCloses(SimulatedWorld world) : Batches.BatchesBase
{
    public override Task<CloseBatchResponse> Close(CloseBatchRequest request, ServerCallContext context)
    {
        var terminal = Caller.TerminalOf(context).Terminal.Value;
        var reversed = world.Contents.Rows("reversals").Select(row => (row.Long("card"), row.Long("atc"))).ToHashSet();
        var totals = world.Contents.Rows("disbursement_lines")
            .Where(line => line.Text("terminal") == terminal && line.Long("drawn_on") == request.BusinessDate.Yyyymmdd && !reversed.Contains((line.Long("card"), line.Long("atc"))))
            .GroupBy(line => (uint)line.Long("programme"))
            .OrderBy(group => group.Key)
            .Select(group => new BatchTotal
            {
                Programme = group.Key,
                Draws = (uint)group.Count(),
                Quantity = group.Sum(line => line.Long("quantity")),
                CitizenPaidMinor = group.Sum(line => line.Long("citizen_pays_minor")),
            })
            .ToArray();
        return Task.FromResult(new CloseBatchResponse { BatchId = request.BatchNumber, Balanced = totals.SequenceEqual(request.Totals), HostTotals = { totals } });
    }
}
