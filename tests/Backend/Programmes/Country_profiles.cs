using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Programmes.Contracts;
using SmartCard.Backend.Programmes.Profiles;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Programmes;

public sealed class Country_profiles
{
    private static readonly DateOnly Today = new(2026, 11, 22);

    [Fact]
    public void Have_bread_that_the_citizen_pays_in_part()
    {
        var loaf = Egypt.Commodity(1, Today);

        Assert.Equal(20, loaf.UnitPriceMinor);
        Assert.Equal(164, loaf.SubsidyMinor);
        Assert.Equal(90, loaf.Grams);
        Assert.Equal(ProgrammeFunding.CitizenPaysCardPrice, Egypt.Programmes.RulesOn(Today).Programmes[ProgrammeCode.Bread].Funding);
    }

    [Fact]
    public void Name_everything_in_three_languages()
    {
        var rules = Egypt.Programmes.RulesOn(Today);
        var names = rules.Programmes.Values.Select(programme => programme.Name)
            .Concat(rules.Commodities.Values.Select(commodity => commodity.Name))
            .Concat(rules.Quotas.Select(quota => quota.Name));

        Assert.All(names, name =>
        {
            Assert.Contains(name.Ar, character => character is >= '\u0600' and <= '\u06FF');
            Assert.False(string.IsNullOrWhiteSpace(name.Fr));
            Assert.False(string.IsNullOrWhiteSpace(name.En));
        });
    }

    [Fact]
    public void Change_their_version_where_a_rule_changes_and_only_there()
    {
        var before = Egypt.Programmes.RulesOn(new DateOnly(2025, 3, 31));
        var from = Egypt.Programmes.RulesOn(new DateOnly(2025, 4, 1));
        var later = Egypt.Programmes.RulesOn(Today);

        Assert.NotEqual(before.Version, from.Version);
        Assert.Equal(from.Version, later.Version);
        Assert.Equal(Today, later.Date);
    }

    [Fact]
    public void Have_nothing_to_draw_before_their_first_rule()
    {
        var rules = Egypt.Programmes.RulesOn(new DateOnly(2010, 1, 1));

        Assert.Empty(rules.Quotas);
        Assert.Empty(rules.Programmes);
        Assert.Empty(rules.Commodities);
        Assert.Equal(0, rules.Offline.RecordsMax);
    }

    [Fact]
    public void Say_where_an_assumption_was_made()
    {
        var file = ProfileFile.Parse(Egypt.Json);

        Assert.All(file.Quotas.SelectMany(quota => quota.Versions), version => Assert.False(string.IsNullOrEmpty(version.Assumption)));
    }

    [Theory]
    [InlineData("quotas[0].versions[1].validFrom", "2014-04-01", "quotas[0].versions[1].validFrom must be after the one before it.")]
    [InlineData("quotas[0].versions[0].perPersonPerDay", 0, "quotas[0].versions[0].perPersonPerDay must be there and above zero.")]
    [InlineData("quotas[0].versions[0].windows[1].membersMax", 9, "quotas[0].versions[0].windows[1].membersMax must be absent in the last window")]
    [InlineData("programmes[1].quota", 9, "programmes[1].quota there is no quota 9.")]
    [InlineData("programmes[1].quota", 3, "programmes[1].quota quota 3 belongs to programme 3.")]
    [InlineData("commodities[0].name.fr", "", "commodities[0].name needs ar, fr and en.")]
    [InlineData("commodities[1].code", 1, "commodities has code 1 more than once.")]
    [InlineData("commodities[2].caps[0].quota", 2, "commodities[2].caps[0].quota quota 2 must be one of kind cap.")]
    [InlineData("commodities[2].prices[0].unitPrice", -5, "commodities[2].prices[0].unitPrice must be 1 to")]
    [InlineData("timeZone", "Africa/Kairo", "timeZone \"Africa/Kairo\" is no IANA time zone.")]
    [InlineData("quotas[0].versions[0].unused.credits", 2, "quotas[0].versions[0].unused.credits quota 2 must be one of kind credited.")]
    public void Are_refused_with_the_place_of_each_mistake(string place, object value, string expected)
    {
        var profile = Changed(place, value);

        var refusal = Assert.Throws<InvalidProfileException>(() => ProfileCalendar.Load(profile));

        Assert.Contains(refusal.Problems, problem => problem.StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("quotas[0].versions[0].kind", "ration", "$.quotas[0].versions[0].kind, line ")]
    [InlineData("offline[0].unknownField", 1, "$.offline[0].unknownField, line ")]
    [InlineData("commodities[0].prices[0].validFrom", "2014-02-30", "$.commodities[0].prices[0].validFrom, line ")]
    public void Are_refused_with_the_place_of_what_cannot_be_read(string place, object value, string expected)
    {
        var profile = Changed(place, value);

        var refusal = Assert.Throws<InvalidProfileException>(() => ProfileCalendar.Load(profile));

        Assert.StartsWith(expected, Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Are_chosen_by_a_setting_that_says_what_it_may_be()
    {
        using var services = Services("XX");

        var refusal = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IProgrammes>);

        Assert.Contains("Programmes:Profile may be \"EG\".", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bring_the_calendar_of_their_time_zone()
    {
        using var services = Services("EG");

        Assert.Equal("Africa/Cairo", services.GetRequiredService<BusinessCalendar>().IanaZone);
    }

    private static ServiceProvider Services(string profile)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Programmes:Profile", (string?)profile)]).Build();
        return new ServiceCollection().AddSingleton(TimeProvider.System).AddProgrammes(configuration).BuildServiceProvider();
    }

    private static byte[] Changed(string place, object value)
    {
        var root = JsonNode.Parse(Encoding.UTF8.GetString(Egypt.Json), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;
        var steps = place.Replace("[", ".#", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        var node = root;
        foreach (var step in steps[..^1])
            node = step[0] == '#' ? node[int.Parse(step[1..])]! : node[step]!;
        node[steps[^1]] = JsonValue.Create(value);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }
}
