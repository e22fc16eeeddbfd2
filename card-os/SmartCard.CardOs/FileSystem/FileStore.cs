using System.Collections.Immutable;

namespace SmartCard.CardOs.FileSystem;

/// <summary>What is in the files; immutable, a part of the card's state.</summary>
internal sealed record FileStore(ImmutableArray<ImmutableArray<ReadOnlyMemory<byte>>> Contents)
{
    public static FileStore Empty { get; } = new([.. FileTable.Files.Select(_ => ImmutableArray<ReadOnlyMemory<byte>>.Empty)]);

    /// <summary>Newest first.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Records(FileId file) => Contents[(int)file];

    /// <summary>Record numbers begin with 1; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Record(FileId file, int number)
    {
        // Not a conditional expression: there, null would become an empty record.
        if (number < 1 || number > Records(file).Length)
            return null;
        return Records(file)[number - 1];
    }

    /// <summary>Replaces a file of one record; adds to a cyclic one.</summary>
    public FileStore Put(FileId file, ReadOnlyMemory<byte> record)
    {
        var definition = FileTable.Get(file);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length, definition.RecordBytesMax);
        var records = Records(file).Insert(0, record);
        if (records.Length > definition.RecordsMax)
            records = records.RemoveAt(definition.RecordsMax);
        return new FileStore(Contents.SetItem((int)file, records));
    }

    public FileStore Clear(FileId file) => new(Contents.SetItem((int)file, []));
}
