namespace SmartCard.Backend.Calls;

/// <summary>How much one caller may send; protocol/spec/grpc.md, "Limits".</summary>
internal static class CallLimits
{
    /// <summary>One message, both of a unary call and of a stream.</summary>
    public const int MessageBytesMax = 64 * 1024;

    public const int LedgerLinesPerChunkMax = 500;

    public const int CsvBytesMax = 60 * 1024;

    public const int DenylistPageMax = 1_000;

    public const int BreaksPageMax = 500;

    public const int BreaksPageDefault = 100;

    public const int CertificateRequestBytesMax = 4 * 1024;

    /// <summary>A ledger of 200 chunks has 100,000 lines: more than a shop sells in a day.</summary>
    public static readonly StreamLimits LedgerStream = new(201, TimeSpan.FromSeconds(30));

    /// <summary>Records of one upload that are being decided at once.</summary>
    public const int PresentWindow = 32;

    /// <summary>Draws of one stream that are under way at once; the next one stays unread.</summary>
    public const int AuthoriseWindow = 1_024;

    /// <summary>An aggregator's day; one that has more, or is silent for longer, opens another stream.</summary>
    public static readonly StreamLimits AuthoriseStream = new(10_000_000, TimeSpan.FromMinutes(2));

    /// <summary>For so long a stream believes what the register said of a terminal; a call of its own asks every time.</summary>
    public static readonly TimeSpan StandingKnownFor = TimeSpan.FromSeconds(5);

    /// <summary>More than any terminal may keep unsent.</summary>
    public static readonly StreamLimits PresentStream = new(10_000, TimeSpan.FromSeconds(30));
}
