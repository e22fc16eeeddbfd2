using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Tests.Cryptography;

namespace SmartCard.Protocol.Tests.SecureChannels;

/// <summary>
/// An SCP11a client as the public ones behave, written from GP Amendment F on the oracle's primitives alone: X.509 certificates, P1 = KVN, P2 = KID, key usage 3C,
/// and an encrypted block of padding even when a command has no data.
/// </summary>
internal sealed class ForeignScp11aClient
{
    private readonly byte[] _enc, _mac, _rmac;
    private byte[] _chain;
    private byte _counter;

    private ForeignScp11aClient(byte[] enc, byte[] mac, byte[] rmac, byte[] receipt) => (_enc, _mac, _rmac, _chain) = (enc, mac, rmac, receipt);

    public static byte[] MutualAuthenticateData(byte[] ephemeralPoint) =>
        [0xA6, 0x0D, 0x90, 0x02, 0x11, 0x01, 0x95, 0x01, 0x3C, 0x80, 0x01, 0x88, 0x81, 0x01, 0x10, 0x5F, 0x49, 0x41, .. ephemeralPoint];

    /// <summary>Reads 5F49 41 .. 86 10 .. by position, derives, compares the receipt.</summary>
    public static ForeignScp11aClient Complete(byte[] request, byte[] answer, EcKeyPair ephemeral, EcKeyPair staticKey, byte[] cardPoint)
    {
        Assert.Equal(3 + 65 + 2 + 16, answer.Length);
        Assert.Equal([0x5F, 0x49, 0x41], answer[..3]);
        Assert.Equal([0x86, 0x10], answer[68..70]);
        byte[] z = [.. Oracle.Ecdh(ephemeral.ExportScalar(), answer[3..68]), .. Oracle.Ecdh(staticKey.ExportScalar(), cardPoint)];
        var keys = Oracle.X963Kdf(z, [0x3C, 0x88, 0x10], 5 * 16);
        var receipt = Oracle.AesCmac(keys[..16], [.. request, .. answer[..68]]);
        Assert.Equal(receipt, answer[70..]);
        return new(keys[16..32], keys[32..48], keys[48..64], receipt);
    }

    public CommandApdu Wrap(byte cla, byte ins, byte p1, byte p2, byte[] data)
    {
        var icv = Oracle.AesBlock(_enc, [.. new byte[15], ++_counter]);
        var padded = new byte[(data.Length / 16 * 16) + 16];
        data.CopyTo(padded, 0);
        padded[data.Length] = 0x80;
        var body = Oracle.AesCbc(_enc, icv, padded, encrypt: true);
        var secured = (byte)(cla | 0x04);
        _chain = Oracle.AesCmac(_mac, [.. _chain, secured, ins, p1, p2, (byte)(body.Length + 8), .. body]);
        return new CommandApdu(secured, ins, p1, p2, (byte[])[.. body, .. _chain[..8]], 256);
    }

    public byte[] Unwrap(ResponseApdu response)
    {
        var body = response.Data.ToArray()[..^8];
        var mac = Oracle.AesCmac(_rmac, [.. _chain, .. body, response.Status.Sw1, response.Status.Sw2])[..8];
        Assert.Equal(mac, response.Data.ToArray()[^8..]);
        if (body.Length == 0)
            return [];
        var icv = Oracle.AesBlock(_enc, [0x80, .. new byte[14], _counter]);
        var padded = Oracle.AesCbc(_enc, icv, body, encrypt: false);
        return padded[..Array.FindLastIndex(padded, b => b == 0x80)];
    }
}
