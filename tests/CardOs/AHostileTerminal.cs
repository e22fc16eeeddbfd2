using FsCheck;
using FsCheck.Fluent;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

/// <summary>
/// Whatever bytes come, the card answers with an ISO status word, throws nothing, and keeps its state. Only one number moves for anyone who asks: SCP03's
/// sequence counter, once for each well-formed INITIALIZE UPDATE (GP Amendment D, 6.2.2.1).
/// </summary>
public sealed class AHostileTerminal : ACardAndATerminal
{
    private const int Runs = 3_000;

    private static readonly byte[] Instructions =
        [0xA4, 0xCA, 0x50, 0x2A, 0x82, 0xF0, 0xF2, 0xE2, 0xF1, 0xD8, 0xA8, 0x20, 0x2C, 0xAE, 0xDA, 0xB2, 0xC0, 0x00, 0x77, 0xFF];

    private static readonly byte[] ClassBytes = [0x00, 0x80, 0x04, 0x84, 0x0C, 0x90, 0x10, 0x94, 0x01, 0x81, 0x40, 0xFF];

    [Fact]
    public void Sends_random_bytes_in_vain() =>
        CheckInTheClear(ArbMap.Default.ArbFor<byte[]>());

    [Fact]
    public void Sends_random_headers_and_data_in_vain()
    {
        var apdu =
            from cla in Gen.Elements(ClassBytes)
            from ins in Gen.Elements(Instructions)
            from p1 in Gen.Elements<byte>(0x00, 0x01, 0x04, 0x10, 0x30, 0x33, 0x7F, 0x80, 0x90, 0xDF, 0xFF)
            from p2 in Gen.Elements<byte>(0x00, 0x02, 0x04, 0x0C, 0x10, 0x11, 0x21, 0x60, 0x61, 0x62, 0x81, 0x90, 0xFF)
            from data in ArbMap.Default.GeneratorFor<byte[]>()
            from le in Gen.Elements<int?>(null, 1, 256)
            select new CommandApdu(cla, ins, p1, p2, data.Take(255).ToArray(), le).Encode();
        CheckInTheClear(apdu.ToArbitrary());
    }

    [Fact]
    public void Changes_valid_commands_in_vain()
    {
        using var host = new Scp11aHost(Protocol.Cryptography.EcKeyPair.Generate(), Card.Snapshot().KeyAgreementPoint);
        byte[][] valid =
        [
            Select(Aid.Subsidy).Encode(),
            .. Scp11aHost.PresentCertificates(Terminal.Certificates).Select(command => command.Encode()),
            host.MutualAuthenticate.Encode(),
            Plain(0x84, 0x82, 0x33, 0x00, new byte[16]).Encode(),
            LogRecord.LastRecordCommand.Encode(),
            Terminal.Loaves(1).ToCommand(CryptogramKind.Offline).Encode(),
        ];
        CheckInTheClear(Mutations(valid).ToArbitrary());
    }

