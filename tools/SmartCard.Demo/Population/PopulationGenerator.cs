using System.Globalization;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Registry.Contracts;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Demo.Population;

/// <summary>
/// Households as Egypt's ration cards have them: 3.4 persons a card on average, a head, often a spouse, then children; spread over
/// the governorates by the cards delivered there. The same seed gives the same population.
/// </summary>
internal sealed class PopulationGenerator(int seed, DateOnly today)
{
    // Of 100 households, how many have 1, 2, 3, ... members: the mean is 3.43, that of 72 million people on 21 million cards.
    private static readonly int[] SizeWeights = [11, 18, 24, 25, 13, 6, 3];

    private readonly Random _random = new(seed);
    private int _serial;

    public IReadOnlyList<HouseholdRegistration> Generate(int households)
    {
        var result = new HouseholdRegistration[households];
        for (var index = 0; index < households; index++)
            result[index] = Household(new HouseholdId(100_001 + index));
        return result;
    }

    private HouseholdRegistration Household(HouseholdId id)
    {
        var governorate = Pick(Governorate.All, static g => g.Weight);
        var size = 1 + PickIndex(SizeWeights);
        var family = OneOf(ArabicNames.Families);
        var headIsMan = size == 1 ? _random.Next(2) == 0 : _random.Next(100) < 82;
        var headAge = _random.Next(26, 71);
        var members = new List<MemberRegistration>(size) { Member(headIsMan, headAge, family, governorate, MemberRole.Head) };
        if (size > 1 && _random.Next(100) < 88)
            members.Add(Member(!headIsMan, Math.Max(21, headAge - _random.Next(-2, 8)), OneOf(ArabicNames.Families), governorate, MemberRole.Spouse));
        while (members.Count < size)
            members.Add(Child(headAge, family, governorate));

        // One household in forty draws bread alone: it was added to the card before groceries were.
        ushort[] programmes = _random.Next(40) == 0
            ? [ProgrammeCode.Bread.Value]
            : [ProgrammeCode.Bread.Value, ProgrammeCode.Groceries.Value, ProgrammeCode.BreadPoints.Value];
        return new HouseholdRegistration(id, governorate.Code, programmes, members);
    }

    private MemberRegistration Child(int headAge, string family, Governorate governorate) =>
        Member(_random.Next(2) == 0, _random.Next(0, Math.Max(1, Math.Min(24, headAge - 20))), family, governorate, MemberRole.Child);

    private MemberRegistration Member(bool man, int age, string family, Governorate governorate, MemberRole role)
    {
        var born = today.AddYears(-age).AddDays(-_random.Next(1, 364));
        var given = OneOf(man ? ArabicNames.Men : ArabicNames.Women);
        return new MemberRegistration(NationalId(born, governorate, man), given, family, born, role);
    }

    /// <summary>Century, YYMMDD, governorate, four digits of which the last is odd for a man, and a check digit.</summary>
    private string NationalId(DateOnly born, Governorate governorate, bool man)
    {
        var serial = (_serial++ * 2 % 9_998) + (man ? 1 : 2);
        var body = string.Create(CultureInfo.InvariantCulture, $"{(born.Year < 2000 ? 2 : 3)}{born:yyMMdd}{governorate.Code:D2}{serial:D4}");
        return body + NationalIdCheckDigit.Of(body);
    }

    private T OneOf<T>(T[] values) => values[_random.Next(values.Length)];

    private T Pick<T>(T[] values, Func<T, int> weight) => values[PickIndex(Array.ConvertAll(values, v => weight(v)))];

    private int PickIndex(int[] weights)
    {
        var ticket = _random.Next(weights.Sum());
        var index = 0;
        while (ticket >= weights[index])
            ticket -= weights[index++];
        return index;
    }
}
