using Grpc.Core;
using SmartCard.Backend.Merchants.Contracts;

namespace SmartCard.Backend.Calls;

/// <summary>Who is calling, as the client certificate proves it; put into the call by <see cref="CallerCheck"/>.</summary>
internal abstract record Caller
{
    private static readonly object Key = new();

    /// <summary>Of a method that is open to all.</summary>
    public sealed record Anyone : Caller
    {
        public static readonly Anyone Instance = new();
    }

    /// <param name="Standing">As the merchants' register has it at this moment.</param>
    public sealed record Terminal(TerminalStanding Standing) : Caller;

    /// <param name="Name">The certificate's common name: who did it, in every event that the call records.</param>
    public sealed record Staff(string Name) : Caller;

    /// <param name="Name">As the register names it beside the terminals that it carries.</param>
    public sealed record Aggregator(string Name) : Caller;

    public void PutInto(ServerCallContext context) => context.UserState[Key] = this;

    public static TerminalStanding TerminalOf(ServerCallContext context) =>
        Of(context) is Terminal terminal ? terminal.Standing : throw new InvalidOperationException("The method is not a terminal's in the table of access.");

    public static string StaffOf(ServerCallContext context) =>
        Of(context) is Staff staff ? staff.Name : throw new InvalidOperationException("The method is not staff's in the table of access.");

    public static Caller? Of(ServerCallContext context) => context.UserState.TryGetValue(Key, out var caller) ? (Caller)caller : null;
}
