using Google.Protobuf;
using Grpc.Core;
using SmartCard.Protocol.Grpc.V1;
using SmartCard.Protocol.Transactions;
using SmartCard.TerminalAgent.Parameters;
using CardSigned = SmartCard.Protocol.Transactions.SignedRecord;

namespace SmartCard.TerminalAgent.Tests.Support;

public sealed partial class FakeBackend
{
    public sealed class TerminalsService(FakeBackend backend) : Terminals.TerminalsBase
    {
        private (ByteString Tls, ByteString Card, EnrolResponse Answer)? _last;

        public override Task<EnrolResponse> Enrol(EnrolRequest request, ServerCallContext context)
        {
            if (request.ActivationCode != ActivationCode || request.TerminalId != TerminalId)
                throw Refuse(RefusalReason.ActivationCodeWrong, StatusCode.PermissionDenied);
            return Certify(request.TlsRequest, request.CardRequest);
        }

        public override Task<EnrolResponse> Renew(RenewRequest request, ServerCallContext context) => Certify(request.TlsRequest, request.CardRequest);

        public override Task<GetParametersResponse> GetParameters(GetParametersRequest request, ServerCallContext context) => Task.FromResult(
            request.KnownVersion == backend.Parameters.Version
                ? new GetParametersResponse { Unchanged = true, Version = backend.Parameters.Version }
                : backend.Parameters);

        public override Task<GetDenylistResponse> GetDenylist(GetDenylistRequest request, ServerCallContext context)
        {
            const int page = 2;
            var rest = backend.Denylist.Where(entry => entry.Version > request.AfterVersion).OrderBy(entry => entry.Version).ToList();
            var response = new GetDenylistResponse { Version = rest.Take(page).LastOrDefault()?.Version ?? request.AfterVersion, More = rest.Count > page };
            response.Entries.AddRange(rest.Take(page));
            return Task.FromResult(response);
        }

        /// <summary>The same requests are answered as the first time.</summary>
        private Task<EnrolResponse> Certify(ByteString tls, ByteString card)
        {
            if (_last is not { } last || last.Tls != tls || last.Card != card)
                _last = (tls, card, backend.Certify(tls, card));
            return Task.FromResult(_last.Value.Answer);
        }
    }

    public sealed class DisbursementsService(FakeBackend backend) : Disbursements.DisbursementsBase
    {
        public override Task<InquireResponse> Inquire(InquireRequest request, ServerCallContext context) => Task.FromResult(new InquireResponse
        {
            Standing = CardStanding.Active,
            HolderDisplay = "أمينة ع. م.",
            Members = 4,
            Balances = { BreadBalance(), GroceriesBalance() },
        });

        public override Task<AuthoriseResponse> Authorise(AuthoriseRequest request, ServerCallContext context)
        {
            var record = Read(request.SignedRecord);
            var response = new AuthoriseResponse { Outcome = Decide(record) };
            response.IssuerScripts.AddRange(backend.Scripts.Select(ByteString.CopyFrom));
            if (backend.Arpc is { } arpc)
                (response.Arpc, response.Arc) = (ByteString.CopyFrom(arpc(record)), ByteString.CopyFromUtf8("00"));
            return Task.FromResult(response);
        }

        public override Task<ReverseResponse> Reverse(ReverseRequest request, ServerCallContext context)
        {
            var record = Read(request.SignedRecord);
            backend.ReversalAdvices.Add(record.Encoded.ToArray());
            var key = KeyOf(record);
            var undone = backend.Outcomes.TryGetValue(key, out var outcome) && outcome.Approved is not null;
            backend.Reversed.Add(key);
            var result = undone ? ReversalResult.Undone : ReversalResult.NothingToUndo;
            return Task.FromResult(new ReverseResponse
            {
                Result = result,
                TransactionId = record.Record.TransactionId.ToString(),
                Acknowledgement = backend.Acknowledge(Acknowledgement.Reversed(record, (ushort)result)),
            });
        }

        /// <summary>As the backend decides it: pieces by article, the citizen's money for bread alone.</summary>
        public override Task<RefundResponse> Refund(RefundRequest request, ServerCallContext context)
        {
            lock (backend._turn)
            {
                backend.RefundCalls.Add(request.Clone());
                var record = Read(request.SignedRecord);
                var answer = backend.RefundAnswer?.Clone() ?? Decide(request, record);
                answer.TransactionId = record.Record.TransactionId.ToString();
                return Task.FromResult(answer);
            }
        }

        public override async Task Present(
            IAsyncStreamReader<PresentRequest> requestStream, IServerStreamWriter<PresentResponse> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var record = Read(requestStream.Current.SignedRecord);
                backend.Presented.Add(record.Encoded.ToArray());
                var outcome = Decide(record);
                await responseStream.WriteAsync(new PresentResponse
                {
                    Outcome = outcome,
                    Acknowledgement = backend.Acknowledge(
                        Acknowledgement.Presented(record, (ushort)(outcome.Declined?.Reason ?? DeclineReason.Unspecified))),
                });
            }
        }

