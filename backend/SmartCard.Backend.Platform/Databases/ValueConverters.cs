using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Platform.Databases;

/// <summary>
/// How typed values are stored, the same on both databases: ids and card numbers as 64-bit integers, codes, counters and periods as
/// 32-bit ones, a terminal id as text, a transaction id as 16 bytes, an instant as milliseconds since 1970 in UTC.
/// </summary>
internal static class ValueConverters
{
    public static void Apply(ModelConfigurationBuilder configuration)
    {
        configuration.Properties<HouseholdId>().HaveConversion<OfHousehold>();
        configuration.Properties<MerchantId>().HaveConversion<OfMerchant>();
        configuration.Properties<OutletId>().HaveConversion<OfOutlet>();
        configuration.Properties<QuotaCode>().HaveConversion<OfQuota>();
        configuration.Properties<PeriodId>().HaveConversion<OfPeriod>();
        configuration.Properties<CardNumber>().HaveConversion<OfCard>();
        configuration.Properties<Atc>().HaveConversion<OfAtc>();
        configuration.Properties<TerminalId>().HaveConversion<OfTerminal>();
        configuration.Properties<TransactionId>().HaveConversion<OfTransaction>();
        configuration.Properties<ProgrammeCode>().HaveConversion<OfProgramme>();
        configuration.Properties<CommodityCode>().HaveConversion<OfCommodity>();
        configuration.Properties<DateTimeOffset>().HaveConversion<OfInstant>();
    }

    private sealed class OfHousehold() : ValueConverter<HouseholdId, long>(id => id.Value, value => new HouseholdId(value));

    private sealed class OfMerchant() : ValueConverter<MerchantId, long>(id => id.Value, value => new MerchantId(value));

    private sealed class OfOutlet() : ValueConverter<OutletId, long>(id => id.Value, value => new OutletId(value));

    private sealed class OfQuota() : ValueConverter<QuotaCode, int>(code => code.Value, value => new QuotaCode((ushort)value));

    private sealed class OfPeriod() : ValueConverter<PeriodId, int>(period => period.Value, value => new PeriodId(value));

    private sealed class OfCard() : ValueConverter<CardNumber, long>(card => (long)card.Value, value => CardOf(value));

    private sealed class OfAtc() : ValueConverter<Atc, int>(atc => atc.Value, value => new Atc((ushort)value));

    private sealed class OfTerminal() : ValueConverter<TerminalId, string>(id => id.Value, value => TerminalId.Parse(value));

    private sealed class OfTransaction() : ValueConverter<TransactionId, byte[]>(id => id.ToBytes(), value => TransactionId.Decode(value));

    private sealed class OfProgramme() : ValueConverter<ProgrammeCode, int>(code => code.Value, value => new ProgrammeCode((ushort)value));

    private sealed class OfCommodity() : ValueConverter<CommodityCode, int>(code => code.Value, value => new CommodityCode((ushort)value));

    private sealed class OfInstant() : ValueConverter<DateTimeOffset, long>(
        instant => instant.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));

    private static CardNumber CardOf(long value) => CardNumber.TryFromValue(checked((ulong)value), out var card)
        ? card
        : throw new InvalidDataException("A stored card number has a wrong check digit.");
}
