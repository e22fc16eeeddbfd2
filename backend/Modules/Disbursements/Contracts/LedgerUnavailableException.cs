namespace SmartCard.Backend.Disbursements.Contracts;

/// <summary>
/// The database did not take a request in several attempts. What became of the last attempt is not known here; the same request again
/// finds out, for the ledger answers a record once and for ever.
/// </summary>
public sealed class LedgerUnavailableException(Exception inner) : Exception("The ledger's database did not answer; the same request may come again.", inner);
