using SmartCard.CardOs.Commands;
using SmartCard.CardOs.Memory;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Kernel;

/// <summary>
/// A card: bytes in, bytes out. Whatever comes in, it answers with at least a status word (ISO 7816-4, 5.6); its state changes only as a command's page in
/// protocol/spec/apdu says. One thread at a time. The only exception that leaves <see cref="Transmit"/> is one that the medium throws and that is not an
/// <see cref="IOException"/>: a test's power cut.
/// </summary>
public sealed class Card : IDisposable
{
    private readonly INonVolatileMemory _memory;
    private readonly CommandChaining _chaining = new();
    private CommandContext? _context;
    private ReadOnlyMemory<byte> _unread;
    private bool _memoryFailed;

    public Card(INonVolatileMemory memory, CardTiming? timing = null)
    {
        _memory = memory;
        Timing = timing ?? CardTiming.None();
    }

    public CardTiming Timing { get; }

    public bool IsPowered => _context is not null;

    /// <summary>Makes a blank card, OP_READY with the factory's SCP03 keys, on an empty memory.</summary>
    public static void Manufacture(INonVolatileMemory memory, Scp03StaticKeys factoryKeys) =>
        memory.Write(CardStateCodec.Encode(CardState.Blank(factoryKeys)));

    /// <exception cref="InvalidDataException">The memory holds no card.</exception>
    public Atr PowerOn()
    {
        PowerOff();
        _context = new CommandContext(_memory, ReadState(), Timing);
        _memoryFailed = false;
        return Atr.VirtualCard;
    }

    public Atr Reset() => PowerOn();

    public void PowerOff()
    {
        _context?.Dispose();
        _context = null;
        _chaining.Reset();
        _unread = default;
    }

    /// <summary>One command APDU, one response APDU. 6F00 without power.</summary>
    public byte[] Transmit(ReadOnlySpan<byte> command)
    {
        Timing.BeginCommand(command.Length);
        var response = Receive(command).Encode();
        Timing.EndCommand(response.Length);
        return response;
    }

    /// <summary>What may be shown of the card: no key, no code.</summary>
    public CardSnapshot Snapshot() => CardSnapshot.Of(_context?.State ?? ReadState());

    public void Dispose() => PowerOff();

    private CardState ReadState()
    {
        var image = _memory.Read();
        return image.Length > 0 ? CardStateCodec.Decode(image) : throw new InvalidDataException("The memory holds no card.");
    }

    private ResponseApdu Receive(ReadOnlySpan<byte> bytes)
    {
        if (_context is null)
            return new ResponseApdu(StatusWord.NoPreciseDiagnosis);
        if (_memoryFailed)
            return new ResponseApdu(StatusWord.MemoryFailure);
        if (!CommandApdu.TryParse(bytes, out var part, out var refusal))
            return RefuseUnread(refusal);
        if (part.Ins == Instruction.GetResponse)
            return GetResponse(part);

        _unread = default;
        if (CheckClass(part.Cla) is { IsSuccess: false } wrongClass)
            return RefuseUnread(wrongClass);
        if (!_chaining.TryCollect(part, out var command, out var answer))
            return answer.IsSuccess ? new ResponseApdu(answer) : RefuseUnread(answer);
        try
        {
            return Limit(Dispatch(_context, command), command);
        }
        catch (IOException)
        {
            // Old or new state, only the memory knows: say nothing more until the next power-on reads it.
            _context.Session.Clear();
            _memoryFailed = true;
            return new ResponseApdu(StatusWord.MemoryFailure);
        }
    }

    /// <summary>What cannot be read never came from the other end of a session: it ends one, as a wrong MAC does.</summary>
    private ResponseApdu RefuseUnread(StatusWord status)
    {
        if (_context?.Session.Channel is not null)
            _context.Session.Clear();
        return new ResponseApdu(status);
    }

