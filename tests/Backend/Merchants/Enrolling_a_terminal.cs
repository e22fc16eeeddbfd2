using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Tests.Platform;

namespace SmartCard.Backend.Tests.Merchants;

/// <summary>
/// Cases: the way through; repetitions (lost answers) of each step; wrong, spent, expired, exhausted and superseded codes; who wins when two keys
/// race for one code; renewal; moving to another outlet; revocation before, during and after.
/// </summary>
public abstract class Enrolling_a_terminal(TestDatabase fixture) : MerchantsContract(fixture)
{
    [Fact]
    public async Task Takes_a_code_and_makes_the_certificate_known()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$", code);
        Assert.Equal(TerminalState.AwaitingEnrolment, (await StandingAsync(terminal)).State);

        var accepted = Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("a")));
        Assert.Equal((merchant.Merchant, merchant.Outlets[0].Outlet), (accepted.Terminal.Merchant, accepted.Terminal.Outlet));
        Assert.IsType<EnrolmentOutcome.Completed>(await CompleteAsync(Certificates(terminal, Keys("a"), "5E01")));

        var standing = await StandingAsync(terminal);
        Assert.Equal((TerminalState.Enrolled, "5E01"), (standing.State, standing.TlsSerialNumber));
        Assert.Equivalent(Certificates(terminal, Keys("a"), "5E01"), await Merchants.FindEnrolmentAsync(terminal, CancellationToken.None));
    }

    [Fact]
    public async Task Answers_the_same_code_with_the_same_keys_as_the_first_time()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("a")));
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("a")));
        await CompleteAsync(Certificates(terminal, Keys("a"), "5E01"));
        Clock.Advance(TimeSpan.FromDays(30));

        var again = Assert.IsType<EnrolmentCheck.AlreadyEnrolled>(await CheckAsync(terminal, code, Keys("a")));

        Assert.Equal("5E01", again.Enrolment.TlsSerialNumber);
        Assert.Equal([3, 4, 5, 6], again.Enrolment.TlsChain.SelectMany(certificate => certificate.ToArray()).Select(value => (int)value));
    }

    [Fact]
    public async Task Takes_the_code_as_people_type_it()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        var typed = " " + code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal).Replace('0', 'o').Replace('1', 'l').Replace('7', '٧') + " ";

        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, typed, Keys("a")));
    }

    [Fact]
    public async Task Refuses_a_spent_code_with_other_keys()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        await CheckAsync(terminal, code, Keys("a"));
        await CompleteAsync(Certificates(terminal, Keys("a"), "5E01"));

        Assert.Equal(EnrolmentRefusal.CodeSpent, RefusalOf(await CheckAsync(terminal, code, Keys("b"))));
    }

    [Fact]
    public async Task Gives_the_code_to_the_keys_that_complete_first()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("a")));
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("b")));

        Assert.IsType<EnrolmentOutcome.Completed>(await CompleteAsync(Certificates(terminal, Keys("b"), "5E0B")));
        var second = Assert.IsType<EnrolmentOutcome.Refused>(await CompleteAsync(Certificates(terminal, Keys("a"), "5E0A")));

        Assert.Equal(EnrolmentRefusal.CodeSpent, second.Reason);
        Assert.Equal("5E0B", (await StandingAsync(terminal)).TlsSerialNumber);
    }

    [Fact]
    public async Task Completed_twice_at_once_is_completed_once()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        await CheckAsync(terminal, await CodeAsync(terminal, merchant), Keys("a"));

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => CompleteAsync(Certificates(terminal, Keys("a"), $"5E{number:D2}"))));

        var inForce = (await StandingAsync(terminal)).TlsSerialNumber;
        Assert.All(outcomes, outcome => Assert.Equal(inForce, Assert.IsType<EnrolmentOutcome.Completed>(outcome).Enrolment.TlsSerialNumber));
    }

    [Fact]
    public async Task Refuses_an_unknown_terminal_and_a_wrong_code()
    {
        var merchant = await RegisteredAsync();
        var (terminal, other) = (NextTerminal(), NextTerminal());
        var code = await CodeAsync(terminal, merchant);
        await CodeAsync(other, merchant);

        Assert.Equal(EnrolmentRefusal.UnknownTerminal, RefusalOf(await CheckAsync(NextTerminal(), code, Keys("a"))));
        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, "", Keys("a"))));
        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, new string('Z', 10_000), Keys("a"))));
        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(other, code, Keys("a"))));
    }

    [Fact]
    public async Task Voids_a_code_after_five_wrong_tries()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        for (var attempt = 0; attempt < 5; attempt++)
            Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, "00000-00000-00000-00000", Keys("a"))));

        Assert.Equal(EnrolmentRefusal.TooManyTries, RefusalOf(await CheckAsync(terminal, code, Keys("a"))));
        Assert.Equal(EnrolmentRefusal.TooManyTries, RefusalOf(await CheckAsync(terminal, "11111-00000-00000-00000", Keys("a"))));

        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, await CodeAsync(terminal, merchant), Keys("a")));
    }

    [Fact]
    public async Task Lets_no_code_certify_keys_without_end()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        for (var attempt = 0; attempt < 10; attempt++)
            Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys($"a{attempt}")));

        Assert.Equal(EnrolmentRefusal.TooManyTries, RefusalOf(await CheckAsync(terminal, code, Keys("a10"))));
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("a3")));
    }

    [Fact]
    public async Task Refuses_a_code_that_is_too_old()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        Clock.Advance(TimeSpan.FromDays(14));

        Assert.Equal(EnrolmentRefusal.CodeExpired, RefusalOf(await CheckAsync(terminal, code, Keys("a"))));
        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, "00000-00000-00000-00000", Keys("a"))));
    }

    [Fact]
    public async Task Refuses_a_code_that_another_followed()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var first = await CodeAsync(terminal, merchant);
        var second = await CodeAsync(terminal, merchant);

        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, first, Keys("a"))));
        Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, second, Keys("a")));
    }

    [Fact]
    public async Task Records_a_renewal_as_the_certificate_in_force()
    {
        var merchant = await RegisteredAsync();
        var terminal = await EnrolledAsync(merchant);

        Assert.IsType<EnrolmentOutcome.Completed>(await CompleteAsync(Certificates(terminal, Keys("renewed"), "5EFF")));
        // Its answer was lost: the same again.
        Assert.IsType<EnrolmentOutcome.Completed>(await CompleteAsync(Certificates(terminal, Keys("renewed"), "5EFE")));

        Assert.Equal("5EFF", (await StandingAsync(terminal)).TlsSerialNumber);
        Assert.Equal(Keys("renewed"), (await Merchants.FindEnrolmentAsync(terminal, CancellationToken.None))!.RequestHash.ToArray());
    }

    [Fact]
    public async Task Records_nothing_for_keys_that_no_code_was_checked_for()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        await CodeAsync(terminal, merchant);

        var refused = Assert.IsType<EnrolmentOutcome.Refused>(await CompleteAsync(Certificates(terminal, Keys("a"), "5E01")));

        Assert.Equal(EnrolmentRefusal.WrongCode, refused.Reason);
        Assert.Equal((TerminalState.AwaitingEnrolment, ""), ((await StandingAsync(terminal)).State, (await StandingAsync(terminal)).TlsSerialNumber));
        Assert.Null(await Merchants.FindEnrolmentAsync(terminal, CancellationToken.None));
    }

    [Fact]
    public async Task Leaves_a_terminal_where_it_is_until_it_enrols_elsewhere()
    {
        var (here, there) = (await RegisteredAsync(), await RegisteredAsync());
        var terminal = await EnrolledAsync(here);
        var code = await CodeAsync(terminal, there);
        Assert.Equal((TerminalState.Enrolled, here.Merchant), ((await StandingAsync(terminal)).State, (await StandingAsync(terminal)).Merchant));

        var accepted = Assert.IsType<EnrolmentCheck.Accepted>(await CheckAsync(terminal, code, Keys("moved")));
        Assert.Equal((there.Merchant, there.Outlets[0].Outlet), (accepted.Terminal.Merchant, accepted.Terminal.Outlet));
        Assert.Equal(here.Merchant, (await StandingAsync(terminal)).Merchant);
        await CompleteAsync(Certificates(terminal, Keys("moved"), "5E02"));

        Assert.Equal((there.Merchant, "5E02"), ((await StandingAsync(terminal)).Merchant, (await StandingAsync(terminal)).TlsSerialNumber));
    }

    [Fact]
    public async Task Needs_an_outlet_that_is_known()
    {
        var refused = Assert.IsType<ActivationOutcome.Refused>(await Merchants.IssueActivationCodeAsync(NextTerminal(), new(999_999), CancellationToken.None));

        Assert.Equal("outlet_unknown", refused.Reason);
    }

    [Fact]
    public async Task Is_over_for_a_revoked_one()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);
        await CheckAsync(terminal, code, Keys("a"));

        Assert.IsType<MerchantOutcome.Done>(await Merchants.RevokeTerminalAsync(terminal, "stolen", CancellationToken.None));
        Assert.IsType<MerchantOutcome.Done>(await Merchants.RevokeTerminalAsync(terminal, "stolen again", CancellationToken.None));

        Assert.Equal(TerminalState.Revoked, (await StandingAsync(terminal)).State);
        Assert.Equal(EnrolmentRefusal.Revoked, Assert.IsType<EnrolmentOutcome.Refused>(await CompleteAsync(Certificates(terminal, Keys("a"), "5E01"))).Reason);
        Assert.Equal(EnrolmentRefusal.Revoked, RefusalOf(await CheckAsync(terminal, code, Keys("a"))));
        Assert.Equal(EnrolmentRefusal.WrongCode, RefusalOf(await CheckAsync(terminal, "00000", Keys("a"))));
        Assert.Equal("terminal_revoked", Assert.IsType<ActivationOutcome.Refused>(
            await Merchants.IssueActivationCodeAsync(terminal, merchant.Outlets[0].Outlet, CancellationToken.None)).Reason);
    }

    [Fact]
    public async Task Ends_with_its_enrolment_when_it_is_revoked()
    {
        var terminal = await EnrolledAsync(await RegisteredAsync());

        await Merchants.RevokeTerminalAsync(terminal, "stolen", CancellationToken.None);

        Assert.Equal(TerminalState.Revoked, (await StandingAsync(terminal)).State);
        Assert.Null(await Merchants.FindEnrolmentAsync(terminal, CancellationToken.None));
    }

    [Fact]
    public async Task May_be_put_with_an_aggregator_and_taken_away_again()
    {
        var terminal = await EnrolledAsync(await RegisteredAsync());
        Assert.Null((await StandingAsync(terminal)).Aggregator);

        Assert.IsType<MerchantOutcome.Done>(await Merchants.PlaceTerminalAsync(terminal, "delta-pay", CancellationToken.None));
        Assert.Equal("delta-pay", (await StandingAsync(terminal)).Aggregator);

        Assert.IsType<MerchantOutcome.Done>(await Merchants.PlaceTerminalAsync(terminal, null, CancellationToken.None));
        Assert.Null((await StandingAsync(terminal)).Aggregator);
        Assert.Equal("terminal_unknown", Assert.IsType<MerchantOutcome.Refused>(await Merchants.PlaceTerminalAsync(NextTerminal(), "delta-pay", CancellationToken.None)).Reason);
        Assert.Equal("aggregator", Assert.IsType<MerchantOutcome.Refused>(await Merchants.PlaceTerminalAsync(terminal, "", CancellationToken.None)).Field);
    }

    [Fact]
    public async Task Keeps_no_code_in_the_database()
    {
        var merchant = await RegisteredAsync();
        var terminal = NextTerminal();
        var code = await CodeAsync(terminal, merchant);

        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {Database.Table("merchants", "activation_codes")} WHERE terminal_id = '{terminal}'";
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        for (var column = 0; column < reader.FieldCount; column++)
        {
            var value = reader.GetValue(column);
            var text = value is byte[] bytes ? System.Text.Encoding.Latin1.GetString(bytes) : $"{value}";
            Assert.DoesNotContain(code[..5], text, StringComparison.Ordinal);
        }
    }

    private static EnrolmentRefusal RefusalOf(EnrolmentCheck check) => Assert.IsType<EnrolmentCheck.Refused>(check).Reason;
}

public sealed class Enrolling_a_terminal_on_sqlite(SqliteTestDatabase database) : Enrolling_a_terminal(database), IClassFixture<SqliteTestDatabase>;

public sealed class Enrolling_a_terminal_on_postgres(PostgresTestDatabase database) : Enrolling_a_terminal(database), IClassFixture<PostgresTestDatabase>;
