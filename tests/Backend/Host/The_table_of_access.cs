using Google.Protobuf.Reflection;
using SmartCard.Backend.Calls;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Backend.Tests.Host;

public sealed class The_table_of_access
{
    private static readonly FileDescriptor[] Contracts =
    [
        Wire.BatchesReflection.Descriptor, Wire.CardsReflection.Descriptor, Wire.DisbursementsReflection.Descriptor,
        Wire.ReconciliationReflection.Descriptor, Wire.TerminalsReflection.Descriptor, Protocol.Grpc.Health.V1.HealthReflection.Descriptor,
    ];

    [Fact]
    public void Names_every_method_of_the_contract_and_no_other()
    {
        var methods = Contracts.SelectMany(file => file.Services).SelectMany(service => service.Methods).Select(method => $"/{method.Service.FullName}/{method.Name}");

        Assert.Equal(methods.Order(), CallAccess.Table.Keys.Order());
    }

    [Fact]
    public void Opens_to_all_only_what_has_to_be()
    {
        var open = CallAccess.Table.Where(entry => entry.Value == Audience.Anyone).Select(entry => entry.Key);

        Assert.Equal(["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch", "/subsidy.v1.Terminals/Enrol"], open.Order());
    }

    [Fact]
    public void Is_closed_for_a_method_that_it_does_not_name()
    {
        Assert.Equal(Audience.Nobody, CallAccess.Of("/subsidy.v1.Disbursements/Forgive"));
    }

    [Fact]
    public void Has_a_status_for_every_reason_to_refuse()
    {
        foreach (var reason in Enum.GetValues<Wire.RefusalReason>().Except([Wire.RefusalReason.Unspecified]))
            Assert.Equal(reason.ToString().ToUpperInvariant(), Refusals.Of(reason, "", "Next.").Trailers.GetValue("subsidy-reason")!.Replace("_", "", StringComparison.Ordinal));
    }
}
