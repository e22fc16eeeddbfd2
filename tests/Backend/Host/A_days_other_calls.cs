using System.Text;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Cards.Contracts;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Parameters, denylist, batches, reconciliation, cards: that the door passes on what the modules say, both ways.
public sealed class A_days_other_calls : WithAHost
{
    [Fact]
    public async Task Parameters_have_a_version_that_follows_their_content()
    {
        var client = new Wire.Terminals.TerminalsClient(Host.ConnectAs(HostUnderTest.Bakery));
        var first = await client.GetParametersAsync(new Wire.GetParametersRequest());
        var tomorrow = await AfterAsync(TimeSpan.FromDays(1), client);

        Assert.Equal(("EG", "Africa/Cairo", 818u, 2u), (first.Profile, first.TimeZone, first.Currency, first.CurrencyDigits));
        Assert.Equal([1u], first.Programmes.Select(programme => programme.Code));
        Assert.All(first.Prices, price => Assert.Equal(1u, price.Programme));
        Assert.Equal(first.Version, tomorrow.Version);
        Assert.Equal("مخبز الأمل", first.MerchantName.Ar);

        var unchanged = await client.GetParametersAsync(new Wire.GetParametersRequest { KnownVersion = first.Version });
        Assert.Equal(new Wire.GetParametersResponse { Unchanged = true, Version = first.Version }, unchanged);
    }

    [Fact]
    public async Task Parameters_of_another_terminal_have_another_version()
    {
        var first = await new Wire.Terminals.TerminalsClient(Host.ConnectAs(HostUnderTest.Bakery)).GetParametersAsync(new Wire.GetParametersRequest());
        var other = await new Wire.Terminals.TerminalsClient(Host.ConnectAs(HostUnderTest.OtherBakery)).GetParametersAsync(new Wire.GetParametersRequest());

        Assert.NotEqual(first.Version, other.Version);
    }

