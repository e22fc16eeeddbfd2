using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.Day;

/// <summary>One citizen at one merchant: what the day's plan holds.</summary>
/// <param name="Merchant">Index into the day's merchants.</param>
internal sealed record Visit(HouseholdId Household, int Merchant, IReadOnlyList<BasketLine> Lines);
