using System.Text.Json;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Tests.Vectors;

namespace SmartCard.Protocol.Tests.SecureChannels;

/// <summary>Two whole SCP03 exchanges that others published, with level 11 and level 33: made as a host, answered as a card, byte for byte.</summary>
public class PublishedScp03Exchanges
{
    private const string File = "scp03.json";

    // What was selected when these exchanges were recorded: the root security domain of an eUICC (GSMA SGP.02). It is part of the card's challenge.
    private static readonly Aid Application = new(Convert.FromHexString("A0000005591010FFFFFFFF8900000100"));
    private static readonly string[] Commands = ["getEid", "case1", "case2", "case3", "case4"];

    [SharedVectorFact(File)]
    public void Are_what_the_host_sends()
    {
        foreach (var (vectors, exchange) in Exchanges())
        {
            using var keys = Keys(vectors);
            var host = Host(keys, exchange);
            AssertEncodes(exchange, "initializeUpdate", host.InitializeUpdate);
            Assert.True(host.TryAuthenticate(
                new ResponseApdu(exchange.Hex("initializeUpdateResponse"), StatusWord.Success), out var externalAuthenticate, out var messaging, out _));
            AssertEncodes(exchange, "externalAuthenticate", externalAuthenticate);

            var plain = vectors.GetProperty("plain");
            foreach (var name in Commands)
            {
                AssertEncodes(exchange, name, messaging.WrapCommand(Command(plain, name)));
                if (name != "getEid")
                    continue;
                Assert.True(messaging.TryUnwrapResponse(new ResponseApdu(exchange.Hex("getEidResponse"), StatusWord.Success), out var response, out _));
                Assert.Equal(plain.Hex("getEidResponse"), response.Data.ToArray());
            }
        }
    }

    [SharedVectorFact(File)]
    public void Are_what_the_card_understands_and_answers()
    {
        foreach (var (vectors, exchange) in Exchanges())
        {
            using var keys = Keys(vectors);
            using var card = new Scp03Card(keys, 0x30, Application, new byte[10]);
            var expected = exchange.Hex("initializeUpdateResponse");
            Assert.Equal(expected, card.InitializeUpdate(Command(exchange, "initializeUpdate"), sequenceCounter: expected[^1]).Data.ToArray());

            var answer = card.ExternalAuthenticate(Command(exchange, "externalAuthenticate"), out var messaging);
            Assert.Equal(StatusWord.Success, answer.Status);
            Assert.NotNull(messaging);
            var plain = vectors.GetProperty("plain");
            foreach (var name in Commands)
            {
                Assert.True(messaging.TryUnwrapCommand(Command(exchange, name), out var command, out var refusal), refusal.ToString());
                Assert.Equal(Command(plain, name), command);
                if (name != "getEid")
                    continue;
                var response = messaging.WrapResponse(new ResponseApdu(plain.Hex("getEidResponse"), StatusWord.Success));
                Assert.Equal(exchange.Hex("getEidResponse"), response.Data.ToArray());
            }
        }
    }

    private static IEnumerable<(JsonElement Vectors, JsonElement Exchange)> Exchanges()
    {
        var vectors = PublishedVectors.Shared(File);
        return vectors.GetProperty("exchanges").EnumerateArray().Select(exchange => (vectors, exchange));
    }

    private static Scp03StaticKeys Keys(JsonElement vectors)
    {
        var keys = vectors.GetProperty("keys");
        return new(keys.Hex("enc"), keys.Hex("mac"), keys.Hex("dek"));
    }

    private static Scp03Host Host(Scp03StaticKeys keys, JsonElement exchange) => new(
        keys, (SecurityLevel)exchange.Hex("level")[0], keyVersion: 0x30, exchange.Hex("initializeUpdate").AsSpan(5, 8));

    private static CommandApdu Command(JsonElement element, string name)
    {
        Assert.True(CommandApdu.TryParse(element.Hex(name), out var command, out _));
        return command;
    }

    private static void AssertEncodes(JsonElement exchange, string name, CommandApdu command) =>
        Assert.Equal(exchange.Text(name), Convert.ToHexString(command.Encode()), ignoreCase: true);
}
