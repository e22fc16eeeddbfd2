using SmartCard.CardOs.Memory;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;

namespace SmartCard.CardOs.Kernel;

/// <summary>What a command works on.</summary>
internal sealed class CommandContext(INonVolatileMemory memory, CardState state, CardTiming timing) : IDisposable
{
    /// <summary>As it lies in memory.</summary>
    public CardState State { get; private set; } = state;
    public CardSession Session { get; } = new();
    public Keyring Keys { get; } = new();
    public CardTiming Timing { get; } = timing;

    /// <summary>Returns once the next state is durable. Until then, and whenever it fails, the old one stands.</summary>
    public void Commit(CardState next)
    {
        memory.Write(CardStateCodec.Encode(next));
        State = next;
    }

    public void Dispose()
    {
        Session.Dispose();
        Keys.Dispose();
    }
}

/// <summary>One command of the card: one class, one file. It holds no state; it finds rights and life cycle checked by <see cref="CommandTable"/>.</summary>
internal interface ICardCommand
{
    ResponseApdu Execute(CommandContext card, CommandApdu command);
}

internal static class Answers
{
    public static ResponseApdu Refuse(StatusWord status) => new(status);

    public static ResponseApdu Done { get; } = new(StatusWord.Success);

    public static ResponseApdu Data(ReadOnlyMemory<byte> data) => new(data, StatusWord.Success);
}
