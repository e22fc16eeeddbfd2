using SmartCard.LedgerCheck.Checks;

namespace SmartCard.LedgerCheck.Reports;

/// <summary>The report for a reader: a line an invariant, a line a check, and under a broken check its rows.</summary>
internal static class TextReport
{
    public static void Write(LedgerReport report, TextWriter output)
    {
        foreach (var invariant in report.Invariants)
        {
            output.WriteLine($"{invariant.Invariant.Number}  {Word(invariant.Verdict),-14}  {invariant.Invariant.Promise}");
            foreach (var check in invariant.Checks)
                Write(check, output);
        }
    }

    private static void Write(CheckResult check, TextWriter output)
    {
        switch (check.Finding)
        {
            case Finding.Held:
                output.WriteLine($"     held            {check.Name}");
                break;
            case Finding.NotApplicable notApplicable:
                output.WriteLine($"     not applicable  {check.Name}: {notApplicable.Reason}");
                break;
            case Finding.Broken broken:
                output.WriteLine($"     BROKEN          {check.Name}: {check.Says} {broken.Count:N0} row(s) say otherwise:");
                foreach (var row in broken.Rows)
                    output.WriteLine($"                     {row}");
                break;
        }
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Held => "held",
        Verdict.Broken => "BROKEN",
        _ => "not applicable",
    };
}
