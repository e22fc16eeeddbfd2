using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Transactions;
using SmartCard.Testing.Cards;

namespace SmartCard.CardOs.Tests;

public sealed class TheLog : ACardAndATerminal
{
    [Fact]
    public void Is_empty_at_first()
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(StatusWord.RecordNotFound, session.Transmit(LogRecord.ReadCommand(1)).Status);
        Assert.Equal(StatusWord.ReferencedDataNotFound, session.Transmit(LogRecord.LastRecordCommand).Status);
        Assert.Null(Terminal.GetProcessingOptions(session).LastTransactionId);
    }

    [Fact]
    public void Gives_the_newest_record_back_with_all_its_evidence()
    {
        var request = Terminal.Loaves(5);
        using var session = Terminal.Tap(Card);
        var response = TestTerminal.GenerateAc(session, request, CryptogramKind.Online);
        Assert.True(response.TryAssemble(request, Card.Number, out var sent, out _));

        var answer = session.Transmit(LogRecord.LastRecordCommand);

        Assert.True(LogRecord.TryDecode(answer.Data, out var last, out _));
        Assert.True(last.TryGetSigned(out var evidence));
        Assert.Equal(sent.Encoded.ToArray(), evidence.Encoded.ToArray());
        Assert.Equal(sent.Cryptogram.ToArray(), evidence.Cryptogram.ToArray());
        Assert.Equal(sent.Signature.ToArray(), evidence.Signature.ToArray());
        Assert.Equal(request.TransactionId, Terminal.GetProcessingOptions(session).LastTransactionId);
    }

    [Fact]
    public void Keeps_twenty_records_newest_first()
    {
        using var session = Terminal.Tap(Card);
        for (uint loaves = 1; loaves <= 22; loaves++)
            TestTerminal.GenerateAc(session, Terminal.Loaves(loaves), CryptogramKind.Online);

        var read = Enumerable.Range(1, 20).Select(number => Read(session, number).Record.Draws[0].Quantity);

        Assert.Equal(Enumerable.Range(3, 20).Reverse().Select(loaves => (uint)loaves), read);
        Assert.Equal(StatusWord.RecordNotFound, session.Transmit(LogRecord.ReadCommand(21)).Status);
    }

    [Fact]
    public void Is_one_chain()
    {
        using var session = Terminal.Tap(Card);
        for (uint loaves = 1; loaves <= 5; loaves++)
            TestTerminal.GenerateAc(session, Terminal.Loaves(loaves), CryptogramKind.Online);

        var chain = RecordChain.Start;
        foreach (var entry in Enumerable.Range(1, 5).Reverse().Select(number => Read(session, number)))
        {
            Assert.Equal(chain, entry.Record.PreviousChain);
            chain = chain.Append(entry.Encoded.Span);
        }

        Assert.Equal(chain, Terminal.GetProcessingOptions(session).Chain);
    }

    [Fact]
    public void Is_shown_to_terminals_with_the_right_to_it_to_the_issuer_and_to_the_citizen()
    {
        var restricted = Bureau.MakeTerminal(operations: TerminalOperations.OnlineDraw);
        using (var session = restricted.Tap(Card))
        {
            TestTerminal.GenerateAc(session, restricted.Loaves(1), CryptogramKind.Online);
            Assert.Equal(StatusWord.SecurityStatusNotSatisfied, session.Transmit(LogRecord.ReadCommand(1)).Status);
            Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.LastRecordCommand).Status);
            Verify(session, TestBureau.Pin);
            Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.ReadCommand(1)).Status);
        }

        using (var session = Terminal.Tap(Card))
            Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.ReadCommand(1)).Status);
        using (var session = Card.OpenIssuerSession(application: Aid.Subsidy))
            Assert.Equal(StatusWord.Success, session.Transmit(LogRecord.ReadCommand(1)).Status);
    }

    [Theory]
    [InlineData(0x00, 0x0C, 0x6A86)] // record 0 is the current record: there is none
    [InlineData(0x01, 0x0D, 0x6A86)] // more than one record at once
    [InlineData(0x01, 0x1C, 0x6A82)] // no file 3
    public void Is_read_record_by_record(byte p1, byte p2, ushort expected)
    {
        using var session = Terminal.Tap(Card);

        Assert.Equal(expected, session.Transmit(Plain(0x00, 0xB2, p1, p2)).Status.Value);
    }

    private static LogRecord Read(ICardChannel session, int number)
    {
        Assert.True(LogRecord.TryDecode(session.Transmit(LogRecord.ReadCommand(number)).Data, out var entry, out _));
        return entry;
    }
}