    [Fact]
    public async Task The_denylist_comes_in_pages_by_version()
    {
        var client = new Wire.Terminals.TerminalsClient(Host.ConnectAs(HostUnderTest.Bakery));

        var page = await client.GetDenylistAsync(new Wire.GetDenylistRequest());
        Assert.Equal(FakeCards.Known.FullDigits, Assert.Single(page.Entries).CardNumber);
        Assert.Empty((await client.GetDenylistAsync(new Wire.GetDenylistRequest { AfterVersion = page.Version })).Entries);
        await HostUnderTest.RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => client.GetDenylistAsync(new Wire.GetDenylistRequest { AfterVersion = -1 }).ResponseAsync);
    }

    [Fact]
    public async Task A_batch_close_is_compared_with_the_hosts_own_totals()
    {
        var client = new Wire.Batches.BatchesClient(Host.ConnectAs(HostUnderTest.Bakery));

        var closed = await client.CloseAsync(Messages.Close());
        Assert.True(closed.Balanced);
        Assert.Equal(40, Assert.Single(closed.HostTotals).Quantity);

        var other = Messages.Close();
        other.BatchNumber = 2;
        await HostUnderTest.RefusedAsync(StatusCode.FailedPrecondition, Wire.RefusalReason.AlreadyDone, () => client.CloseAsync(other).ResponseAsync);
    }

    [Fact]
    public async Task A_csv_ledger_is_answered_row_by_row()
    {
        var response = await new Wire.Batches.BatchesClient(Host.ConnectAs(HostUnderTest.Bakery)).UploadLedgerCsvAsync(Messages.Csv(1));

        Assert.Equal((1, 1), (response.Accepted, response.Refused));
        Assert.Equal(new Wire.LineRefusal { Row = 3, Column = "quantity", Reason = "quantity_not_positive", NextStep = "Write 1 or more." }, Assert.Single(response.Refusals));
    }

    [Fact]
    public async Task A_run_names_who_ran_it_and_its_report_comes_as_bytes()
    {
        var client = new Wire.Reconciliation.ReconciliationClient(Host.ConnectAsStaff(StaffRoles.Reconciliation));

        var run = await client.RunAsync(new Wire.RunReconciliationRequest { BusinessDate = Messages.Today });
        Assert.Equal(164, run.Totals.RecordedSubsidyMinor);
        Assert.Equal(["Run by clerk"], Host.Recorded.Calls);
        var report = await client.GetReportAsync(new Wire.GetReportRequest { RunId = run.RunId, Format = Wire.ReportFormat.Json, Language = "ar" });
        Assert.Equal("{}", Encoding.UTF8.GetString(report.Content.Span));
        await HostUnderTest.RefusedAsync(StatusCode.NotFound, Wire.RefusalReason.NotFound, () => client.ListBreaksAsync(new Wire.ListBreaksRequest { RunId = 99 }).ResponseAsync);
    }

    [Fact]
    public async Task A_cards_keys_open_for_the_bureau_that_asked_and_for_that_card_alone()
    {
        using var bureau = EcKeyPair.Generate();
        var response = await Cards().BeginPersonalisationAsync(new Wire.BeginPersonalisationRequest
        {
            CardNumber = FakeCards.Known.FullDigits,
            TransportPublicKey = ByteString.CopyFrom(bureau.PublicPoint),
        });

        Assert.True(BureauKeyTransport.TryUnwrap(response.WrappedKeys.Span, response.TransportPublicKey.Span, FakeCards.Known, bureau, out var keys));
        Assert.Equal(0x30, keys.KeyVersion);
        Assert.Equal([1, 2, 3, 4, 5], new[] { keys.Enc, keys.Mac, keys.Dek, keys.ApplicationCryptogram, keys.ScriptMac }.Select(key => key.Span[15]));
    }

    [Fact]
    public async Task A_bureaus_key_that_is_no_point_of_the_curve_is_refused()
    {
        var point = new byte[65];
        point[0] = 4;
        point[64] = 1;

        await HostUnderTest.RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => Cards().BeginPersonalisationAsync(
            new Wire.BeginPersonalisationRequest { CardNumber = FakeCards.Known.FullDigits, TransportPublicKey = ByteString.CopyFrom(point) }).ResponseAsync);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Theory]
    [InlineData(CardRefusal.UnknownCard, StatusCode.NotFound, Wire.RefusalReason.NotFound)]
    [InlineData(CardRefusal.UnknownHousehold, StatusCode.NotFound, Wire.RefusalReason.NotFound)]
    [InlineData(CardRefusal.HouseholdHasCard, StatusCode.FailedPrecondition, Wire.RefusalReason.AlreadyDone)]
    [InlineData(CardRefusal.WrongState, StatusCode.FailedPrecondition, Wire.RefusalReason.WrongState)]
    [InlineData(CardRefusal.KeysDiffer, StatusCode.FailedPrecondition, Wire.RefusalReason.AlreadyDone)]
    [InlineData(CardRefusal.MalformedKey, StatusCode.InvalidArgument, Wire.RefusalReason.Malformed)]
    [InlineData(CardRefusal.UnknownReason, StatusCode.InvalidArgument, Wire.RefusalReason.Malformed)]
    public async Task A_step_that_issuance_refuses_is_told_with_its_reason(CardRefusal refusal, StatusCode status, Wire.RefusalReason reason)
    {
        Host.Cards.Refuse = refusal;

        await HostUnderTest.RefusedAsync(status, reason, () => Cards().BlockAsync(new Wire.CardStepRequest { CardNumber = FakeCards.Known.FullDigits, Reason = "lost" }).ResponseAsync);
    }

    [Fact]
    public async Task A_cards_status_tells_its_history()
    {
        var status = await Cards().ActivateAsync(new Wire.CardStepRequest { CardNumber = FakeCards.Known.FullDigits });

        Assert.Equal(Wire.CardState.Active, status.State);
        Assert.Equal("clerk", Assert.Single(status.Events).Actor);
        Assert.Equal(["ActivateAsync by clerk"], Host.Recorded.Calls);
    }

    private Wire.Cards.CardsClient Cards() => new(Host.ConnectAsStaff(StaffRoles.Issuance));

    private async Task<Wire.GetParametersResponse> AfterAsync(TimeSpan time, Wire.Terminals.TerminalsClient client)
    {
        Host.Clock.Leap(time);
        return await client.GetParametersAsync(new Wire.GetParametersRequest());
    }
}
