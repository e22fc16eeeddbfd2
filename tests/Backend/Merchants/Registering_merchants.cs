using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Tests.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>Cases: the way through and again with changes; each refusal; suspension; what a call is told of a terminal.</summary>
public abstract class Registering_merchants(TestDatabase fixture) : MerchantsContract(fixture)
{
    [Fact]
    public async Task Makes_them_known_with_their_outlets()
    {
        var merchant = Bakery(ProgrammeCode.Groceries, ProgrammeCode.Bread);

        Assert.IsType<MerchantOutcome.Done>(await Merchants.RegisterAsync(merchant, CancellationToken.None));

        var profile = await Merchants.FindMerchantAsync(merchant.Merchant, CancellationToken.None);
        Assert.NotNull(profile);
        Assert.Equal((merchant.Kind, merchant.Name, false), (profile.Kind, profile.Name, profile.Suspended));
        Assert.Equal([ProgrammeCode.Bread, ProgrammeCode.Groceries], profile.Programmes);
        Assert.Equal(merchant.Outlets, profile.Outlets);
        Assert.Null(await Merchants.FindMerchantAsync(new MerchantId(999_999), CancellationToken.None));
    }

    [Fact]
    public async Task Again_changes_what_is_named_and_keeps_the_outlets_that_are_not()
    {
        var merchant = await RegisteredAsync(ProgrammeCode.Bread, ProgrammeCode.Groceries);
        var second = new OutletRegistration(new OutletId((Next() * 10) + 1), new Label("فرع", "Succursale", "Branch"), 2);

        await Merchants.RegisterAsync(
            merchant with { Kind = MerchantKind.Grocer, Programmes = [ProgrammeCode.Groceries, ProgrammeCode.BreadPoints], Outlets = [second] },
            CancellationToken.None);

        var profile = await Merchants.FindMerchantAsync(merchant.Merchant, CancellationToken.None);
        Assert.Equal(MerchantKind.Grocer, profile!.Kind);
        Assert.Equal([ProgrammeCode.Groceries, ProgrammeCode.BreadPoints], profile.Programmes);
        Assert.Equal([merchant.Outlets[0].Outlet, second.Outlet], profile.Outlets.Select(outlet => outlet.Outlet).Order(Comparer<OutletId>.Create((x, y) => x.Value.CompareTo(y.Value))));
    }

    [Fact]
    public async Task Refuses_what_cannot_be_registered_and_keeps_nothing_of_it()
    {
        var good = Bakery();
        var noName = new Label("", "x", "x");
        (MerchantRegistration Registration, string Field, string Reason)[] cases =
        [
            (good with { Merchant = new MerchantId(0) }, "merchant", "id_not_positive"),
            (good with { Kind = (MerchantKind)9 }, "kind", "kind_unknown"),
            (good with { Name = noName }, "name", "name_missing"),
            (good with { Name = new Label("x", "x", new string('x', 101)) }, "name", "name_missing"),
            (good with { Programmes = [] }, "programmes", "programmes_missing"),
            (good with { Programmes = [new ProgrammeCode(0)] }, "programmes", "programmes_missing"),
            (good with { Outlets = [] }, "outlets", "outlets_missing"),
            (good with { Outlets = [good.Outlets[0], good.Outlets[0]] }, "outlets", "outlet_twice"),
            (good with { Outlets = [good.Outlets[0] with { Outlet = new OutletId(-1) }] }, "outlets[0].outlet", "id_not_positive"),
            (good with { Outlets = [good.Outlets[0] with { Governorate = 0 }] }, "outlets[0].governorate", "governorate_missing"),
            (good with { Outlets = [good.Outlets[0] with { Name = noName }] }, "outlets[0].name", "name_missing"),
        ];
        foreach (var (registration, field, reason) in cases)
        {
            var refused = Assert.IsType<MerchantOutcome.Refused>(await Merchants.RegisterAsync(registration, CancellationToken.None));
            Assert.Equal((field, reason), (refused.Field, refused.Reason));
            Assert.NotEmpty(refused.NextStep);
        }
        Assert.Null(await Merchants.FindMerchantAsync(good.Merchant, CancellationToken.None));
    }

