using System.Runtime.InteropServices;
using SmartCard.Backend.Platform;
using SmartCard.Protocol.Transactions;

namespace SmartCard.Backend.Reconciliation.Matching;

/// <summary>Terminals of merchants, numbered from 0, so that a line names its own by one integer.</summary>
internal sealed class Places
{
    private readonly Dictionary<(MerchantId, TerminalId), int> _numbers = [];
    private readonly List<(MerchantId Merchant, TerminalId Terminal)> _places = [];

    public int Count => _places.Count;

    public (MerchantId Merchant, TerminalId Terminal) this[int number] => _places[number];

    public int NumberOf(MerchantId merchant, TerminalId terminal)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (merchant, terminal), out var isKnown);
        if (!isKnown)
        {
            number = _places.Count;
            _places.Add((merchant, terminal));
        }
        return number;
    }

    public long[] Merchants() => [.. _places.Select(place => place.Merchant.Value)];
}
