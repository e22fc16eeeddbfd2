using SmartCard.Backend.Platform;

namespace SmartCard.Backend.Disbursements.Batches;

/// <summary>
/// The versions that were written lately: what was read ahead at an older one need not be tried. Two generations, so that it stays small; what it
/// forgets costs a round trip.
/// </summary>
internal sealed class RecentVersions
{
    private const int GenerationLength = 256;

    private Dictionary<HouseholdId, long> _young = [];
    private Dictionary<HouseholdId, long> _old = [];

    public void Note(HouseholdId household, long version)
    {
        if (_young.Count >= GenerationLength)
            (_old, _young) = (_young, []);
        _young[household] = version;
    }

    public long Of(HouseholdId household) =>
        _young.TryGetValue(household, out var version) || _old.TryGetValue(household, out version) ? version : 0;
}
