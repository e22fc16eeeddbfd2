using SmartCard.Backend.Registry.Contracts;
using SmartCard.Backend.Registry.Divisions;

namespace SmartCard.Backend.Tests.Registry;

public sealed class National_ids
{
    [Theory]
    [InlineData("2800501010001", 1980, true)]
    [InlineData("3040229880124", 2004, false)]
    public void Tell_the_birth_date_and_the_sex(string body, int year, bool male)
    {
        Assert.True(NationalId.TryParse(Whole(body), out var id, out var problem), problem.ToString());

        Assert.Equal(year, id.BornOn.Year);
        Assert.Equal(male, id.IsMale);
    }

    [Theory]
    [InlineData(null, NationalIdProblem.Length)]
    [InlineData("", NationalIdProblem.Length)]
    [InlineData("2800501010001", NationalIdProblem.Length)]
    [InlineData("280050101000199", NationalIdProblem.Length)]
    [InlineData("2800501O100019", NationalIdProblem.NotDigits)]
    [InlineData("٢٨٠٠٥٠١٠١٠٠٠١٩", NationalIdProblem.NotDigits)]
    [InlineData("18005010100019", NationalIdProblem.Century)]
    [InlineData("48005010100019", NationalIdProblem.Century)]
    [InlineData("28013010100019", NationalIdProblem.BirthDate)]
    [InlineData("30502290100019", NationalIdProblem.BirthDate)]
    [InlineData("28005010500019", NationalIdProblem.Governorate)]
    [InlineData("28005019900019", NationalIdProblem.Governorate)]
    [InlineData("28005010100009", NationalIdProblem.Serial)]
    public void Are_refused_for_the_first_thing_wrong(string? text, NationalIdProblem expected)
    {
        Assert.False(NationalId.TryParse(text, out _, out var problem));

        Assert.Equal(expected, problem);
    }

    [Fact]
    public void Have_one_check_digit_and_no_other()
    {
        const string Body = "2800501010001";
        var accepted = Enumerable.Range(0, 10).Where(digit => NationalId.TryParse(Body + digit, out _, out _)).ToList();

        Assert.Equal([NationalIdCheckDigit.Of(Body)], accepted);
    }

    [Fact]
    public void Show_nothing_when_they_slip_into_a_text()
    {
        Assert.True(NationalId.TryParse(Whole("2800501010001"), out var id, out _));

        Assert.DoesNotContain("0501", $"{id}", StringComparison.Ordinal);
    }

    [Fact]
    public void Know_all_27_governorates()
    {
        Assert.Equal(27, Governorates.All.Count);
        Assert.Equal(27, Governorates.All.Select(governorate => governorate.Name.Ar).Distinct().Count());
        Assert.All(Governorates.All, governorate => Assert.True(NationalId.TryParse(Whole($"2800501{governorate.Code:D2}0001"), out _, out _)));
    }

    private static string Whole(string body) => body + NationalIdCheckDigit.Of(body);
}
