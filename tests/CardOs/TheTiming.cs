using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheTiming : ACardAndATerminal
{
    [Fact]
    public void Of_silicon_makes_a_tap_take_as_long_as_a_chip_and_less_than_half_a_second()
    {
        var timing = CardTiming.Silicon();
        using var session = Terminal.Open(Card.Insert(timing: timing));
        Terminal.GetProcessingOptions(session);
        TestTerminal.GenerateAc(session, Terminal.Loaves(1), CryptogramKind.Online);

        // Verification 85, key pair 75, two agreements 160, signature 60, and the rest.
        Assert.InRange(timing.ProfileTime.TotalMilliseconds, 380, 500);
        Assert.True(timing.OwnTime >= timing.ProfileTime);
    }

    [Fact]
    public void Of_none_takes_what_the_machine_takes()
    {
        var timing = CardTiming.None();
        using var session = Terminal.Open(Card.Insert(timing: timing));

        Assert.Equal(TimeSpan.Zero, timing.ProfileTime);
        Assert.True(timing.OwnTime > TimeSpan.Zero);
    }
}
