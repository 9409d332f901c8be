import Redis
import Synchronization

/// A connection of one's own for blocking commands, made when it is first used and again when it was lost. It ends with
/// its owner: whoever loses interest has nothing to close.
final class OwnConnection: Sendable {
  private let redis: RedisClient
  private let name: String?
  private let connection = Mutex<RedisConnection?>(nil)

  /// - Parameter name: what `CLIENT LIST` calls it; without one, as it calls the client.
  init(to redis: RedisClient, name: String? = nil) {
    self.redis = redis
    self.name = name
  }

  deinit { close() }

  /// Ends the connection; the next command makes another.
  func close() {
    connection.withLock { $0.take() }?.close()
  }

  /// Sends a command. Where it fails or the task is cancelled, the connection ends: Redis would be blocked on it still.
  ///
  /// - Throws: `RedisError`; `CancellationError`.
  func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RESPValue {
    let connection = try await standing()
    do {
      return try await withTaskCancellationHandler {
        try await connection.send(command, timeout: timeout)
      } onCancel: {
        connection.close()
      }
    } catch {
      close()
      // The loss that the cancellation brought about is none to tell of.
      try Task.checkCancellation()
      throw error
    }
  }

  private func standing() async throws -> RedisConnection {
    try Task.checkCancellation()
    if let present = connection.withLock({ $0 }), present.isActive { return present }
    let fresh = try await redis.dedicatedConnection(name: name)
    connection.withLock { $0 = fresh }
    return fresh
  }
}
