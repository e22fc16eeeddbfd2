using SmartCard.CardOs.Links;
using SmartCard.Protocol.Apdus;
using SmartCard.Testing.Cards;

namespace SmartCard.TerminalAgent.Tests.Support;

/// <summary>A citizen's card on the reader, and what befalls it.</summary>
public sealed class CardOnReader(TestCard card) : ICardChannel
{
    private InProcessCardLink _link = card.Insert();
    private (byte Instruction, int Skip, bool After, Func<Exception> Failure)? _fault;

    /// <summary>Instruction bytes of the commands since the card came, in order.</summary>
    public List<byte> Instructions { get; } = [];

    /// <summary>Turns an answer into another; null lets it pass.</summary>
    public Func<CommandApdu, ResponseApdu, ResponseApdu>? Distort { get; set; }

    public void Reset() => _link = card.Insert();

    /// <summary>The card is pulled when this command arrives, before or after it has done its work.</summary>
    public void PullAt(byte instruction, bool after, int skip = 0) =>
        _fault = (instruction, skip, after, () => new CardTransportException("The card was taken away."));

    /// <summary>The terminal dies when it sends this command, or when the answer is on its way.</summary>
    public void KillTerminalAt(byte instruction, bool after) => _fault = (instruction, 0, after, () => new ProcessKilledException());

    public ResponseApdu Transmit(CommandApdu command)
    {
        Instructions.Add(command.Ins);
        var failing = _fault is { } fault && fault.Instruction == command.Ins && fault.Skip == 0;
        if (_fault is { } later && later.Instruction == command.Ins && later.Skip > 0)
            _fault = later with { Skip = later.Skip - 1 };
        if (failing && !_fault!.Value.After)
            throw Fail();
        var answer = _link.Transmit(command);
        if (failing)
            throw Fail();
        return Distort?.Invoke(command, answer) ?? answer;
    }

    private Exception Fail()
    {
        var failure = _fault!.Value.Failure();
        _fault = null;
        _link.Remove();
        return failure;
    }
}
