namespace SmartCard.Benchmarks.Disbursing;

/// <summary>What one run achieved.</summary>
/// <param name="Count">Draws, or transactions of the yardstick.</param>
/// <param name="OwnMicros">Processor time of this process for each, in microseconds.</param>
/// <param name="BackendMicros">Processor time of the backend for each, in microseconds.</param>
/// <param name="ServerMicros">Processor time of PostgreSQL for each, in microseconds.</param>
internal readonly record struct RunFigures(int Count, double PerSecond, double OwnMicros, double BackendMicros, double ServerMicros)
{
    public static RunFigures Of(int count, TimeSpan elapsed, ProcessorMeter meter)
    {
        var (own, backend, server) = meter.Elapsed();
        return new RunFigures(count, count / elapsed.TotalSeconds, own.TotalMicroseconds / count, backend.TotalMicroseconds / count, server.TotalMicroseconds / count);
    }
}
