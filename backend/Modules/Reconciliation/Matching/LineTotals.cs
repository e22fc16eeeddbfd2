namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>Counts and amounts of a terminal, a merchant or a day. A pair counts for the terminal that the ministry recorded.</summary>
internal record struct LineTotals
{
    public long Recorded;
    public long Claimed;
    public long Matched;
    public long Late;
    public long MissingAtMerchant;
    public long MissingAtMinistry;
    public long AmountDiffers;
    public long Duplicate;
    public long RecordedSubsidyMinor;
    public long RecordedCitizenPaidMinor;
    public long ClaimedCitizenPaidMinor;

    /// <summary>Every line that is not in <see cref="Matched"/> is in a break; a pair is in one.</summary>
    public readonly long Breaks => Late + MissingAtMerchant + MissingAtMinistry + AmountDiffers + Duplicate;

    public readonly bool HasLines => Recorded + Claimed > 0;

    /// <summary>The invariants of decision 0004: each recorded and each claimed line ends in one class and in no other.</summary>
    public readonly bool AddsUp =>
        Recorded == Matched + Late + MissingAtMerchant + AmountDiffers
        && Claimed == Matched + Late + MissingAtMinistry + AmountDiffers + Duplicate;

    public void Add(in LineTotals other)
    {
        Recorded += other.Recorded;
        Claimed += other.Claimed;
        Matched += other.Matched;
        Late += other.Late;
        MissingAtMerchant += other.MissingAtMerchant;
        MissingAtMinistry += other.MissingAtMinistry;
        AmountDiffers += other.AmountDiffers;
        Duplicate += other.Duplicate;
        RecordedSubsidyMinor += other.RecordedSubsidyMinor;
        RecordedCitizenPaidMinor += other.RecordedCitizenPaidMinor;
        ClaimedCitizenPaidMinor += other.ClaimedCitizenPaidMinor;
    }
}
