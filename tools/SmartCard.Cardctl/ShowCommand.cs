using System.CommandLine;
using System.Security.Cryptography;
using SmartCard.CardOs.Kernel;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Cardctl;

/// <summary>show: what is in a card's file, as far as it may be shown.</summary>
internal static class ShowCommand
{
    public static Command Define(TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "The card." };
        var pem = new Option<bool>("--pem") { Description = "Only the key-agreement public key, as PEM: what an SCP11a client needs." };
        var command = new Command("show", "Shows state, counters, log and public keys. No key or code that is secret.") { file, pem };
        command.SetAction(result =>
        {
            using var card = CardFile.Open(result.GetValue(file)!);
            var snapshot = card.Card.Snapshot();
            return result.GetValue(pem) ? WritePem(output, snapshot) : Write(output, snapshot);
        });
        return command;
    }

    private static int WritePem(TextWriter output, CardSnapshot card)
    {
        if (card.KeyAgreementPoint.IsEmpty)
            throw new CardctlException(ExitCode.CardRefused, "The card has no key yet: it was never personalised.");
        var key = EcPublicKey.FromPoint(card.KeyAgreementPoint.Span);
        output.WriteLine(PemEncoding.WriteString("PUBLIC KEY", key.ExportSubjectPublicKeyInfo()));
        return (int)ExitCode.Success;
    }

    private static int Write(TextWriter output, CardSnapshot card)
    {
        output.WriteLine($"card               {card.Number?.FullDigits ?? "blank"}");
        output.WriteLine($"life cycle         {card.LifeCycle}{(card.IsBlocked ? ", application blocked" : "")}");
        output.WriteLine($"ATC                {card.Atc}");
        output.WriteLine($"chain              {card.Chain}");
        output.WriteLine($"PIN tries left     {card.PinTriesLeft}");
        output.WriteLine($"PUK tries left     {card.PukTriesLeft}");
        output.WriteLine($"PIN threshold      {card.PinThresholdMinor} minor units");
        output.WriteLine($"offline in a row   {card.ConsecutiveOffline.Count} (lower limit {card.ConsecutiveOffline.Lower}, upper {card.ConsecutiveOffline.Upper})");
        output.WriteLine($"script counter     {card.ScriptCounter}");
        output.WriteLine($"latest date seen   {card.LatestDateSeen:yyyy-MM-dd}");
        output.WriteLine($"SCP03 sequence     {card.Scp03Sequence}");
        output.WriteLine($"key agreement key  {Hex.Format(card.KeyAgreementPoint.Span)}");
        output.WriteLine($"signature key      {Hex.Format(card.SignaturePoint.Span)}");
        output.WriteLine($"terminal authority {Hex.Format(card.TerminalAuthorityPoint.Span)}");
        foreach (var allowance in card.Allowances)
        {
            output.WriteLine($"allowance          programme {allowance.Programme}, period {allowance.Period}, {allowance.NotBefore:yyyy-MM-dd} to {allowance.NotAfter:yyyy-MM-dd}: "
                + $"{allowance.Spent} of {allowance.Granted} {allowance.Unit}, at most {allowance.CapPerTransaction} at once");
        }

        output.WriteLine($"log                {card.Log.Count} of {LogRecord.LogLength} records, newest first");
        foreach (var entry in card.Log)
            output.WriteLine("  " + Describe(entry.Record));
        return (int)ExitCode.Success;
    }

    private static string Describe(TransactionRecord record) =>
        $"{record.Atc,5}  {record.Date:yyyy-MM-dd} {record.Time:HH:mm:ss}  {record.Terminal}  {record.Kind,-8}  {record.AmountMinor} minor of {record.Currency}  "
        + string.Join(", ", record.Draws.Select(draw => $"programme {draw.Programme}: {draw.Quantity} {draw.Unit}"));
}
