namespace Grpc.Core;

/// <summary>Where a channel is in its connection's life.</summary>
public enum ConnectivityState
{
    Idle,
    Connecting,
    Ready,
    TransientFailure,
    Shutdown,
}
