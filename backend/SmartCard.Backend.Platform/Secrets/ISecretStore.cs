namespace SmartCard.Backend.Platform.Secrets;

/// <summary>
/// Named secrets of this installation, made at first use and the same ever after. For keys that have to be in this process;
/// those that need not be (issuer masters, authorities) are used through an interface that an HSM can stand behind, and only the
/// development key store keeps them here.
/// </summary>
public interface ISecretStore
{
    /// <summary>The secret of this name. Where there is none, <paramref name="create"/> makes it and it is on disk before this returns. The caller wipes its copy.</summary>
    /// <param name="name">Lower-case letters, digits and hyphens, with the module's name first: "registry-blind-index".</param>
    byte[] GetOrCreate(string name, Func<byte[]> create);
}

public static class SecretStoreExtensions
{
    /// <summary>A random key of so many bytes.</summary>
    public static byte[] RandomKey(this ISecretStore secrets, string name, int length) =>
        secrets.GetOrCreate(name, () => System.Security.Cryptography.RandomNumberGenerator.GetBytes(length));
}
