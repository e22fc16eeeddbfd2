namespace SmartCard.Acceptance.Tests.Support;

/// <summary>Tests that run one after the other, because the demonstration through pcscd takes every virtual reader there is.</summary>
[CollectionDefinition(Name)]
public sealed class AllVirtualReaders
{
    public const string Name = "all virtual readers";
}
