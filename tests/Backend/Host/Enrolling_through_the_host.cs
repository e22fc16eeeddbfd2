using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using SmartCard.Backend.Merchants.Contracts;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

// Enrolment needs no certificate. The first time; the same again after a lost answer; a wrong code; a spent code with other keys; the module's
// other refusals; requests that are none. Renewal: with the certificate in force; again with the one before, same keys; with the one before, other keys.
public sealed class Enrolling_through_the_host : WithAHost
{
    [Fact]
    public async Task Trades_a_code_for_a_certificate_that_works_at_once()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var response = await Anonymous().EnrolAsync(Enrolment(Request(key)));

        Assert.Equal(2, response.TlsChain.Count);
        var connection = Host.Connect(WithKey(response, key));
        Assert.Equal("BAKERY01", (await new Wire.Terminals.TerminalsClient(connection).GetParametersAsync(new Wire.GetParametersRequest())).TerminalId);
    }

    [Fact]
    public async Task Gives_the_first_answer_again_to_the_same_code_with_the_same_keys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Enrolment(Request(key));
        var first = await Anonymous().EnrolAsync(request);
        var second = await Anonymous().EnrolAsync(request);

        Assert.Equal(first, second);
        Assert.Equal([nameof(IMerchants.CompleteEnrolmentAsync)], Host.Recorded.Calls);
    }

    [Fact]
    public async Task Refuses_a_spent_code_with_other_keys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Anonymous().EnrolAsync(Enrolment(Request(key)));

        await HostUnderTest.RefusedAsync(StatusCode.FailedPrecondition, Wire.RefusalReason.AlreadyDone, () => Anonymous().EnrolAsync(Enrolment(Request(other))).ResponseAsync);
        Assert.Single(Host.Recorded.Calls);
    }

    [Fact]
    public async Task Tells_a_wrong_code_and_an_unknown_terminal_alike()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var wrongCode = Enrolment(Request(key));
        wrongCode.ActivationCode = "GUESS";
        var unknownTerminal = Enrolment(Request(key));
        unknownTerminal.TerminalId = "NOSUCH01";

        var (first, _) = await HostUnderTest.RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.ActivationCodeWrong, () => Anonymous().EnrolAsync(wrongCode).ResponseAsync);
        var (second, _) = await HostUnderTest.RefusedAsync(StatusCode.PermissionDenied, Wire.RefusalReason.ActivationCodeWrong, () => Anonymous().EnrolAsync(unknownTerminal).ResponseAsync);
        Assert.Equal(first, second);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Theory]
    [InlineData(EnrolmentRefusal.CodeExpired)]
    [InlineData(EnrolmentRefusal.TooManyTries)]
    [InlineData(EnrolmentRefusal.Revoked)]
    public async Task Passes_on_why_a_code_is_no_longer_good(object reason)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Host.Merchants.RefuseEnrolment = (EnrolmentRefusal)reason;

        await HostUnderTest.RefusedAsync(StatusCode.FailedPrecondition, Wire.RefusalReason.WrongState, () => Anonymous().EnrolAsync(Enrolment(Request(key))).ResponseAsync);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Theory]
    [InlineData("terminal_id")]
    [InlineData("activation_code")]
    [InlineData("tls_request")]
    [InlineData("card_request")]
    public async Task Refuses_a_field_that_cannot_be(string field)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Enrolment(Request(key));
        switch (field)
        {
            case "terminal_id": request.TerminalId = "lower001"; break;
            case "activation_code": request.ActivationCode = ""; break;
            case "tls_request": request.TlsRequest = ByteString.CopyFrom(0x30, 0x03, 0x02, 0x01, 0x00); break;
            case "card_request": request.CardRequest = ByteString.CopyFrom(new byte[5000]); break;
        }

        var (refusal, _) = await HostUnderTest.RefusedAsync(StatusCode.InvalidArgument, Wire.RefusalReason.Malformed, () => Anonymous().EnrolAsync(request).ResponseAsync);
        Assert.Equal(field, refusal.Field);
        Assert.Empty(Host.Recorded.Calls);
    }

    [Fact]
    public async Task Renews_and_repeats_a_renewal_whose_answer_was_lost()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var nextKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var old = new Wire.Terminals.TerminalsClient(Host.Connect(WithKey(await Anonymous().EnrolAsync(Enrolment(Request(key))), key)));
        var renewal = new Wire.RenewRequest { TlsRequest = Request(nextKey), CardRequest = Request(nextKey) };

        var lost = await old.RenewAsync(renewal);
        var again = await old.RenewAsync(renewal); // the terminal still has its old certificate alone

        Assert.Equal(lost, again);
        Assert.Equal(2, Host.Recorded.Calls.Count);
        await new Wire.Terminals.TerminalsClient(Host.Connect(WithKey(again, nextKey))).GetDenylistAsync(new Wire.GetDenylistRequest());
        await HostUnderTest.RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked, () => old.GetDenylistAsync(new Wire.GetDenylistRequest()).ResponseAsync);
    }

    [Fact]
    public async Task Does_not_renew_for_other_keys_with_a_certificate_that_was_followed()
    {
        using var stolen = Host.Enrol(HostUnderTest.Bakery);
        var thief = new Wire.Terminals.TerminalsClient(Host.Connect(stolen));
        Host.Enrol(HostUnderTest.Bakery);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        await HostUnderTest.RefusedAsync(StatusCode.Unauthenticated, Wire.RefusalReason.CertificateRevoked,
            () => thief.RenewAsync(new Wire.RenewRequest { TlsRequest = Request(key), CardRequest = Request(key) }).ResponseAsync);
        Assert.Empty(Host.Recorded.Calls);
    }

    private Wire.Terminals.TerminalsClient Anonymous() => new(Host.Connect());

    private static Wire.EnrolRequest Enrolment(ByteString request) =>
        new() { TerminalId = "BAKERY01", ActivationCode = FakeMerchants.Code, TlsRequest = request, CardRequest = request };

    private static ByteString Request(ECDsa key) =>
        ByteString.CopyFrom(new CertificateRequest("CN=BAKERY01", key, HashAlgorithmName.SHA256).CreateSigningRequest());

    private static X509Certificate2 WithKey(Wire.EnrolResponse response, ECDsa key)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(response.TlsCertificate.Span);
        using var both = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(both.Export(X509ContentType.Pkcs12), password: null);
    }
}
