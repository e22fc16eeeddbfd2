using SmartCard.Protocol.Transactions;

namespace SmartCard.Protocol.Tests.Transactions;

/// <summary>An allowance of 20 loaves in November, 5 spent, at most 12 in a draw: quantity, unit and date of a draw, and whether it is within it.</summary>
public sealed class WhatAnAllowanceCovers
{
    private static readonly Allowance Bread = new(
        ProgrammeCode.Bread, QuantityUnit.Loaf, Period: 2026_11_00, new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), Granted: 20, Spent: 5, CapPerTransaction: 12);

    [Theory]
    [InlineData(12u, QuantityUnit.Loaf, "2026-11-22", true)]
    [InlineData(13u, QuantityUnit.Loaf, "2026-11-22", false)] // the most of one draw
    [InlineData(12u, QuantityUnit.Piece, "2026-11-22", false)]
    [InlineData(12u, QuantityUnit.Loaf, "2026-11-01", true)]
    [InlineData(12u, QuantityUnit.Loaf, "2026-10-31", false)]
    [InlineData(12u, QuantityUnit.Loaf, "2026-11-30", true)]
    [InlineData(12u, QuantityUnit.Loaf, "2026-12-01", false)]
    public void Is_bounded_by_draw_unit_and_period(uint quantity, QuantityUnit unit, string date, bool covers) =>
        Assert.Equal(covers, Bread.Covers(quantity, unit, DateOnly.Parse(date)));

    [Theory]
    [InlineData(10u, true)]
    [InlineData(11u, false)]
    public void Is_bounded_by_what_is_left(uint quantity, bool covers) =>
        Assert.Equal(covers, (Bread with { Spent = 10 }).Covers(quantity, QuantityUnit.Loaf, new DateOnly(2026, 11, 22)));
}
