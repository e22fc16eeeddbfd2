namespace SmartCard.Backend.Tests.Programmes;

public sealed class Groceries_and_points
{
    private static readonly DateOnly SomeDay = new(2026, 11, 10);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 50_00)]
    [InlineData(4, 200_00)]
    [InlineData(5, 225_00)]
    [InlineData(6, 250_00)]
    [InlineData(9, 250_00)]
    public void Give_fifty_pounds_to_each_of_four_members_and_half_to_the_fifth_and_sixth(int members, long piastres)
    {
        var groceries = Egypt.Quota(Egypt.Groceries, SomeDay);

        Assert.Equal(piastres, groceries.PeriodLimit(members, SomeDay));
        Assert.Equal(piastres, groceries.LimitByEndOf(members, SomeDay));
        Assert.Equal(long.MaxValue, groceries.DayLimit(members, SomeDay));
    }

    [Fact]
    public void Cap_oil_at_four_bottles_and_sugar_at_six_kilograms_a_household()
    {
        var (oil, sugar) = (Egypt.Quota(Egypt.OilCap, SomeDay), Egypt.Quota(Egypt.SugarCap, SomeDay));

        Assert.True(oil.IsCap && sugar.IsCap);
        Assert.Equal(4, oil.PeriodLimit(8, SomeDay));
        Assert.Equal(6_000, sugar.PeriodLimit(1, SomeDay));
        Assert.Equal(1, Egypt.Commodity(101, SomeDay).Caps.Single(cap => cap.Quota == Egypt.OilCap).AmountPerPiece);
        Assert.Equal(1_000, Egypt.Commodity(102, SomeDay).Caps.Single(cap => cap.Quota == Egypt.SugarCap).AmountPerPiece);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(8, false)]
    [InlineData(30, false)]
    public void Let_credited_points_be_spent_in_the_first_week_of_a_month(int day, bool spendable)
    {
        var date = new DateOnly(2026, 11, day);
        var points = Egypt.Quota(Egypt.BreadPoints, date);

        Assert.True(points.IsCredited);
        Assert.Equal(0, points.PeriodLimit(4, date));
        Assert.Equal(spendable ? long.MaxValue : 0, points.DayLimit(4, date));
    }

    [Theory]
    [InlineData(101, 30_00)]
    [InlineData(102, 12_60)]
    [InlineData(103, 12_60)]
    [InlineData(104, 6_50)]
    [InlineData(105, 13_00)]
    [InlineData(106, 18_00)]
    [InlineData(107, 21_00)]
    [InlineData(108, 25_50)]
    [InlineData(109, 5_00)]
    [InlineData(110, 8_00)]
    [InlineData(111, 1_25)]
    [InlineData(112, 6_00)]
    [InlineData(113, 4_00)]
    public void Cost_what_the_price_list_says(ushort commodity, long piastres)
    {
        var article = Egypt.Commodity(commodity, SomeDay);

        Assert.Equal(piastres, article.UnitPriceMinor);
        Assert.Equal(0, article.SubsidyMinor);
        Assert.Equal(new DateOnly(2023, 6, 1), article.PriceValidFrom);
    }

    [Theory]
    [InlineData("2021-10-31", 21_00)]
    [InlineData("2021-11-01", 25_00)]
    [InlineData("2023-05-31", 25_00)]
    public void Cost_what_the_decree_of_the_day_said(string date, long piastres) =>
        Assert.Equal(piastres, Egypt.Commodity(100, DateOnly.Parse(date)).UnitPriceMinor);

    [Fact]
    public void Leave_the_list_on_the_day_they_are_withdrawn()
    {
        Assert.DoesNotContain(new(100), Egypt.Programmes.RulesOn(new DateOnly(2023, 6, 1)).Commodities);
        Assert.Contains(new(101), Egypt.Programmes.RulesOn(new DateOnly(2023, 6, 1)).Commodities);
    }
}
