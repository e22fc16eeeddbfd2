using Dapper;
using SmartCard.Protocol.Certificates;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;

namespace SmartCard.TerminalAgent.Journal;

/// <summary>What the terminal was told and keeps for work without a line: parameters, denylist, last contact, cards' signature certificates.</summary>
internal sealed class TerminalStore(TerminalDatabase database)
{
    private const string ParametersName = "parameters";
    private const string DenylistVersionName = "denylist-version";
    private const string LastContactName = "last-contact";
    private const int CertificatesMax = 10_000;

    public TerminalParameters? LoadParameters() =>
        Get(ParametersName) is { } stored && TerminalParameters.TryRead(stored, out var parameters) ? parameters : null;

    public void SaveParameters(TerminalParameters parameters) => Set(ParametersName, parameters.ToStored());

    public long DenylistVersion => Get(DenylistVersionName) is { } stored ? BitConverter.ToInt64(stored) : 0;

    public bool IsDenied(CardNumber card) => database.Read(connection =>
        connection.ExecuteScalar<bool>("select exists (select 1 from denied_card where card = @card)", new { card = (long)card.Value }));

    public int CountDenied() => database.Read(connection => connection.ExecuteScalar<int>("select count(*) from denied_card"));

    /// <summary>One page of the denylist, whole or not at all. An entry with no card number in it is left out.</summary>
    public void ApplyDenylist(GetDenylistResponse page) => database.Commit(transaction =>
    {
        foreach (var entry in page.Entries)
        {
            if (!CardNumber.TryParse(entry.CardNumber, out var card))
                continue;
            database.Connection.Execute(
                entry.Denied ? "insert or ignore into denied_card (card) values (@card)" : "delete from denied_card where card = @card",
                new { card = (long)card.Value }, transaction);
        }

        database.Connection.Execute(
            "insert or replace into setting (name, value) values (@name, @value)",
            new { name = DenylistVersionName, value = BitConverter.GetBytes(page.Version) }, transaction);
    });

    public DateTimeOffset? LastContact =>
        Get(LastContactName) is { } stored ? DateTimeOffset.FromUnixTimeMilliseconds(BitConverter.ToInt64(stored)) : null;

    public void SaveLastContact(DateTimeOffset at) => Set(LastContactName, BitConverter.GetBytes(at.ToUnixTimeMilliseconds()));

    /// <summary>A certificate of this card that was checked before; null where none is kept.</summary>
    public CardVerifiableCertificate? FindCertificate(CardNumber card, CertificateRole role)
    {
        var stored = database.Read(connection => connection.ExecuteScalar<byte[]?>(
            "select certificate from card_certificate where card = @card and use = @use", new { card = (long)card.Value, use = (int)role }));
        return stored is not null && CardVerifiableCertificate.TryDecode(stored, out var certificate, out _) ? certificate : null;
    }

    /// <summary>Keeps it in place of the oldest once there are too many.</summary>
    public void SaveCertificate(CardNumber card, CardVerifiableCertificate certificate) => database.Commit(transaction =>
        database.Connection.Execute(
            """
            insert or replace into card_certificate (card, use, certificate) values (@card, @use, @certificate);
            delete from card_certificate where rowid <= (select max(rowid) from card_certificate) - @kept;
            """,
            new { card = (long)card.Value, use = (int)certificate.Role, certificate = certificate.Encode(), kept = CertificatesMax }, transaction));

    private byte[]? Get(string name) => database.Read(connection =>
        connection.ExecuteScalar<byte[]?>("select value from setting where name = @name", new { name }));

    private void Set(string name, byte[] value) => database.Commit(transaction =>
        database.Connection.Execute("insert or replace into setting (name, value) values (@name, @value)", new { name, value }, transaction));
}
