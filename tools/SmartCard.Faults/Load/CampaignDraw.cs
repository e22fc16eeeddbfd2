using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Faults.World;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using BasketLine = SmartCard.Protocol.Transactions.BasketLine;
using SignedRecord = SmartCard.Protocol.Transactions.SignedRecord;

namespace SmartCard.Faults.Load;

/// <summary>One draw of the campaign: its record is made once, and asked for until there is an answer.</summary>
internal sealed class CampaignDraw(LoadTerminal terminal, SignedRecord record, IReadOnlyList<BasketLine> lines)
{
    private readonly Lock _turn = new();

    private readonly AuthoriseRequest _request = new()
    {
        SignedRecord = new Protocol.Grpc.V1.SignedRecord
        {
            Record = ByteString.CopyFrom(record.Encoded.Span),
            Cryptogram = ByteString.CopyFrom(record.Cryptogram.Span),
            Signature = ByteString.CopyFrom(record.Signature.Span),
        },
        Lines =
        {
            lines.Select(line => new Protocol.Grpc.V1.BasketLine
            {
                Programme = line.Programme.Value, Commodity = line.Commodity.Value, Quantity = line.Quantity, UnitPriceMinor = line.UnitPriceMinor,
            }),
        },
    };

    public CardNumber Card => record.Record.Card;

    public Atc Atc => record.Record.Atc;

    public byte[] ContentHash { get; } = SHA256.HashData(record.Encoded.Span);

    /// <summary>The first outcome that was acknowledged; null while there is none.</summary>
    public byte[]? Outcome { get; private set; }

    /// <summary>A later answer said something else: the promise "for ever" is broken.</summary>
    public bool IsContradicted { get; private set; }

    /// <summary>Calls without an answer so far.</summary>
    public int Failures { get; private set; }

    /// <summary>Asks once. False where there was no answer: whether anything was recorded is then unknown.</summary>
    public async Task<bool> AskAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        try
        {
            var response = await terminal.Client.AuthoriseAsync(_request, deadline: TimeProvider.System.GetUtcNow().Add(deadline).UtcDateTime, cancellationToken: cancellation);
            var outcome = response.Outcome.ToByteArray();
            lock (_turn)
            {
                Outcome ??= outcome;
                IsContradicted |= !Outcome.AsSpan().SequenceEqual(outcome);
            }
            return true;
        }
        catch (RpcException)
        {
            Failures++;
            return false;
        }
    }
}
