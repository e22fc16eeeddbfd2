using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SmartCard.Backend.Tests.Host;

/// <summary>backend/README.md tells every setting and its default; the truth is what the host binds.</summary>
public sealed partial class The_settings_in_the_readme
{
    [Fact]
    public void Are_all_that_there_are_with_their_defaults()
    {
        var told = Row().Matches(File.ReadAllText(Path.Combine(RepositoryRoot(), "backend", "README.md")))
            .Select(row => (row.Groups["name"].Value, row.Groups["default"].Value.Trim('`')));

        Assert.Equal(Bound().Order(), told.Order());
    }

    // Every options class that the modules and the host bind, found by asking them for their registrations.
    private static IEnumerable<(string Name, string Default)> Bound()
    {
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        Hosting.GrpcHosting.AddGrpcServer(builder);
        Program.AddModules(builder.Services, builder.Configuration);
        return from type in builder.Services
                   .Where(service => service.ServiceType.IsGenericType && service.ServiceType.GetGenericTypeDefinition() == typeof(IConfigureOptions<>))
                   .Select(service => service.ServiceType.GetGenericArguments()[0])
                   .Where(type => type.Namespace!.StartsWith("SmartCard.", StringComparison.Ordinal))
                   .Distinct()
               let section = (string)type.GetField("Section", BindingFlags.Public | BindingFlags.Static)!.GetRawConstantValue()!
               from property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true })
               select ($"{section}:{property.Name}", Convert.ToString(property.GetValue(Activator.CreateInstance(type)), CultureInfo.InvariantCulture) ?? "");
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SmartCard.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of a checkout.");
        return folder;
    }

    [GeneratedRegex(@"^\| `(?<name>\w+:\w+)` \| *(?<default>[^|\n]*?) *\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