    private static StatusWord CheckClass(byte cla)
    {
        if (!ClassByte.IsBasicChannel(cla))
            return StatusWord.LogicalChannelNotSupported;
        // ISO 7816-4's own secure messaging is not GlobalPlatform's.
        if ((cla & 0x08) != 0)
            return StatusWord.SecureMessagingNotSupported;
        return (cla & 0x60) == 0 ? StatusWord.Success : StatusWord.ClassNotSupported;
    }

    private static ResponseApdu Dispatch(CommandContext card, CommandApdu command)
    {
        if (!ClassByte.IsSecured(command.Cla))
            return DispatchPlain(card, command);
        // EXTERNAL AUTHENTICATE is protected by the session that it opens.
        if (command.Ins == Instruction.ExternalAuthenticate && card.Session.Channel is null)
            return ExternalAuthenticateCommand.Execute(card, command);
        if (card.Session.Channel is not { } channel)
            return new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);

        ChargeAes(card.Timing, channel.Messaging.Level);
        if (!channel.Messaging.TryUnwrapCommand(command, out var plain, out var refusal))
        {
            card.Session.Clear();
            return new ResponseApdu(refusal.ToStatusWord());
        }

        var rule = CommandTable.Find(plain.Ins, card.Session.Selected);
        return rule is { BeginsAnew: true }
            ? new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied)
            : channel.Messaging.WrapResponse(Run(card, rule, plain));
    }

    private static ResponseApdu DispatchPlain(CommandContext card, CommandApdu command)
    {
        var rule = CommandTable.Find(command.Ins, card.Session.Selected);
        if (card.Session.Channel is not null && rule is not { BeginsAnew: true })
        {
            // GP Amendment D, 6.2: what a session protects is not for sale without protection, and somebody is between the two.
            card.Session.Clear();
            return new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);
        }

        return Run(card, rule, command);
    }

    private static ResponseApdu Run(CommandContext card, CommandRule? rule, CommandApdu command)
    {
        if (rule is null)
            return new ResponseApdu(StatusWord.InstructionNotSupported);
        if (!rule.Classes.Accepts(command.Cla))
            return new ResponseApdu(StatusWord.ClassNotSupported);
        if (!rule.LifeCycles.Include(card.State.LifeCycle))
            return new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied);
        if (!rule.Access.Allows(card.Session))
            return new ResponseApdu(StatusWord.SecurityStatusNotSatisfied);
        if (rule.NeedsUnblocked && card.State.Subsidy.IsBlocked)
            return new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied);
        return rule.Command.Execute(card, command);
    }

    /// <summary>An answer longer than Le waits for GET RESPONSE (ISO 7816-4, 5.3.4). A protected answer is never cut: Le is not under the MAC.</summary>
    private ResponseApdu Limit(ResponseApdu response, CommandApdu command)
    {
        if (command.Le is not { } le || response.Data.Length <= le || ClassByte.IsSecured(command.Cla) || !response.Status.IsSuccess)
            return response;
        _unread = response.Data[le..];
        return new ResponseApdu(response.Data[..le], StatusWord.MoreDataAvailable(_unread.Length));
    }

    private ResponseApdu GetResponse(CommandApdu command)
    {
        if (command is not { Cla: ClassByte.Interindustry, P1: 0, P2: 0 })
            return new ResponseApdu(StatusWord.IncorrectParameters);
        if (_unread.IsEmpty)
            return new ResponseApdu(StatusWord.ConditionsOfUseNotSatisfied);
        var rest = _unread;
        _unread = default;
        return Limit(new ResponseApdu(rest, StatusWord.Success), command);
    }

    private static void ChargeAes(CardTiming timing, SecurityLevel level)
    {
        foreach (var flag in (ReadOnlySpan<SecurityLevel>)[SecurityLevel.CMac, SecurityLevel.CEnc, SecurityLevel.RMac, SecurityLevel.REnc])
        {
            if (level.Has(flag))
                timing.Charge(CardOperation.RunAes);
        }
    }
}
