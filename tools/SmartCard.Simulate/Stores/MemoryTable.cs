using SmartCard.Backend.Disbursements.Batches;
using SmartCard.Backend.Platform;

namespace SmartCard.Simulate.Stores;

/// <summary>A table in memory: the columns that the path writes, a primary key, check constraints. Rows keep the order in which they came.</summary>
internal sealed class MemoryTable<TRow>(TableColumns<TRow> columns, params Func<LedgerRow, bool>[] checks) : IMemoryTable
{
    private readonly Dictionary<string, int> _columns = columns.Columns.Select((column, index) => (column.Name, index)).ToDictionary();
    private readonly int _keyLength = columns.KeyNames.Split(", ").Length;
    private readonly Dictionary<Key, LedgerRow> _rows = [];

    public string Name => columns.Table;

    /// <summary>A plant: two rows of one key do not disturb this table.</summary>
    public bool ForgetsItsKey { get; init; }

    public LedgerRow? Find(params ReadOnlySpan<object> key) => _rows.GetValueOrDefault(new Key(key.ToArray()));

    /// <summary>INSERT: a row with this key is an error.</summary>
    public void Insert(TRow row, UndoLog undo) => Add(row, undo, (_, _) => throw SimulatedDatabaseException.UniqueKey(Name));

    /// <summary>INSERT ... ON CONFLICT DO NOTHING.</summary>
    public void InsertUnlessThere(TRow row, UndoLog undo) => Add(row, undo, (_, _) => { });

    /// <summary>INSERT ... ON CONFLICT DO UPDATE.</summary>
    public void Upsert(TRow row, UndoLog undo) => Add(row, undo, (key, values) =>
    {
        var before = _rows[key];
        undo.Add(() => _rows[key] = before);
        _rows[key] = values;
    });

    public IEnumerable<LedgerRow> Rows => _rows.Values;

    private void Add(TRow row, UndoLog undo, Action<Key, LedgerRow> onConflict)
    {
        var values = columns.Columns.Select(column => column.ValueOf(row)).ToArray();
        var added = new LedgerRow(_columns, values);
        if (!checks.All(check => check(added)))
            throw SimulatedDatabaseException.Check(Name);
        var key = new Key(ForgetsItsKey ? [.. values.Take(_keyLength), _rows.Count] : values[.._keyLength]);
        if (_rows.ContainsKey(key))
        {
            onConflict(key, added);
            return;
        }

        undo.Add(() => _rows.Remove(key));
        _rows.Add(key, added);
    }

    /// <summary>A primary key of several columns, bytes among them.</summary>
    private readonly struct Key(object?[] parts) : IEquatable<Key>
    {
        private readonly object?[] _parts = parts;

        public bool Equals(Key other)
        {
            if (_parts.Length != other._parts.Length)
                return false;
            for (var index = 0; index < _parts.Length; index++)
            {
                var same = _parts[index] is byte[] bytes
                    ? other._parts[index] is byte[] others && bytes.AsSpan().SequenceEqual(others)
                    : Equals(_parts[index], other._parts[index]);
                if (!same)
                    return false;
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var part in _parts)
                hash.Add(part is byte[] bytes ? bytes.Length + bytes[0] : part);
            return hash.ToHashCode();
        }
    }
}

internal interface IMemoryTable
{
    string Name { get; }

    IEnumerable<LedgerRow> Rows { get; }
}

/// <summary>What a transaction did, to be undone in reverse where it fails.</summary>
internal sealed class UndoLog
{
    private readonly Stack<Action> _steps = new();

    public void Add(Action undo) => _steps.Push(undo);

    public void RollBack()
    {
        while (_steps.TryPop(out var undo))
            undo();
    }
}
