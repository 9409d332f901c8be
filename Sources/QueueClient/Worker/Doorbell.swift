import Foundation
import Redis
import Synchronization

/// Waits for work on a connection of its own: blocked on the queue's marker, as BullMQ's workers are.
final class Doorbell: Sendable {
  private let queue: QueueKey
  private let redis: RedisClient
  private let patience: Duration
  private let connection = Mutex<RedisConnection?>(nil)

  init(queue: QueueKey, redis: RedisClient, patience: Duration) {
    self.queue = queue
    self.redis = redis
    self.patience = patience
  }

  /// Returns when there may be work: the marker rang, a delayed job is due, or patience ended.
  ///
  /// - Parameter due: when the next delayed job is due, in milliseconds since 1970; 0 for none.
  func wait(until due: Int) async throws {
    let connection = try await standing()
    let untilDue = due == 0 ? Double.infinity : Double(due) / 1000 - Date().timeIntervalSince1970
    let limit = max(0.001, min(untilDue, untilDue.isFinite ? 10 : patience.seconds))
    do {
      _ = try await connection.send(
        ["BZPOPMIN", .text(queue[.marker]), .text(String(limit))], timeout: .seconds(limit + 10)
      )
    } catch {
      // A blocked command cannot be called back: only with its connection.
      close()
      throw error
    }
  }

  func close() {
    connection.withLock { connection in
      connection?.close()
      connection = nil
    }
  }

  private func standing() async throws -> RedisConnection {
    if let present = connection.withLock({ $0 }), present.isActive { return present }
    let fresh = try await redis.dedicatedConnection()
    connection.withLock { $0 = fresh }
    return fresh
  }
}