        private RefundResponse Decide(RefundRequest request, CardSigned record)
        {
            if (backend.Refunds.TryGetValue(request.RefundId, out var before))
                return before.Request.Equals(request) ? before.Answer.Clone() : new RefundResponse { Result = RefundResult.IdUsed };
            if (!backend.Outcomes.TryGetValue(KeyOf(record), out var outcome) || outcome.Approved is null)
                return new RefundResponse { Result = RefundResult.NotApproved };
            if (backend.Reversed.Contains(KeyOf(record)))
                return new RefundResponse { Result = RefundResult.Reversed };
            var pieces = backend.Refunds.Values.Select(refund => refund.Request).Append(request)
                .Where(refund => refund.SignedRecord.Equals(request.SignedRecord)).SelectMany(refund => refund.Lines)
                .Where(line => line.Programme == ProgrammeCode.Bread.Value).Sum(line => line.Quantity);
            if (pieces > record.Record.Draws.Where(draw => draw.Programme == ProgrammeCode.Bread).Sum(draw => draw.Quantity))
                return new RefundResponse { Result = RefundResult.BeyondDraw };
            var answer = new RefundResponse
            {
                Result = RefundResult.Recorded,
                RefundEntry = backend.Refunds.Count + 1,
                BusinessDate = new BusinessDate { Yyyymmdd = backend.RefundDate ?? (uint)LocalMoment.Number(new BusinessClock(backend._time, backend.Parameters.TimeZone).Now.Date) },
                CitizenGetsMinor = request.Lines.Where(line => line.Programme == ProgrammeCode.Bread.Value).Sum(line => line.Quantity * line.UnitPriceMinor),
            };
            backend.Refunds.Add(request.RefundId, (request.Clone(), answer));
            return answer.Clone();
        }

        private Outcome Decide(CardSigned record)
        {
            lock (backend._turn)
            {
                if (backend.Outcomes.TryGetValue(KeyOf(record), out var known))
                    return known;
                var outcome = new Outcome { TransactionId = record.Record.TransactionId.ToString() };
                if (backend.Reversed.Contains(KeyOf(record)))
                    outcome.Declined = new Declined { Reason = DeclineReason.AlreadyReversed };
                else if (record.Record.Kind == CryptogramKind.Declined)
                    outcome.Declined = new Declined { Reason = DeclineReason.CardDeclined };
                else if (backend.Decline is { } declined)
                    outcome.Declined = declined;
                else
                    outcome.Approved = Approve(record.Record);
                backend.Outcomes[KeyOf(record)] = outcome;
                return outcome;
            }
        }

        private Approved Approve(TransactionRecord record)
        {
            var loaves = record.Draws.Where(draw => draw.Programme == ProgrammeCode.Bread).Sum(draw => draw.Quantity);
            backend.LoavesLeft -= (int)loaves;
            var approved = new Approved { DisbursementId = backend.Outcomes.Count + 1, CitizenPaysMinor = record.AmountMinor, SubsidyMinor = loaves * 164 };
            if (loaves > 0)
                approved.Balances.Add(BreadBalance());
            return approved;
        }

        private QuotaBalance BreadBalance() => new()
        {
            Quota = 1,
            Programme = 1,
            Unit = Wire.QuantityUnit.Loaf,
            Period = 2026_11_00,
            Limit = 150,
            Consumed = 150 - backend.LoavesLeft,
            Lent = backend.LoavesLent,
            AvailableNow = backend.LoavesLeft - backend.LoavesLent,
            FromAllowanceNow = backend.LoavesFromAllowance ?? backend.LoavesLent,
        };

        private static QuotaBalance GroceriesBalance() => new()
        {
            Quota = 2,
            Programme = 2,
            Unit = Wire.QuantityUnit.MinorCurrency,
            Period = 2026_11_00,
            Limit = 20_000,
            Consumed = 3_000,
        };

        private static (ulong, ushort) KeyOf(CardSigned record) => (record.Record.Card.Value, record.Record.Atc.Value);

        private static CardSigned Read(Wire.SignedRecord wire)
        {
            Assert.True(CardSigned.TryCreate(wire.Record.Memory, wire.Cryptogram.Memory, wire.Signature.Memory, out var record, out var refusal), refusal.ToString());
            return record;
        }
    }

    public sealed class BatchesService(FakeBackend backend) : Wire.Batches.BatchesBase
    {
        public override Task<CloseBatchResponse> Close(CloseBatchRequest request, ServerCallContext context)
        {
            backend.Closed.Add(request);
            return Task.FromResult(new CloseBatchResponse { Balanced = true, BatchId = backend.Closed.Count, HostTotals = { request.Totals } });
        }

        public override async Task<UploadLedgerResponse> UploadLedger(IAsyncStreamReader<UploadLedgerRequest> requestStream, ServerCallContext context)
        {
            var (header, lines, largest) = (new LedgerHeader(), new List<LedgerLine>(), 0);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                header = requestStream.Current.Header ?? header;
                if (requestStream.Current.Chunk is not { } chunk)
                    continue;
                lines.AddRange(chunk.Lines);
                largest = Math.Max(largest, chunk.Lines.Count);
            }

            backend.Uploads.Add((header, lines, largest));
            return new UploadLedgerResponse { Accepted = lines.Count };
        }
    }
}
