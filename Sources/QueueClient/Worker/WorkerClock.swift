import Foundation

/// What time it is for a worker, and how it passes.
public struct WorkerClock: Sendable {
  /// Milliseconds since 1970.
  public var now: @Sendable () -> Int
  /// Waits so long, or until the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void

  /// A clock from its parts.
  public init(now: @escaping @Sendable () -> Int, sleep: @escaping @Sendable (Duration) async throws -> Void) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's own.
  public static let system = WorkerClock(
    now: { milliseconds(of: Date()) }, sleep: { try await Task.sleep(for: $0) })
}
