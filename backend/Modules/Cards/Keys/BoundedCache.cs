using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SmartCard.Backend.Cards.Keys;

/// <summary>
/// A cache that holds at most twice <paramref name="generationSize"/> entries: what was not asked for while a generation filled is
/// forgotten with the next. Safe for all threads; reading takes no lock.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(int generationSize)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _turnover = new();
    private volatile Generation _current = new(null);

    public int Count => _current.Entries.Count + (_current.Before?.Entries.Count ?? 0);

    public TValue GetOrAdd<TArgument>(TKey key, TArgument argument, Func<TKey, TArgument, TValue> create)
        where TArgument : allows ref struct
    {
        var generation = _current;
        if (generation.Entries.TryGetValue(key, out var value))
            return value;
        if (!generation.TryGetBefore(key, out value))
            value = create(key, argument);
        if (generation.Length >= generationSize)
            generation = TurnOver(generation);
        return generation.TryAdd(key, value) ? value : generation.Entries.GetValueOrDefault(key, value);
    }

    private Generation TurnOver(Generation full)
    {
        lock (_turnover)
        {
            if (ReferenceEquals(_current, full))
            {
                full.Before = null;
                _current = new Generation(full);
            }
            return _current;
        }
    }

    private sealed class Generation(Generation? before)
    {
        private int _length;

        /// <summary>Counted beside the dictionary, which would take all its locks to say it.</summary>
        public int Length => Volatile.Read(ref _length);

        public ConcurrentDictionary<TKey, TValue> Entries { get; } = new();

        public volatile Generation? Before = before;

        public bool TryAdd(TKey key, TValue value)
        {
            if (!Entries.TryAdd(key, value))
                return false;
            Interlocked.Increment(ref _length);
            return true;
        }

        public bool TryGetBefore(TKey key, [MaybeNullWhen(false)] out TValue value)
        {
            value = null;
            return Before?.Entries.TryGetValue(key, out value) == true;
        }
    }
}
