namespace SmartCard.Simulate.Terminals;

/// <summary>The terminal's process dies here. Nothing in the product may catch it.</summary>
internal sealed class TerminalDiedException() : Exception("The process died.");
