using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Registering;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Enrolling;

/// <summary>How a terminal comes to its certificates: code, check, completion, renewals, and the end.</summary>
internal sealed class TerminalEnrolment(ModuleDatabase database, IRandomSource random, TimeProvider time, IOptions<MerchantsOptions> options)
{
    /// <summary>Different keys that one code may be checked for before one of them is certified.</summary>
    private const int KeysPerCodeMax = 10;

    /// <summary>As long as a name in a certificate may be.</summary>
    private const int AggregatorLengthMax = 64;

    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    public async Task<ActivationOutcome> IssueCodeAsync(TerminalId terminal, OutletId outlet, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        if (!await context.Outlets.AnyAsync(o => o.OutletId == outlet, cancellation))
            return new ActivationOutcome.Refused("outlet_unknown", "Register the merchant with this outlet first.");

        var row = await context.HoldTerminalAsync(terminal, cancellation);
        if (row is not null && !TerminalLifeCycle.TryTake(row.State, TerminalStep.IssueCode, out _))
            return new ActivationOutcome.Refused("terminal_revoked", "A revoked terminal does not come back: give the device another terminal id.");
        if (row is null)
            context.Add(new TerminalRow { TerminalId = terminal, OutletId = outlet, State = TerminalState.AwaitingEnrolment });
        else if (row.State == TerminalState.AwaitingEnrolment)
            row.OutletId = outlet;

        var (code, now) = (ActivationCode.Make(random), time.GetUtcNow());
        await context.SaveChangesAsync(cancellation);
        context.Add(new ActivationCodeRow
        {
            TerminalId = terminal,
            OutletId = outlet,
            CodeHash = ActivationCode.HashOf(terminal, code),
            IssuedAt = now,
            ExpiresAt = now.AddDays(options.Value.ActivationCodeDays),
        });
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new ActivationOutcome.Issued(code);
    }

