using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SmartCard.Demo.World;

internal static class DeterministicId
{
    /// <summary>The same words give the same id: what is done twice is done once.</summary>
    public static Guid Of(string purpose, long number) => new(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{purpose} {number}"))).AsSpan(0, 16));
}
