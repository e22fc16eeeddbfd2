using System.Globalization;
using System.Text;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Demo.Report;
using SmartCard.Demo.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Backend;
using SmartCard.TerminalAgent.Batches;
using SmartCard.TerminalAgent.Parameters;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Demo.Day;

/// <summary>Closing time: every terminal's Z, every merchant's ledger; one merchant's books are honest CSV, another's are not honest.</summary>
internal sealed class Evening(DemoWorld world, BusinessDay day)
{
    private readonly List<string> _notes = [];

    /// <summary>What happened at closing time, in sentences.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Closes and uploads for all shops but those that have no line.</summary>
    public Task CloseAsync(IReadOnlyList<Shop> shops, Shop cheat, Shop bookkeeper, Stages stages, CancellationToken cancellation) =>
        stages.RunAsync("Closing batches, uploading ledgers", shops.Count, async done =>
        {
            foreach (var shop in shops)
            {
                if (await CloseAsync(shop, cancellation) is { } batch)
                {
                    if (shop == cheat)
                        await UploadInventedBooksAsync(shop, batch, cancellation);
                    else if (shop == bookkeeper)
                        await UploadCsvAsync(shop, batch, cancellation);
                    else
                        await UploadAsync(shop, cancellation);
                }
                done();
            }
        });

    /// <summary>Closes a terminal that was away until now, and uploads its ledger; gives the number of its lines, which are all late.</summary>
    public async Task<int> CloseLateAsync(Shop shop, CancellationToken cancellation)
    {
        if (await CloseAsync(shop, cancellation) is not { } batch)
            return 0;
        await UploadAsync(shop, cancellation);
        return shop.Terminal.ReadLedger(batch).Count;
    }

    private async Task<int?> CloseAsync(Shop shop, CancellationToken cancellation)
    {
        switch (await shop.Terminal.CloseBatchAsync(cancellationToken: cancellation))
        {
            case CloseOutcome.Closed closed:
                if (!closed.IsBalanced)
                    _notes.Add($"Terminal {shop.Merchant.Terminal}: batch {closed.Report.Number} is not balanced with the host.");
                return closed.Report.Number;
            case CloseOutcome.NothingToClose:
                return null;
            case var other:
                throw new InvalidOperationException($"Terminal {shop.Merchant.Terminal} could not close its batch: {other}.");
        }
    }

    private static async Task UploadAsync(Shop shop, CancellationToken cancellation)
    {
        var report = await shop.Terminal.UploadLedgerAsync(cancellation);
        if (!report.IsComplete || report.Refused > 0)
            throw new InvalidOperationException($"The ledger of terminal {shop.Merchant.Terminal} was not taken: {report}.");
    }

    /// <summary>Some lines too many, some too large, one twice and one forgotten.</summary>
    private async Task UploadInventedBooksAsync(Shop shop, int batch, CancellationToken cancellation)
    {
        var books = shop.Terminal.ReadLedger(batch).Select(line => line.Clone()).ToList();
        if (books.Count < 8)
            throw new InvalidOperationException("The cheating merchant has too few draws to cheat with: ask for more households.");
        foreach (var line in books.Take(3))
            line.Quantity += 20;
        books.Add(books[4].Clone());
        books.Add(books[5].Clone());
        books.RemoveAt(6);
        for (var number = 0; number < 4; number++)
        {
            var invented = books[7].Clone();
            invented.TransactionId = new TransactionId(new UInt128(0xC0FFEE, (ulong)number)).ToString();
            invented.ReceiptNumber = $"X{number}";
            books.Add(invented);
        }

        var header = new LedgerHeader
        {
            UploadId = Convert.ToHexStringLower(DeterministicId.Of("books", shop.Merchant.Merchant.Merchant.Value).ToByteArray()),
            MerchantId = shop.Merchant.Merchant.Merchant.Value,
            BusinessDate = new Wire.BusinessDate { Yyyymmdd = (uint)LocalMoment.Number(day.Date) },
        };
        if (await shop.Terminal.UploadLedgerAsync(header, books, cancellation) is not BackendAnswer<UploadLedgerResponse>.Answered { Value.Refused: 0 })
            throw new InvalidOperationException("The invented books were refused: they are well formed, only untrue.");
        _notes.Add($"{shop.Merchant.Merchant.Name.En} claims {books.Count:N0} lines from books of its own.");
    }

    /// <summary>The merchant's own books as a file; two rows of it cannot be read, and the others stay.</summary>
    private async Task UploadCsvAsync(Shop shop, int batch, CancellationToken cancellation)
    {
        var csv = new StringBuilder("transaction_id,terminal_id,programme,quantity,citizen_paid_minor,business_date,receipt_number,kind\n");
        foreach (var line in shop.Terminal.ReadLedger(batch))
            csv.AppendLine(CultureInfo.InvariantCulture, $"{line.TransactionId},{line.TerminalId},{line.Programme},{line.Quantity},{line.CitizenPaidMinor},{day.Date:yyyy-MM-dd},{line.ReceiptNumber},{(line.Refund ? "refund" : "draw")}");
        csv.AppendLine("not-an-id,EG000001,1,5,100,2026-01-01,7,draw").AppendLine("too,few,columns");

        var merchant = shop.Merchant.Merchant.Merchant;
        var outcome = await world.Ledgers.UploadCsvAsync(
            new LedgerUpload(DeterministicId.Of("csv", merchant.Value), merchant, day.Date, 0), Encoding.UTF8.GetBytes(csv.ToString()), cancellation);
        if (outcome is not UploadOutcome.Received received)
            throw new InvalidOperationException($"A merchant's CSV file was rejected: {outcome}.");
        _notes.Add($"{shop.Merchant.Merchant.Name.En} sent its books as CSV: {received.Accepted:N0} rows taken, {received.Refused} told back"
            + $" ({string.Join("; ", received.Refusals.Select(refusal => $"row {refusal.Row}: {refusal.Reason}"))}).");
    }
}