    public async Task<EnrolmentCheck> CheckAsync(TerminalId terminal, string typed, ReadOnlyMemory<byte> requestHash, CancellationToken cancellation)
    {
        var hash = ActivationCode.HashOf(terminal, typed);
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        var row = await context.HoldTerminalAsync(terminal, cancellation);
        var code = row is null ? null : await LatestCodeAsync(context, terminal, cancellation);

        // Compared before anything is told, also where there is nothing to compare with.
        var isRight = CryptographicOperations.FixedTimeEquals(hash, code?.CodeHash ?? NoHash);
        if (row is null)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.UnknownTerminal);
        if (code is null)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.WrongCode);
        if (code.Tries >= options.Value.ActivationTriesMax)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.TooManyTries);

        var check = isRight ? await CheckRightCodeAsync(context, row, code, requestHash, cancellation) : CountTry(code);
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return check;
    }

    public async Task<EnrolmentOutcome> CompleteAsync(EnrolmentRecord record, CancellationToken cancellation)
    {
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        if (await context.HoldTerminalAsync(record.Terminal, cancellation) is not { } terminal)
            return new EnrolmentOutcome.Refused(EnrolmentRefusal.UnknownTerminal);
        if (!TerminalLifeCycle.TryTake(terminal.State, TerminalStep.Enrol, out var next))
            return new EnrolmentOutcome.Refused(EnrolmentRefusal.Revoked);

        var requestHash = record.RequestHash.ToArray();
        var row = await LatestEnrolmentAsync(context, record.Terminal, requestHash, cancellation);
        if (row?.CompletedAt is not null)
            return new EnrolmentOutcome.Completed(EnrolmentRecords.ToRecord(row));
        var now = time.GetUtcNow();
        if (row is null)
        {
            if (terminal.State != TerminalState.Enrolled)
                return new EnrolmentOutcome.Refused(EnrolmentRefusal.WrongCode);
            row = new EnrolmentRow { TerminalId = record.Terminal, OutletId = terminal.OutletId, RequestHash = requestHash, AllowedAt = now };
            context.Add(row);
        }
        else
        {
            var code = await context.ActivationCodes.SingleAsync(c => c.CodeId == row.CodeId, cancellation);
            if (code.SpentAt is not null)
                return new EnrolmentOutcome.Refused(EnrolmentRefusal.CodeSpent);
            code.SpentAt = now;
        }

        EnrolmentRecords.Put(record, row);
        row.CompletedAt = now;
        await context.SaveChangesAsync(cancellation);
        (terminal.State, terminal.OutletId, terminal.EnrolmentId, terminal.TlsSerialNumber) = (next, row.OutletId, row.EnrolmentId, row.TlsSerialNumber);
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new EnrolmentOutcome.Completed(record);
    }

    public async Task<EnrolmentRecord?> FindAsync(TerminalId terminal, CancellationToken cancellation)
    {
        await using var context = new MerchantsDbContext(database);
        var row = await context.Terminals
            .Where(t => t.TerminalId == terminal && t.State == TerminalState.Enrolled)
            .Join(context.Enrolments, t => t.EnrolmentId, e => e.EnrolmentId, (_, enrolment) => enrolment)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellation);
        return row is null ? null : EnrolmentRecords.ToRecord(row);
    }

    public async Task<MerchantOutcome> RevokeAsync(TerminalId terminal, string reason, CancellationToken cancellation)
    {
        if (RegistrationChecks.FaultOfReason(reason) is { } fault)
            return fault;
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        var row = await context.HoldTerminalAsync(terminal, cancellation);
        if (row is null)
            return new MerchantOutcome.Refused("terminal", "terminal_unknown", "Check the terminal id.");
        if (row.State == TerminalState.Revoked)
            return new MerchantOutcome.Done();
        if (!TerminalLifeCycle.TryTake(row.State, TerminalStep.Revoke, out var next))
            throw new InvalidOperationException($"No terminal is too {row.State} to be revoked.");
        (row.State, row.RevokedAt, row.RevokedBecause) = (next, time.GetUtcNow(), reason);
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new MerchantOutcome.Done();
    }

    public async Task<MerchantOutcome> PlaceAsync(TerminalId terminal, string? aggregator, CancellationToken cancellation)
    {
        if (aggregator is { Length: 0 or > AggregatorLengthMax })
            return new MerchantOutcome.Refused("aggregator", "name_missing", $"Give the name in the aggregator's certificate, at most {AggregatorLengthMax} characters.");
        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        var row = await context.HoldTerminalAsync(terminal, cancellation);
        if (row is null)
            return new MerchantOutcome.Refused("terminal", "terminal_unknown", "Check the terminal id.");
        row.Aggregator = aggregator;
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new MerchantOutcome.Done();
    }

    private async Task<EnrolmentCheck> CheckRightCodeAsync(
        MerchantsDbContext context, TerminalRow terminal, ActivationCodeRow code, ReadOnlyMemory<byte> requestHash, CancellationToken cancellation)
    {
        if (terminal.State == TerminalState.Revoked)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.Revoked);
        var hash = requestHash.ToArray();
        var keys = await context.Enrolments.Where(enrolment => enrolment.CodeId == code.CodeId).ToListAsync(cancellation);
        var same = keys.Find(enrolment => enrolment.RequestHash.AsSpan().SequenceEqual(hash));
        if (same?.CompletedAt is not null)
            return new EnrolmentCheck.AlreadyEnrolled(EnrolmentRecords.ToRecord(same));
        var now = time.GetUtcNow();
        if (code.SpentAt is not null)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.CodeSpent);
        if (code.ExpiresAt <= now)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.CodeExpired);
        if (same is null && keys.Count >= KeysPerCodeMax)
            return new EnrolmentCheck.Refused(EnrolmentRefusal.TooManyTries);
        if (same is null)
            context.Add(new EnrolmentRow { TerminalId = terminal.TerminalId, OutletId = code.OutletId, RequestHash = hash, CodeId = code.CodeId, AllowedAt = now });
        return new EnrolmentCheck.Accepted(await StandingAtAsync(context, terminal, code.OutletId, cancellation));
    }

    // The certificates name the outlet where the terminal is going to stand.
    private static async Task<TerminalStanding> StandingAtAsync(MerchantsDbContext context, TerminalRow terminal, OutletId outlet, CancellationToken cancellation)
    {
        var merchant = await context.Outlets
            .Where(o => o.OutletId == outlet)
            .Join(context.Merchants, o => o.MerchantId, m => m.MerchantId, (_, m) => m)
            .SingleAsync(cancellation);
        var programmes = await context.Programmes
            .Where(programme => programme.MerchantId == merchant.MerchantId && programme.Served)
            .OrderBy(programme => programme.Programme)
            .Select(programme => programme.Programme)
            .ToListAsync(cancellation);
        return new TerminalStanding(
            terminal.TerminalId, merchant.MerchantId, outlet, terminal.State, merchant.SuspendedBecause is not null, terminal.TlsSerialNumber, programmes);
    }

    private static EnrolmentCheck.Refused CountTry(ActivationCodeRow code)
    {
        code.Tries++;
        return new EnrolmentCheck.Refused(EnrolmentRefusal.WrongCode);
    }

    private static Task<ActivationCodeRow?> LatestCodeAsync(MerchantsDbContext context, TerminalId terminal, CancellationToken cancellation) =>
        context.ActivationCodes.Where(code => code.TerminalId == terminal).OrderByDescending(code => code.CodeId).FirstOrDefaultAsync(cancellation);

    private static Task<EnrolmentRow?> LatestEnrolmentAsync(MerchantsDbContext context, TerminalId terminal, byte[] requestHash, CancellationToken cancellation) =>
        context.Enrolments
            .Where(enrolment => enrolment.TerminalId == terminal && enrolment.RequestHash == requestHash)
            .OrderByDescending(enrolment => enrolment.EnrolmentId)
            .FirstOrDefaultAsync(cancellation);
}
