using FsCheck.Fluent;
using SmartCard.Protocol.Apdus;

namespace SmartCard.Protocol.Tests.Apdus;

// Cases: 1 (header), 2 (Le), 3 (data), 4 (data, Le), each short and extended; lengths that contradict the bytes; any bytes at all; any command there and back.
public class ParsingACommand
{
    [Theory]
    [InlineData("00A40400", 0, null)]
    [InlineData("80CA7F2100", 0, 256)]
    [InlineData("80CA7F2110", 0, 16)]
    [InlineData("00A40400022F00", 2, null)]
    [InlineData("00A40400022F0000", 2, 256)]
    [InlineData("80CA7F21000000", 0, 65536)]
    [InlineData("80CA7F21000100", 0, 256)]
    [InlineData("00A404000000022F00", 2, null)]
    [InlineData("00A404000000022F000000", 2, 65536)]
    public void Reads_every_case_of_ISO_7816_3(string hex, int dataLength, int? le)
    {
        Assert.True(CommandApdu.TryParse(Convert.FromHexString(hex), out var command, out _));
        Assert.Equal(dataLength, command.Data.Length);
        Assert.Equal(le, command.Le);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("00A404", "half a header")]
    [InlineData("00A40400022F", "data cut short")]
    [InlineData("00A40400022F000000", "more than Le after the data")]
    [InlineData("00A404000000", "extended length cut short")]
    [InlineData("00A404000000022F", "extended data cut short")]
    [InlineData("00A404000000022F0000", "extended Le cut short")]
    [InlineData("00A4040000000000", "extended length of zero with bytes after it")]
    public void Refuses_lengths_that_contradict_the_bytes_with_6700(string hex, string what)
    {
        Assert.False(CommandApdu.TryParse(Convert.FromHexString(hex), out _, out var refusal), what);
        Assert.Equal(StatusWord.WrongLength, refusal);
    }

    [Fact]
    public void Gives_back_every_command_that_was_encoded() => Properties.Hold(Commands, command =>
    {
        Assert.True(CommandApdu.TryParse(command.Encode(), out var parsed, out _));
        Assert.Equal(command, parsed);
    });

    [Fact]
    public void Never_throws_and_reads_only_what_it_would_write_or_a_longer_form_of_it() => Properties.Hold(Properties.Bytes(0, 300), bytes =>
    {
        if (!CommandApdu.TryParse(bytes, out var command, out _))
            return;
        Assert.True(CommandApdu.TryParse(command.Encode(), out var again, out _));
        Assert.Equal(command, again);
    }, times: 5000);

    [Fact]
    public void Keeps_its_own_copy_of_the_data()
    {
        byte[] bytes = [0x00, 0x20, 0x00, 0x81, 0x02, 0x12, 0x34];
        Assert.True(CommandApdu.TryParse(bytes, out var command, out _));
        Array.Clear(bytes);
        Assert.Equal([0x12, 0x34], command.Data.ToArray());
    }

    [Fact]
    public void Shows_no_data_when_printed() =>
        Assert.Equal("00 20 00 81 [2] Le -", new CommandApdu(0x00, 0x20, 0x00, 0x81, new byte[] { 0x12, 0x34 }, null).ToString());

    private static FsCheck.Gen<CommandApdu> Commands =>
        from header in Properties.Bytes(4)
        from data in Gen.OneOf(Properties.Bytes(0, 255), Properties.Bytes(256, 1000))
        from le in Gen.OneOf(Gen.Constant<int?>(null), Gen.Choose(1, 256).Select(x => (int?)x), Gen.Choose(257, 65536).Select(x => (int?)x))
        select new CommandApdu(header[0], header[1], header[2], header[3], data, le);
}
