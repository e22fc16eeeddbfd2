using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Kernel;

/// <summary>The state as the image in memory: a version, then every field in one order, big endian, variable ones with their length before them.</summary>
internal static class CardStateCodec
{
    private const byte Version = 1;

    public static byte[] Encode(CardState state)
    {
        var writer = new StateWriter();
        writer.Byte(Version);
        writer.Byte((byte)state.LifeCycle);
        writer.Bytes(state.Number is { } number ? number.ToBytes() : []);
        EncodeKeys(writer, state.Keys);
        EncodeCode(writer, state.Pin);
        EncodeCode(writer, state.Puk);
        writer.UInt32((uint)state.LatestDateSeen.DayNumber);
        EncodeSubsidy(writer, state.Subsidy);
        foreach (var records in state.Files.Contents)
        {
            writer.Byte((byte)records.Length);
            foreach (var record in records)
                writer.Bytes(record.Span);
        }

        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The image is from another version, or not an image: its MAC was right, so this is a fault of the program.</exception>
    public static CardState Decode(byte[] image)
    {
        var reader = new StateReader(image);
        if (reader.Byte() != Version)
            throw new InvalidDataException("The card's image has a version that this program does not know.");
        var state = new CardState
        {
            LifeCycle = (CardLifeCycle)reader.Byte(),
            Number = reader.Bytes() is { IsEmpty: false } bcd && CardNumber.TryDecode(bcd.Span, out var number) ? number : null,
            Keys = DecodeKeys(reader),
            Pin = DecodeCode(reader),
            Puk = DecodeCode(reader),
            LatestDateSeen = DateOnly.FromDayNumber((int)reader.UInt32()),
            Subsidy = DecodeSubsidy(reader),
            Files = DecodeFiles(reader),
        };
        return reader.IsAtEnd ? state : throw new InvalidDataException("The card's image is longer than its state.");
    }

    private static void EncodeKeys(StateWriter writer, CardKeys keys)
    {
        writer.Byte(keys.Scp03Version);
        writer.Bytes(keys.Enc.Span);
        writer.Bytes(keys.Mac.Span);
        writer.Bytes(keys.Dek.Span);
        writer.UInt32(keys.Scp03Sequence);
        writer.Bytes(Encoding.ASCII.GetBytes(keys.TerminalAuthority.Value));
        writer.Bytes(keys.TerminalAuthorityPoint.Span);
        writer.Bytes(keys.KeyAgreementScalar.Span);
        writer.Bytes(keys.SignatureScalar.Span);
        writer.Bytes(keys.CryptogramKey.Span);
        writer.Bytes(keys.ScriptKey.Span);
    }

    private static CardKeys DecodeKeys(StateReader reader) => new()
    {
        Scp03Version = reader.Byte(),
        Enc = reader.Bytes(),
        Mac = reader.Bytes(),
        Dek = reader.Bytes(),
        Scp03Sequence = reader.UInt32(),
        TerminalAuthority = HolderReference.TryParse(Encoding.ASCII.GetString(reader.Bytes().Span), out var reference) ? reference : default,
        TerminalAuthorityPoint = reader.Bytes(),
        KeyAgreementScalar = reader.Bytes(),
        SignatureScalar = reader.Bytes(),
        CryptogramKey = reader.Bytes(),
        ScriptKey = reader.Bytes(),
    };

    private static void EncodeCode(StateWriter writer, SecretCode code)
    {
        writer.Bytes(code.Block.Span);
        writer.Byte(code.TriesLeft);
        writer.Byte(code.TriesMax);
    }

    private static SecretCode DecodeCode(StateReader reader) => new(reader.Bytes(), reader.Byte(), reader.Byte());

    private static void EncodeSubsidy(StateWriter writer, SubsidyState subsidy)
    {
        writer.Byte(subsidy.IsBlocked ? (byte)1 : (byte)0);
        writer.UInt32(subsidy.Atc.Value);
        writer.UInt64(subsidy.Chain.Value);
        writer.Byte(subsidy.ConsecutiveOffline.Count);
        writer.Byte(subsidy.ConsecutiveOffline.Lower);
        writer.Byte(subsidy.ConsecutiveOffline.Upper);
        writer.UInt32(subsidy.PinThresholdMinor);
        writer.UInt32(subsidy.ScriptCounter);
        writer.Byte((byte)subsidy.Allowances.Length);
        Span<byte> bytes = stackalloc byte[Allowance.EncodedLength];
        foreach (var allowance in subsidy.Allowances)
        {
            allowance.Encode(bytes);
            writer.Bytes(bytes);
        }
    }

    private static SubsidyState DecodeSubsidy(StateReader reader) => new()
    {
        IsBlocked = reader.Byte() != 0,
        Atc = new Atc((ushort)reader.UInt32()),
        Chain = new RecordChain(reader.UInt64()),
        ConsecutiveOffline = new ConsecutiveOffline(reader.Byte(), reader.Byte(), reader.Byte()),
        PinThresholdMinor = reader.UInt32(),
        ScriptCounter = reader.UInt32(),
        Allowances = DecodeAllowances(reader),
    };

    private static ImmutableArray<Allowance> DecodeAllowances(StateReader reader)
    {
        var allowances = ImmutableArray.CreateBuilder<Allowance>();
        for (var count = reader.Byte(); count > 0; count--)
        {
            if (!Allowance.TryDecode(reader.Bytes().Span, out var allowance))
                throw new InvalidDataException("The card's image holds an allowance that is none.");
            allowances.Add(allowance);
        }

        return allowances.DrainToImmutable();
    }

    private static FileStore DecodeFiles(StateReader reader)
    {
        var files = ImmutableArray.CreateBuilder<ImmutableArray<ReadOnlyMemory<byte>>>();
        foreach (var _ in FileTable.Files)
        {
            var records = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
            for (var count = reader.Byte(); count > 0; count--)
                records.Add(reader.Bytes());
            files.Add(records.DrainToImmutable());
        }

        return new FileStore(files.DrainToImmutable());
    }

    private sealed class StateWriter
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(8 * 1024);

        public void Byte(byte value) => _buffer.Write([value]);

        public void UInt32(uint value)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(sizeof(uint)), value);
            _buffer.Advance(sizeof(uint));
        }

        public void UInt64(ulong value)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_buffer.GetSpan(sizeof(ulong)), value);
            _buffer.Advance(sizeof(ulong));
        }

        public void Bytes(ReadOnlySpan<byte> value)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer.GetSpan(sizeof(ushort)), (ushort)value.Length);
            _buffer.Advance(sizeof(ushort));
            _buffer.Write(value);
        }

        public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
    }

    private sealed class StateReader(byte[] image)
    {
        private int _position;

        public bool IsAtEnd => _position == image.Length;

        public byte Byte() => Take(1).Span[0];

        public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)).Span);

        public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)).Span);

        public ReadOnlyMemory<byte> Bytes() => Take(BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)).Span));

        private ReadOnlyMemory<byte> Take(int length)
        {
            if (length > image.Length - _position)
                throw new InvalidDataException("The card's image is shorter than its state.");
            _position += length;
            return image.AsMemory(_position - length, length);
        }
    }
}
