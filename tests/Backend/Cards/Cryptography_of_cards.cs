using SmartCard.Backend.Cards.Contracts;
using SmartCard.Backend.Cards.Cryptography;
using SmartCard.Backend.Cards.Keys;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Cards;

/// <summary>The issuer's side of a tap, against what a card computes with the keys it was personalised with.</summary>
public sealed class Cryptography_of_cards : IDisposable
{
    private static readonly CardNumber Card = CardNumber.FromPayload(981_801_000_000_001);
    private static readonly CardNumber OtherCard = CardNumber.FromPayload(981_801_000_000_002);

    private readonly FileKeyStore _store = new(new MemorySecretStore());
    private readonly EcKeyPair _signer = EcKeyPair.Generate();
    private readonly CardCryptography _cryptography;
    private readonly CardKeySet _keys;

    public Cryptography_of_cards()
    {
        _cryptography = new CardCryptography(_store);
        _keys = new IssuerKeys(_store).KeysOf(Card, IssuerKeys.CurrentVersion);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void Knows_a_genuine_record()
    {
        var signed = Sign(Record(atc: 7));

        Assert.True(_cryptography.IsGenuine(Standing(), signed, out _));
        Assert.True(_cryptography.IsSigned(Standing(), signed));
    }

    [Fact]
    public void Refuses_a_record_in_which_one_bit_was_turned()
    {
        var signed = Sign(Record(atc: 7));
        var forged = Sign(Record(atc: 7) with { AmountMinor = 1 }, signed);

        Assert.False(_cryptography.IsGenuine(Standing(), forged, out _));
        Assert.False(_cryptography.IsSigned(Standing(), forged));
    }

    [Fact]
    public void Refuses_a_cryptogram_of_another_transaction_counter() =>
        Assert.False(_cryptography.IsGenuine(Standing(), Sign(Record(atc: 8), Sign(Record(atc: 7))), out _));

    [Fact]
    public void Refuses_another_cards_record()
    {
        var signed = Sign(Record(atc: 7));

        Assert.False(_cryptography.IsGenuine(Standing() with { Card = OtherCard }, signed, out _));
        Assert.False(_cryptography.IsGenuine(Standing() with { KeyVersion = 2 }, signed, out _));
    }

    [Fact]
    public void Refuses_every_signature_of_a_card_without_a_certified_key() =>
        Assert.False(_cryptography.IsSigned(Standing() with { SignaturePublicKey = ReadOnlyMemory<byte>.Empty }, Sign(Record(atc: 7))));

    [Fact]
    public void Answers_a_cryptogram_so_that_the_card_believes_it()
    {
        var signed = Sign(Record(atc: 7));

        Assert.True(_cryptography.IsGenuine(Standing(), signed, out var responses));

        Assert.True(IsBelieved(IssuerAuthentication.Approved, responses.Approved));
        Assert.True(IsBelieved(IssuerAuthentication.Declined, responses.Declined));
        Assert.False(IsBelieved(IssuerAuthentication.Declined, responses.Approved));

        bool IsBelieved(ushort code, ReadOnlyMemory<byte> response) =>
            ApplicationCryptogram.IsGenuineResponse(_keys.ApplicationCryptogram.Span, new Atc(7), signed.Cryptogram.Span, code, response.Span);
    }

    [Fact]
    public void Seals_scripts_that_the_card_opens_and_no_other_card()
    {
        var script = new ApplicationBlock(Card, 1).Seal(_keys.ScriptMac.Span);

        Assert.Equal(script[^IssuerScript.MacLength..], _cryptography.ScriptMac(Standing(), script.AsSpan(..^IssuerScript.MacLength)));
        Assert.NotEqual(script[^IssuerScript.MacLength..], _cryptography.ScriptMac(Standing() with { Card = OtherCard }, script.AsSpan(..^IssuerScript.MacLength)));
    }

    [Fact]
    public void Serves_many_threads_at_once()
    {
        var records = Enumerable.Range(1, 200).Select(atc => Sign(Record((ushort)atc))).ToList();

        Parallel.ForEach(records, signed =>
        {
            Assert.True(_cryptography.IsGenuine(Standing(), signed, out _));
            Assert.True(_cryptography.IsSigned(Standing(), signed));
            Assert.Equal(_store.PublicPoint(SigningKey.CardAuthority).ToArray(), _store.PublicPoint(SigningKey.CardAuthority).ToArray());
        });
    }

    [Fact]
    public void Derives_every_purposes_key_from_another_master()
    {
        var purposes = Enum.GetValues<CardKeyPurpose>();
        var keys = purposes.Select(purpose =>
        {
            var key = new byte[CardKeyDerivation.KeyLength];
            _store.DeriveCardKey(purpose, Card, 1, key);
            return Convert.ToHexString(key);
        });

        Assert.Equal(purposes.Length, keys.Distinct().Count());
    }

    private CardStanding Standing() => new(Card, new HouseholdId(1), CardState.Active, _signer.PublicPoint.ToArray(), IssuerKeys.CurrentVersion);

    private static TransactionRecord Record(ushort atc) => new()
    {
        Card = Card,
        Atc = new Atc(atc),
        Kind = CryptogramKind.Online,
        AmountMinor = 400,
        Currency = 818,
        Date = new DateOnly(2026, 11, 22),
        Time = new TimeOnly(9, 0),
        Type = 0,
        Terminal = TerminalId.Parse("T0000042"),
        UnpredictableNumber = new byte[16],
        BasketHash = new byte[32],
        TransactionId = new TransactionId(1),
        PreviousChain = RecordChain.Start,
        Draws = [new ProgrammeDraw(ProgrammeCode.Bread, 20, QuantityUnit.Loaf, 0)],
    };

    /// <summary>What a card makes of it; or the record under the evidence of another.</summary>
    private SignedRecord Sign(TransactionRecord record, SignedRecord? evidence = null)
    {
        var encoded = TransactionRecordCodec.Encode(record);
        var cryptogram = evidence?.Cryptogram ?? ApplicationCryptogram.Compute(_keys.ApplicationCryptogram.Span, record.Atc, encoded);
        var signature = evidence?.Signature ?? _signer.Sign(encoded);
        Assert.True(SignedRecord.TryCreate(encoded, cryptogram, signature, out var signed, out var refusal), refusal.ToString());
        return signed;
    }
}
