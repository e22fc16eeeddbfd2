namespace SmartCard.Protocol.Apdus;

/// <summary>
/// The host's half of what short APDUs need: splits long commands into chains, fetches long answers with GET RESPONSE
/// (61xx, ISO 7816-4, 5.3.4) and repeats a command whose Le the card corrected (6Cxx). Wraps the raw channel; secure
/// messaging wraps this.
/// </summary>
public sealed class ApduExchange(ICardChannel channel) : ICardChannel
{
    /// <summary>Longest answer that is put together. A card that goes on answers with an error: 6F00.</summary>
    public const int ResponseBytesMax = 8192;

    private const int RoundsMax = 64;

    public ResponseApdu Transmit(CommandApdu command)
    {
        var response = new ResponseApdu(StatusWord.NoPreciseDiagnosis);
        var last = command;
        foreach (var part in CommandChaining.Split(command))
        {
            last = part;
            response = channel.Transmit(part);
            if (ClassByte.IsChained(part.Cla) && !response.Status.IsSuccess)
                return response;
        }

        // A protected command cannot be repeated: its MAC is spent.
        if (response.Status.IsWrongLe && !ClassByte.IsSecured(command.Cla))
            response = channel.Transmit(last with { Le = LengthOf(response.Status) });
        return response.Status.IsMoreDataAvailable ? Gather(response) : response;
    }

    private ResponseApdu Gather(ResponseApdu first)
    {
        using var whole = new MemoryStream();
        var response = first;
        for (var round = 0; round < RoundsMax; round++)
        {
            whole.Write(response.Data.Span);
            if (!response.Status.IsMoreDataAvailable)
                return new ResponseApdu(whole.ToArray(), response.Status);
            if (whole.Length > ResponseBytesMax)
                break;
            response = channel.Transmit(
                new CommandApdu(ClassByte.Interindustry, Instruction.GetResponse, 0, 0, default, LengthOf(response.Status)));
        }

        return new ResponseApdu(StatusWord.NoPreciseDiagnosis);
    }

    private static int LengthOf(StatusWord status) => status.Sw2 == 0 ? CommandApdu.ShortLeMax : status.Sw2;
}
