using SmartCard.Backend.Disbursements.Contracts;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Mapping;

/// <summary>A decided draw as it is answered.</summary>
internal static class WireOutcomes
{
    public static Wire.AuthoriseResponse ToWire(this Authorisation.Decided decided)
    {
        var response = new Wire.AuthoriseResponse
        {
            // Not built anew: the ledger keeps these bytes, and repeats them for ever.
            Outcome = Wire.Outcome.Parser.ParseFrom(decided.OutcomeBytes.Span),
            Arpc = decided.Arpc.ToWire(),
            Arc = decided.Arc.ToWire(),
        };
        foreach (var script in decided.IssuerScripts)
            response.IssuerScripts.Add(script.ToWire());
        return response;
    }
}
