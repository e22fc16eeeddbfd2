using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmartCard.Backend.Platform;
using SmartCard.Backend.Platform.Databases;
using SmartCard.Backend.Platform.Secrets;

namespace SmartCard.Backend.Tests.Platform;

/// <summary>What a module needs around it: a test's database and clock, Cairo's calendar, its secrets in memory. Add the module to it.</summary>
internal static class TestServices
{
    public static IConfiguration NoSettings { get; } = new ConfigurationBuilder().Build();

    public static IServiceCollection For(TestDatabase fixture, TimeProvider clock) =>
        new ServiceCollection()
            .AddLogging()
            .AddSingleton(clock)
            .AddSingleton(fixture.Database)
            .AddSingleton<IDbConnectionFactory>(fixture.Database)
            .AddSingleton(DataFolder.At(fixture.Options.DataFolder))
            .AddSingleton<ISecretStore>(fixture.Secrets)
            .AddSingleton(new BusinessCalendar(clock, "Africa/Cairo"));
}

internal sealed class MemorySecretStore : ISecretStore
{
    private readonly ConcurrentDictionary<string, byte[]> _secrets = new();

    public byte[] GetOrCreate(string name, Func<byte[]> create) => [.. _secrets.GetOrAdd(name, _ => create())];
}
