// One of each violation, so that every rule is seen to find it. Nothing here runs.
#pragma warning disable RS0030, CA1031, CA1848, CA2254, MA0015, RCS1075, CA1822, CS8321, IDE0051, CA1812, CA1852, S1144

using Microsoft.Extensions.Logging;
using Wire = SmartCard.Protocol.Grpc.V1;

namespace SmartCard.Architecture.Tests.Planted
{
    public sealed class PublicOutsideContracts;

    internal sealed class AsksTheMachinesClock
    {
        public DateTime Now() => DateTime.Now;

        public DateTimeOffset InAClosure() => new Func<DateTimeOffset>(() => DateTimeOffset.UtcNow)();

        public Guid Id() => Guid.NewGuid();

        public int Dice() => new Random().Next() + Random.Shared.Next();
    }

    internal sealed class Swallows
    {
        public bool Everything()
        {
            try
            {
                return File.Exists("a");
            }
            catch (Exception)
            {
                return false;
            }
        }

        public void WithoutAWord()
        {
            try
            {
                File.Delete("a");
            }
            catch
            {
            }
        }

        public async Task<bool> WhileWaiting()
        {
            try
            {
                await File.ReadAllBytesAsync("a");
                return true;
            }
            catch (Exception exception)
            {
                Console.WriteLine(exception.Message);
                return false;
            }
        }

        public bool BehindAFilterThatLetsAllThrough(bool quiet)
        {
            try
            {
                return File.Exists("a");
            }
            catch (Exception) when (quiet)
            {
                return false;
            }
        }
    }

    internal sealed class CatchesWithCare
    {
        public void AndThrowsAgain()
        {
            try
            {
                File.Delete("a");
            }
            catch
            {
                File.Delete("b");
                throw;
            }
        }

        public async Task AndThrowsAgainAfterWaiting()
        {
            try
            {
                await File.ReadAllBytesAsync("a");
            }
            catch
            {
                await File.ReadAllBytesAsync("b");
                throw;
            }
        }

        public async Task InOrderToDispose()
        {
            await using var stream = new MemoryStream();
            await stream.WriteAsync(new byte[1]);
        }

        public bool ByName()
        {
            try
            {
                return File.Exists("a");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    internal sealed class ServiceWithADatabase(System.Data.Common.DbConnection connection) : Wire.Cards.CardsBase
    {
        public override Task<Wire.CardStatus> GetStatus(Wire.GetCardStatusRequest request, Grpc.Core.ServerCallContext context) =>
            Task.FromResult(new Wire.CardStatus { CardNumber = connection.Database });
    }

    internal sealed class UsesDapper
    {
        public IEnumerable<int> Rows(System.Data.IDbConnection connection) => Dapper.SqlMapper.Query<int>(connection, "SELECT 1");
    }

    internal interface IContractWithAQuery
    {
        IQueryable<int> All();
    }

    internal enum TwoAndThree
    {
        Two = 2,
        Three = 3,
    }

    internal enum TwoAndFour
    {
        Unspecified = 0,
        Two = 2,
        Three = 4,
    }

    internal static partial class TellsTooMuch
    {
        public static void Plain(ILogger logger, string card) => logger.LogInformation("Card {Card}", card);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Record} {NationalId}")]
        public static partial void LogBytes(ILogger logger, byte[] record, string nationalId);
    }
}
