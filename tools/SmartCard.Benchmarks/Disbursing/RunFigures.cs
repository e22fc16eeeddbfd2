namespace SmartCard.Benchmarks.Disbursing;

/// <summary>What one run achieved.</summary>
/// <param name="Count">Draws, or transactions of the yardstick.</param>
/// <param name="OwnMicros">Processor time of this process for each, in microseconds.</param>
/// <param name="ServerMicros">Processor time of PostgreSQL for each, in microseconds.</param>
internal readonly record struct RunFigures(int Count, double PerSecond, double OwnMicros, double ServerMicros)
{
    public static RunFigures Of(int count, TimeSpan elapsed, ProcessorMeter meter)
    {
        var (own, server) = meter.Elapsed();
        return new RunFigures(count, count / elapsed.TotalSeconds, own.TotalMicroseconds / count, server.TotalMicroseconds / count);
    }
}
