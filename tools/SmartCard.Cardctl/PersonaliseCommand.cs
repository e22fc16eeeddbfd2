using System.CommandLine;
using System.Security.Cryptography;
using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Links;
using SmartCard.CardOs.Memory;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Cardctl;

/// <summary>personalise: a new card in a new file, loaded over SCP03 as a bureau does it.</summary>
internal static class PersonaliseCommand
{
    private const string Pin = "1234";
    private const string Puk = "12345678";
    private const ushort Egypt = 818;

    private static readonly CardRiskLimits Limits = new(LowerConsecutiveOffline: 3, UpperConsecutiveOffline: 10, PinThresholdMinor: 50_000);

    public static Command Define(TextWriter output)
    {
        var file = new Option<string>("--out") { Description = "File of the new card; must not exist yet.", Required = true, HelpName = "FILE" };
        var authority = new Option<string?>("--terminal-ca")
        {
            Description = "PEM file, X.509 certificate or public key, P-256: the authority whose terminals the card accepts. Without it, it accepts none.",
            HelpName = "PEM",
        };
        var keys = new Option<string?>("--scp03-keys")
        {
            Description = "The card's SCP03 keys, 16 bytes each in hexadecimal. Default: the published test keys, 4041..4F for all three.",
            HelpName = "ENC:MAC:DEK",
        };
        var command = new Command("personalise", $"Makes a blank card and personalises it. It is a card for development: PIN {Pin}, PUK {Puk}, certificates of an authority that exists only now.")
        {
            file, authority, keys,
        };
        command.SetAction(result => Run(output, result.GetValue(file)!, result.GetValue(authority), result.GetValue(keys)));
        return command;
    }

    private static int Run(TextWriter output, string path, string? authorityPath, string? keysText)
    {
        using var keys = keysText is null ? CardKeyReferences.PublishedTestKeys() : ParseKeys(keysText);
        using var discarded = EcKeyPair.Generate();
        var authority = authorityPath is null ? null : TrustAnchor.Read(authorityPath);
        var number = CardNumber.FromPayload((ulong)RandomNumberGenerator.GetInt32(int.MaxValue) + 630_000_000_000_000);
        using var data = new CardPersonalisationData
        {
            Number = number,
            Enc = keys.Enc.ToArray(),
            Mac = keys.Mac.ToArray(),
            Dek = keys.Dek.ToArray(),
            CryptogramKey = RandomNumberGenerator.GetBytes(CardKeyDerivation.KeyLength),
            ScriptKey = RandomNumberGenerator.GetBytes(CardKeyDerivation.KeyLength),
            TerminalAuthorityPoint = (authority ?? discarded.PublicKey).ToPoint(),
            Pin = Pin,
            Puk = Puk,
            RiskLimits = Limits,
            ApplicationData = new CardApplicationData(Egypt, Egypt),
        };

        // In memory first: what is interrupted leaves no half-made card in a file.
        var medium = new RamMedium();
        Personalise(medium, data);
        Save(path, medium);
        output.WriteLine($"{path}: card {number.FullDigits}, PIN {Pin}, PUK {Puk}, SCP03 keys {(keysText is null ? "as published for tests" : "as given")}.");
        if (authority is null)
            output.WriteLine("It accepts no terminal: give --terminal-ca to have it accept some.");
        return (int)ExitCode.Success;
    }

    private static void Personalise(RamMedium medium, CardPersonalisationData data)
    {
        using var factoryKeys = CardKeyReferences.PublishedTestKeys();
        var memory = JournalledMemory.Format(medium, SystemRandomSource.Instance);
        Card.Manufacture(memory, factoryKeys);
        using var card = new Card(memory);
        var link = new InProcessCardLink(card);
        link.Insert();
        using var cardAuthority = EcKeyPair.Generate();
        var outcome = new CardPersonaliser(link, SystemRandomSource.Instance).Personalise(
            factoryKeys, data, (number, keys) => Certify(cardAuthority, number, keys));
        if (!outcome.IsComplete)
            throw new CardctlException(ExitCode.CardRefused, $"The card refused {outcome.FailedStep} with {outcome.Status}.");
    }

    private static CardCertificates Certify(EcKeyPair authority, CardNumber number, CardPublicKeys keys)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        byte[] Issue(ReadOnlyMemory<byte> point, CertificateRole role) => CardVerifiableCertificate.Issue(
            new CertificateTerms(
                HolderReference.Parse("DEVCARDCA00001"), point, HolderReference.ForCard(number), new CertificateRights(role), today, today.AddYears(5)),
            authority).Encode();
        return new CardCertificates(Issue(keys.KeyAgreementPoint, CertificateRole.CardKeyAgreement), Issue(keys.SignaturePoint, CertificateRole.CardSignature));
    }

    private static Scp03StaticKeys ParseKeys(string text)
    {
        var parts = text.Split(':');
        var keys = new List<byte[]>(3);
        foreach (var part in parts)
        {
            if (Hex.TryParse(part, out var key) && key.Length == Scp03StaticKeys.KeyLength)
                keys.Add(key);
        }

        return parts.Length == 3 && keys.Count == 3
            ? new Scp03StaticKeys(keys[0], keys[1], keys[2])
            : throw new CardctlException(ExitCode.Usage, "--scp03-keys takes three keys of 32 hexadecimal digits with colons between them: ENC:MAC:DEK.");
    }

    private static void Save(string path, RamMedium medium)
    {
        try
        {
            using var file = FileMedium.Create(path);
            file.Write(0, medium.ToArray());
            file.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CardctlException(ExitCode.File, File.Exists(path)
                ? $"{path}: it exists already. Choose another name, or remove it first."
                : $"{path}: it cannot be written.");
        }
    }
}
