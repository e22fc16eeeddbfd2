using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Testing.Cards;

/// <summary>A card in memory with everything that its issuer knows about it.</summary>
public sealed class TestCard
{
    private readonly CardPersonalisationData? _data;
    private Card? _card;

    public TestCard(RamMedium medium, CardPersonalisationData? data) => (Medium, _data) = (medium, data);

    /// <summary>What the chip remembers; survives <see cref="Remove"/>.</summary>
    public RamMedium Medium { get; }

    public CardPersonalisationData Data => _data ?? throw new InvalidOperationException("The card is blank.");

    public CardNumber Number => Data.Number;

    public CardSnapshot Snapshot() => new Card(JournalledMemory.Open(Medium)).Snapshot();

    /// <summary>Into the field, anew: as after a reset.</summary>
    /// <param name="through">A medium around <see cref="Medium"/> that misbehaves.</param>
    public InProcessCardLink Insert(IStorageMedium? through = null, CardTiming? timing = null)
    {
        Remove();
        _card = new Card(JournalledMemory.Open(through ?? Medium), timing);
        var link = new InProcessCardLink(_card);
        link.Insert();
        return link;
    }

    public void Remove()
    {
        _card?.Dispose();
        _card = null;
    }

    /// <summary>A card with the same memory: what a cloner would like to have.</summary>
    public TestCard Clone() => new(new RamMedium(Medium.ToArray()), _data);

    /// <summary>An issuer session with the security domain.</summary>
    public SecureCardChannel OpenIssuerSession(SecurityLevel level = SecurityLevel.Full, Aid? application = null)
    {
        var link = Insert();
        link.Transmit(CardPersonaliser.SelectCommand(application ?? Aid.IssuerSecurityDomain));
        using var keys = _data is null ? CardKeyReferences.PublishedTestKeys() : new Scp03StaticKeys(_data.Enc, _data.Mac, _data.Dek);
        var outcome = Scp03Host.Open(link, keys, level, CardKeyReferences.Scp03KeyVersion, SystemRandomSource.Instance);
        return outcome.Channel ?? throw new InvalidOperationException($"SCP03: {outcome.Refusal}, {outcome.Status}.");
    }

    public byte[] Grant(
        ProgrammeCode programme, QuantityUnit unit, uint granted, uint cap, uint? counter = null, uint period = 20261100,
        DateOnly? notBefore = null, DateOnly? notAfter = null) =>
        new AllowanceGrant(
            Number, counter ?? Snapshot().ScriptCounter + 1, programme, unit, period, notBefore ?? new DateOnly(2026, 11, 1),
            notAfter ?? new DateOnly(2026, 11, 30), granted, cap).Seal(Data.ScriptKey);
}
