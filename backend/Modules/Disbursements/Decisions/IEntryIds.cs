namespace SmartCard.Backend.Disbursements.Decisions;

/// <summary>Numbers of ledger entries: unique over all processes, ascending in each, with gaps.</summary>
internal interface IEntryIds
{
    long Next();
}
