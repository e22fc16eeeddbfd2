using Spectre.Console;

namespace SmartCard.Demo.Report;

/// <summary>The steps of the demonstration on the screen: a bar for each; plain lines where the output is no terminal.</summary>
internal sealed class Stages(IAnsiConsole console)
{
    /// <summary>Runs a step of <paramref name="count"/> equal parts; the action is told of each part done, from any thread.</summary>
    public async Task<T> RunAsync<T>(string title, int count, Func<Action, Task<T>> step)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            console.WriteLine($"{title} ({count:N0})");
            return await step(static () => { });
        }

        return await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask(title, maxValue: Math.Max(1, count));
                var result = await step(() => task.Increment(1));
                task.Value = task.MaxValue;
                return result;
            });
    }

    public Task RunAsync(string title, int count, Func<Action, Task> step) =>
        RunAsync(title, count, async done =>
        {
            await step(done);
            return 0;
        });
}
