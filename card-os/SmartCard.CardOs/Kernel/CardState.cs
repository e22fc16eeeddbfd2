using System.Collections.Immutable;
using SmartCard.CardOs.FileSystem;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.CardOs.Kernel;

/// <summary>Everything that a card remembers. Immutable: a command makes the next state and commits it whole.</summary>
internal sealed record CardState
{
    public required CardLifeCycle LifeCycle { get; init; }
    public CardNumber? Number { get; init; }
    public required CardKeys Keys { get; init; }
    public SecretCode Pin { get; init; } = SecretCode.NoPin;
    public SecretCode Puk { get; init; } = SecretCode.NoPuk;

    /// <summary>The card's only clock: moves forward with certificates that verified.</summary>
    public DateOnly LatestDateSeen { get; init; } = FirstDate;
    public SubsidyState Subsidy { get; init; } = new();
    public FileStore Files { get; init; } = FileStore.Empty;

    /// <summary>The first date that the wire's two-digit years can say.</summary>
    public static DateOnly FirstDate { get; } = new(2000, 1, 1);

    /// <summary>True when nothing is missing that a tap needs.</summary>
    public bool IsPersonalised =>
        Number is not null && Keys.AreComplete && !Pin.Block.IsEmpty && !Puk.Block.IsEmpty
        && Files.Record(FileId.KeyAgreementCertificate, 1) is not null
        && Files.Record(FileId.SignatureCertificate, 1) is not null
        && Files.Record(FileId.ApplicationData, 1) is not null;

    /// <summary>At the beginning of a personalisation: nothing of an earlier attempt is left but the SCP03 keys.</summary>
    public CardState WithoutPersonalisation() => new()
    {
        LifeCycle = CardLifeCycle.Initialized,
        Keys = new CardKeys
        {
            Scp03Version = Keys.Scp03Version,
            Enc = Keys.Enc,
            Mac = Keys.Mac,
            Dek = Keys.Dek,
            Scp03Sequence = Keys.Scp03Sequence,
        },
    };

    public static CardState Blank(Scp03StaticKeys factoryKeys) => new()
    {
        LifeCycle = CardLifeCycle.OpReady,
        Keys = new CardKeys
        {
            Scp03Version = CardKeyReferences.Scp03KeyVersion,
            Enc = factoryKeys.Enc.ToArray(),
            Mac = factoryKeys.Mac.ToArray(),
            Dek = factoryKeys.Dek.ToArray(),
        },
    };
}

/// <summary>The subsidy application's counters.</summary>
internal sealed record SubsidyState
{
    /// <summary>By an issuer script, for ever.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>The last one used, whether or not its record was completed.</summary>
    public Atc Atc { get; init; }
    public RecordChain Chain { get; init; }

    /// <summary>Programme codes ascending, at most four.</summary>
    public ImmutableArray<Allowance> Allowances { get; init; } = [];
    public ConsecutiveOffline ConsecutiveOffline { get; init; }
    public uint PinThresholdMinor { get; init; }
    public uint ScriptCounter { get; init; }

    public Allowance? AllowanceFor(ProgrammeCode programme)
    {
        foreach (var allowance in Allowances)
        {
            if (allowance.Programme == programme)
                return allowance;
        }

        return null;
    }

    /// <summary>Replaces the programme's allowance, or adds it in its place.</summary>
    public SubsidyState With(Allowance changed)
    {
        var index = 0;
        while (index < Allowances.Length && Allowances[index].Programme.Value < changed.Programme.Value)
            index++;
        var known = index < Allowances.Length && Allowances[index].Programme == changed.Programme;
        return this with { Allowances = known ? Allowances.SetItem(index, changed) : Allowances.Insert(index, changed) };
    }
}