    [Fact]
    public void Changes_protected_commands_in_vain()
    {
        TapWithAllowances().Dispose();
        var before = StateOf(Card);
        var commands = CommandsOfASession().ToArray();
        var mutation =
            from index in Gen.Choose(0, commands.Length - 1)
            from bit in Gen.Choose(0, 100_000)
            from cut in Gen.Choose(0, 40)
            select (index, bit, cut);

        Prop.ForAll(mutation.ToArbitrary(), run =>
        {
            var link = Card.Insert();
            var recorder = new MutatingChannel(link, run.bit, run.cut);
            using var session = Terminal.TryOpen(recorder).Channel!;
            recorder.Armed = true;
            session.Transmit(commands[run.index]);
            AssertIsoStatus(recorder.LastAnswer);
            Assert.Equal(before, StateOf(Card));
            // One bit wrong ended the session: what is right is refused now.
            Assert.False(session.Transmit(Terminal.Loaves(1).ToCommand(CryptogramKind.Offline)).Status.IsSuccess);
            Assert.Equal(before, StateOf(Card));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void Sends_nonsense_inside_a_session_in_vain()
    {
        TapWithAllowances().Dispose();
        var before = StateOf(Card);
        using var session = Terminal.Tap(Card);
        var apdu =
            from ins in Gen.Elements(Instructions.Where(ins => ins is not 0xC0).ToArray())
            from cla in Gen.Elements<byte>(0x00, 0x80)
            from p1 in ArbMap.Default.GeneratorFor<byte>()
            from p2 in Gen.Elements<byte>(0x00, 0x0C, 0x60, 0x61, 0x81, 0x90)
            from data in NestedTlv()
            select new CommandApdu(cla, ins, p1, p2, data.Take(239).ToArray(), 256);

        Prop.ForAll(apdu.ToArbitrary(), command =>
        {
            AssertIsoStatus(session.Transmit(command).Status);
            Assert.True(session.IsOpen);
            Assert.Equal(before, StateOf(Card));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));
    }

    [Fact]
    public void Cannot_fill_the_cards_memory_with_a_chain_without_end()
    {
        var link = Card.Insert();
        var part = new CommandApdu(0x90, 0x2A, 0x01, 0x10, new byte[255], null);

        var statuses = Enumerable.Range(0, 20).Select(_ => link.Transmit(part).Status).ToArray();

        Assert.Equal(8, Array.IndexOf(statuses, StatusWord.WrongLength));
        Assert.Equal(StatusWord.LastCommandOfChainExpected, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
        Assert.Equal(StatusWord.Success, link.Transmit(Plain(0x80, 0xCA, 0x7F, 0x21)).Status);
    }

    [Theory]
    [InlineData("01A4040000", 0x6881)] // logical channel 1
    [InlineData("0CA4040000", 0x6882)] // ISO secure messaging
    [InlineData("FFA4040000", 0x6881)]
    [InlineData("20A4040000", 0x6E00)]
    [InlineData("80A4040000", 0x6E00)]
    [InlineData("00A40400", 0x9000)]
    [InlineData("00A404", 0x6700)]
    [InlineData("", 0x6700)]
    [InlineData("00A4040009F053554253494459", 0x6700)] // Lc is not the data's length
    [InlineData("84A8000000", 0x6982)] // protected, without a session
    public void Gets_the_status_word_that_the_standard_gives(string apdu, ushort expected)
    {
        using var card = new Card(JournalledMemory.Open(Card.Medium));
        card.PowerOn();

        Assert.Equal(expected, StatusOf(card.Transmit(Convert.FromHexString(apdu))).Value);
    }

    [Fact]
    public void Gets_nothing_from_a_card_without_power()
    {
        using var card = new Card(JournalledMemory.Open(Card.Medium));

        Assert.Equal(StatusWord.NoPreciseDiagnosis, StatusOf(card.Transmit(Select(Aid.Subsidy).Encode())));
    }

    private void CheckInTheClear(Arbitrary<byte[]> apdus)
    {
        // A certificate that is shown again, as it is, may move the card's date: it has moved already.
        Terminal.Tap(Card).Dispose();
        var before = StateOf(Card);
        using var card = new Card(JournalledMemory.Open(Card.Medium));
        card.PowerOn();
        Prop.ForAll(apdus, apdu =>
        {
            AssertIsoStatus(StatusOf(card.Transmit(apdu)));
            Assert.Equal(before, StateOf(Card));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));
    }

    private IEnumerable<CommandApdu> CommandsOfASession() =>
    [
        new ProcessingOptionsRequest(Terminal.Id, TestBureau.Today).ToCommand(),
        CardholderVerification.VerifyCommand(TestBureau.Pin),
        Terminal.Loaves(1).ToCommand(CryptogramKind.Offline),
        Terminal.Loaves(1).ToCommand(CryptogramKind.Online),
        IssuerScript.ToCommand(Card.Grant(ProgrammeCode.Bread, QuantityUnit.Loaf, 200, 100)),
        LogRecord.LastRecordCommand,
    ];

    /// <summary>One of the valid commands, with a bit flipped, its end cut off, or something put behind.</summary>
    private static Gen<byte[]> Mutations(byte[][] valid) =>
        from original in Gen.Elements(valid)
        from how in Gen.Choose(0, 2)
        from position in Gen.Choose(0, 10_000)
        from tail in ArbMap.Default.GeneratorFor<byte[]>()
        select how switch
        {
            0 => Flip(original, position),
            1 => original[..(position % original.Length)],
            _ => [.. original, .. tail],
        };

    /// <summary>Rows of TLV, some of them nested as deep as they are long.</summary>
    private static Gen<byte[]> NestedTlv() =>
        from depth in Gen.Choose(0, 60)
        from tag in Gen.Elements<byte>(0xE2, 0x77, 0x70, 0x7F, 0x83, 0x8A, 0x5A)
        from inner in ArbMap.Default.GeneratorFor<byte[]>()
        select Nest(depth, tag, inner);

    private static byte[] Nest(int depth, byte tag, byte[] inner)
    {
        var bytes = inner;
        for (var level = 0; level < depth && bytes.Length < 125; level++)
            bytes = [tag, (byte)bytes.Length, .. bytes];
        return bytes;
    }

    private static byte[] Flip(byte[] original, int position)
    {
        var bytes = original.ToArray();
        bytes[position / 8 % bytes.Length] ^= (byte)(1 << (position % 8));
        return bytes;
    }

    /// <summary>All of the card's state but SCP03's sequence counter.</summary>
    private static byte[] StateOf(TestCard card)
    {
        var state = CardStateCodec.Decode(JournalledMemory.Open(card.Medium).Read());
        return CardStateCodec.Encode(state with { Keys = state.Keys with { Scp03Sequence = 0 } });
    }

    private static StatusWord StatusOf(byte[] answer)
    {
        Assert.InRange(answer.Length, 2, 65_538);
        return StatusWord.FromBytes(answer[^2], answer[^1]);
    }

    /// <summary>ISO 7816-4, 5.6: 6xxx or 9xxx, and not 60xx.</summary>
    private static void AssertIsoStatus(StatusWord status) => Assert.True(status.IsSuccess || status.Sw1 is >= 0x61 and <= 0x6F, $"{status} is no status word.");

    private sealed class MutatingChannel(ICardChannel inner, int bit, int cut) : ICardChannel
    {
        public bool Armed { get; set; }

        public StatusWord LastAnswer { get; private set; }

        public ResponseApdu Transmit(CommandApdu command)
        {
            var answer = inner.Transmit(Armed ? command with { Data = Mutate(command.Data.ToArray()) } : command);
            Armed = false;
            LastAnswer = answer.Status;
            return answer;
        }

        private byte[] Mutate(byte[] data) => cut is > 0 and < 10 && cut < data.Length ? data[..^cut] : Flip(data, bit);
    }
}