    [Fact]
    public async Task Never_takes_an_outlet_from_another()
    {
        var theirs = await RegisteredAsync();
        var mine = Bakery();

        var refused = Assert.IsType<MerchantOutcome.Refused>(await Merchants.RegisterAsync(mine with { Outlets = [mine.Outlets[0], theirs.Outlets[0]] }, CancellationToken.None));

        Assert.Equal(("outlets[1].outlet", "outlet_of_another_merchant"), (refused.Field, refused.Reason));
        Assert.Null(await Merchants.FindMerchantAsync(mine.Merchant, CancellationToken.None));
    }

    [Fact]
    public async Task Lets_a_merchant_be_suspended_and_reinstated()
    {
        var merchant = await RegisteredAsync();
        var terminal = await EnrolledAsync(merchant);

        Assert.Equal("reason_missing", Assert.IsType<MerchantOutcome.Refused>(await Merchants.SuspendAsync(merchant.Merchant, " ", CancellationToken.None)).Reason);
        Assert.IsType<MerchantOutcome.Done>(await Merchants.SuspendAsync(merchant.Merchant, "licence withdrawn", CancellationToken.None));
        Assert.True((await StandingAsync(terminal)).MerchantSuspended);

        Assert.IsType<MerchantOutcome.Done>(await Merchants.ReinstateAsync(merchant.Merchant, CancellationToken.None));
        Assert.False((await StandingAsync(terminal)).MerchantSuspended);
        Assert.Equal("merchant_unknown", Assert.IsType<MerchantOutcome.Refused>(await Merchants.ReinstateAsync(new MerchantId(999_999), CancellationToken.None)).Reason);
    }

    [Fact]
    public async Task Tells_a_call_all_it_needs_of_its_terminals_at_once()
    {
        var bakery = await RegisteredAsync(ProgrammeCode.Bread);
        var grocer = await RegisteredAsync(ProgrammeCode.Groceries, ProgrammeCode.BreadPoints);
        var (first, second) = (await EnrolledAsync(bakery), await EnrolledAsync(grocer));

        var found = await Merchants.FindTerminalsAsync([first, second, NextTerminal()], CancellationToken.None);

        Assert.Equal(2, found.Count);
        Assert.Equivalent(
            new TerminalStanding(first, bakery.Merchant, bakery.Outlets[0].Outlet, TerminalState.Enrolled, false, "5E" + first.Value, [ProgrammeCode.Bread]), found[first]);
        Assert.Equal([ProgrammeCode.Groceries, ProgrammeCode.BreadPoints], found[second].Programmes);
        Assert.Empty(await Merchants.FindTerminalsAsync([], CancellationToken.None));
    }

    [Fact]
    public async Task Tells_the_names_of_many_at_once()
    {
        var (one, other) = (await RegisteredAsync(), await RegisteredAsync());

        var names = await Merchants.FindNamesAsync([one.Merchant, other.Merchant, new MerchantId(999_999)], CancellationToken.None);

        Assert.Equal(2, names.Count);
        Assert.Equal(one.Name, names[one.Merchant]);
        var country = Enumerable.Range(1_000_000, 40_000).Select(id => new MerchantId(id)).Append(other.Merchant).ToList();
        Assert.Equal(other.Merchant, Assert.Single(await Merchants.FindNamesAsync(country, CancellationToken.None)).Key);
    }
}

public sealed class Registering_merchants_on_sqlite(SqliteTestDatabase database) : Registering_merchants(database), IClassFixture<SqliteTestDatabase>;

public sealed class Registering_merchants_on_postgres(PostgresTestDatabase database) : Registering_merchants(database), IClassFixture<PostgresTestDatabase>;
