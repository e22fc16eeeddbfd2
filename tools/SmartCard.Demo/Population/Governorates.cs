namespace SmartCard.Demo.Population;

/// <summary>A governorate by its code in the national id, and its weight: ration cards delivered there in one half-year.</summary>
internal readonly record struct Governorate(short Code, int Weight)
{
    public static readonly Governorate[] All =
    [
        new(24, 116_370), new(12, 98_354), new(01, 92_723), new(13, 88_954), new(21, 69_376), new(18, 64_502), new(16, 64_478), new(26, 60_381),
        new(17, 46_905), new(25, 41_399), new(14, 27_345), new(23, 27_126), new(22, 24_559), new(15, 23_623), new(27, 22_977), new(02, 22_753),
        new(19, 14_747), new(28, 13_124), new(04, 9_662), new(29, 9_657), new(03, 8_551), new(34, 3_541), new(31, 3_367), new(33, 905), new(35, 774),
    ];
}
