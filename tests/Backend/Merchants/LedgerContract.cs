using System.Text;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>Ledgers of a bakery with one terminal. Lines of a test are found again by its terminal.</summary>
public abstract class LedgerContract(TestDatabase fixture) : MerchantsContract(fixture)
{
    private static long _transaction;

    private protected static TransactionId NextTransaction() => new((UInt128)Interlocked.Increment(ref _transaction) << 64 | 0xABCDEF);

    private protected async Task<(MerchantRegistration Merchant, TerminalId Terminal)> ShopAsync()
    {
        var merchant = await RegisteredAsync(ProgrammeCode.Bread, ProgrammeCode.Groceries);
        return (merchant, await EnrolledAsync(merchant));
    }

    private protected static LedgerUpload UploadOf(MerchantRegistration merchant, DateOnly? date = null, int batchNumber = 0) =>
        new(new Guid(Next(), 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), merchant.Merchant, date ?? Today, batchNumber);

    private protected static LedgerLine Line(TerminalId terminal) =>
        new(NextTransaction().ToString(), terminal.Value, ProgrammeCode.Bread.Value, 10, 200, Today, "000123");

    private protected Task<UploadOutcome> SendAsync(LedgerUpload upload, params LedgerLine[] lines) =>
        Ledgers.UploadAsync(upload, Chunks([lines]), CancellationToken.None);

    private protected Task<UploadOutcome> SendCsvAsync(LedgerUpload upload, string csv) => SendCsvAsync(upload, Encoding.UTF8.GetBytes(csv));

    private protected Task<UploadOutcome> SendCsvAsync(LedgerUpload upload, byte[] csv) => Ledgers.UploadCsvAsync(upload, csv, CancellationToken.None);

    private protected static async IAsyncEnumerable<IReadOnlyList<LedgerLine>> Chunks(IEnumerable<IReadOnlyList<LedgerLine>> chunks)
    {
        foreach (var chunk in chunks)
        {
            await Task.Yield();
            yield return chunk;
        }
    }

    private protected static UploadOutcome.Received Received(UploadOutcome outcome) => Assert.IsType<UploadOutcome.Received>(outcome);

    private protected static void IsRejected(UploadOutcome outcome, string field, string reason)
    {
        var rejected = Assert.IsType<UploadOutcome.Rejected>(outcome);
        Assert.Equal((field, reason), (rejected.Field, rejected.Reason));
        Assert.NotEmpty(rejected.NextStep);
    }

    private protected async Task<List<ClaimedLine>> ClaimsOfAsync(TerminalId terminal, DateOnly? date = null)
    {
        var lines = new List<ClaimedLine>();
        await foreach (var line in Ledgers.LinesOfAsync(date ?? Today, CancellationToken.None))
        {
            if (line.Terminal == terminal)
                lines.Add(line);
        }
        return lines;
    }
}
