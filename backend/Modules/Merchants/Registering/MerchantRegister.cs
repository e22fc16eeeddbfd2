using Microsoft.EntityFrameworkCore;
using SmartCard.Backend.Merchants.Contracts;
using SmartCard.Backend.Merchants.Tables;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Merchants.Registering;

/// <summary>Who the merchants are: imported from the ministry's list, changed by importing again.</summary>
internal sealed class MerchantRegister(ModuleDatabase database)
{
    public async Task<MerchantOutcome> RegisterAsync(MerchantRegistration registration, CancellationToken cancellation)
    {
        if (RegistrationChecks.FirstFault(registration) is { } fault)
            return fault;

        await using var write = await database.BeginWriteAsync(cancellation);
        await using var context = await MerchantsDbContext.OpenAsync(database, write, cancellation);
        var ids = registration.Outlets.Select(outlet => outlet.Outlet).ToList();
        var outlets = await context.Outlets.Where(outlet => ids.Contains(outlet.OutletId)).ToDictionaryAsync(outlet => outlet.OutletId, cancellation);
        for (var index = 0; index < registration.Outlets.Count; index++)
        {
            if (outlets.TryGetValue(registration.Outlets[index].Outlet, out var known) && known.MerchantId != registration.Merchant)
                return new MerchantOutcome.Refused($"outlets[{index}].outlet", "outlet_of_another_merchant", "Give the outlet a number of its own.");
        }

        var merchant = await context.Merchants.FindAsync([registration.Merchant], cancellation)
            ?? context.Add(new MerchantRow { MerchantId = registration.Merchant }).Entity;
        merchant.Kind = registration.Kind;
        (merchant.NameAr, merchant.NameFr, merchant.NameEn) = registration.Name;
        // One round trip for the merchant first: its outlets and programmes refer to it.
        await context.SaveChangesAsync(cancellation);
        foreach (var outlet in registration.Outlets)
            Put(context, outlets.GetValueOrDefault(outlet.Outlet), outlet, registration.Merchant);
        await PutProgrammesAsync(context, registration, cancellation);
        await context.SaveChangesAsync(cancellation);
        await write.CommitAsync(cancellation);
        return new MerchantOutcome.Done();
    }

    public async Task<MerchantProfile?> FindAsync(MerchantId merchant, CancellationToken cancellation)
    {
        await using var context = new MerchantsDbContext(database);
        var row = await context.Merchants.AsNoTracking().SingleOrDefaultAsync(m => m.MerchantId == merchant, cancellation);
        if (row is null)
            return null;
        var programmes = await context.Programmes.AsNoTracking()
            .Where(programme => programme.MerchantId == merchant && programme.Served)
            .OrderBy(programme => programme.Programme)
            .Select(programme => programme.Programme)
            .ToListAsync(cancellation);
        var outlets = await context.Outlets.AsNoTracking()
            .Where(outlet => outlet.MerchantId == merchant)
            .OrderBy(outlet => outlet.OutletId)
            .ToListAsync(cancellation);
        return new MerchantProfile(
            merchant,
            row.Kind,
            new Label(row.NameAr, row.NameFr, row.NameEn),
            row.SuspendedBecause is not null,
            programmes,
            [.. outlets.Select(outlet => new OutletRegistration(outlet.OutletId, new Label(outlet.NameAr, outlet.NameFr, outlet.NameEn), outlet.Governorate))]);
    }

    /// <summary>By hand: a country has more merchants than a statement may have parameters.</summary>
    public async Task<IReadOnlyDictionary<MerchantId, Label>> FindNamesAsync(IReadOnlyCollection<MerchantId> merchants, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT merchant_id, name_ar, name_fr, name_en FROM {database.Table(MerchantsDbContext.SchemaName, "merchants")}
            WHERE {database.In("merchant_id", "ids")}
            """;
        database.AddList(command, "ids", [.. merchants.Select(merchant => merchant.Value)]);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var names = new Dictionary<MerchantId, Label>(merchants.Count);
        while (await reader.ReadAsync(cancellation))
            names.Add(new MerchantId(reader.GetInt64(0)), new Label(reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return names;
    }

    public async Task<MerchantOutcome> SuspendAsync(MerchantId merchant, string reason, CancellationToken cancellation) =>
        RegistrationChecks.FaultOfReason(reason) ?? await SetSuspendedAsync(merchant, reason, cancellation);

    public Task<MerchantOutcome> ReinstateAsync(MerchantId merchant, CancellationToken cancellation) => SetSuspendedAsync(merchant, null, cancellation);

    private async Task<MerchantOutcome> SetSuspendedAsync(MerchantId merchant, string? reason, CancellationToken cancellation)
    {
        await using var context = new MerchantsDbContext(database);
        var row = await context.Merchants.FindAsync([merchant], cancellation);
        if (row is null)
            return new MerchantOutcome.Refused("merchant", "merchant_unknown", "Register the merchant first.");
        row.SuspendedBecause = reason;
        await context.SaveChangesAsync(cancellation);
        return new MerchantOutcome.Done();
    }

    private static void Put(MerchantsDbContext context, OutletRow? known, OutletRegistration outlet, MerchantId merchant)
    {
        var row = known ?? context.Add(new OutletRow { OutletId = outlet.Outlet, MerchantId = merchant }).Entity;
        (row.NameAr, row.NameFr, row.NameEn) = outlet.Name;
        row.Governorate = outlet.Governorate;
    }

    private static async Task PutProgrammesAsync(MerchantsDbContext context, MerchantRegistration registration, CancellationToken cancellation)
    {
        var rows = await context.Programmes.Where(programme => programme.MerchantId == registration.Merchant).ToListAsync(cancellation);
        var served = registration.Programmes.ToHashSet();
        foreach (var row in rows)
            row.Served = served.Remove(row.Programme);
        context.AddRange(served.Select(programme => new MerchantProgrammeRow { MerchantId = registration.Merchant, Programme = programme, Served = true }));
    }
}
