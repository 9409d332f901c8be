import Foundation
import Redis
import Synchronization

/// Waits for work on a connection of its own: blocked on the queue's marker, as BullMQ's workers are.
final class Doorbell: Sendable {
  private let queue: QueueKey
  private let redis: RedisClient
  private let configuration: WorkerConfiguration
  private let state = Mutex(State())

  private struct State {
    var connection: RedisConnection?
    var isClosed = false
  }

  init(queue: QueueKey, redis: RedisClient, configuration: WorkerConfiguration) {
    self.queue = queue
    self.redis = redis
    self.configuration = configuration
  }

  /// Connects already, so that the worker is found among those of its queue.
  func connect() async throws { _ = try await standing() }

  /// Returns when there may be work: the marker rang, a delayed job is due, or patience ended.
  ///
  /// - Parameter due: when the next delayed job is due, in milliseconds since 1970; 0 for none.
  func wait(until due: Int) async throws {
    let limit = Self.limit(due: due, now: configuration.clock.now(), patience: configuration.drainDelay)
    let connection = try await standing()
    do {
      _ = try await connection.send(
        ["BZPOPMIN", .text(queue[.marker]), .text(String(limit.seconds))], timeout: limit + .seconds(10)
      )
    } catch {
      // A blocked command cannot be called back: only with its connection.
      hangUp()
      throw error
    }
  }

  /// How long to wait at the most. Redis takes 0 for ever; BullMQ waits ten seconds for a delayed job at the most.
  static func limit(due: Int, now: Int, patience: Duration) -> Duration {
    guard due > 0 else { return max(patience, .milliseconds(1)) }
    return min(max(.milliseconds(due - now), .milliseconds(1)), .seconds(10))
  }

  /// How long to rest between looks for work, where nobody can wake us.
  func pollInterval(until due: Int) -> Duration {
    let limit = Self.limit(due: due, now: configuration.clock.now(), patience: configuration.patience)
    return min(max(limit, .milliseconds(10)), .seconds(1))
  }

  /// Lets nobody wait any more.
  func close() {
    state.withLock { $0.isClosed = true }
    hangUp()
  }

  /// Ends the wait that is on: a call that comes then is another worker's.
  func hangUp() {
    state.withLock { state in
      state.connection?.close()
      state.connection = nil
    }
  }

  private func standing() async throws -> RedisConnection {
    if let present = state.withLock({ $0.connection }), present.isActive { return present }
    let name = configuration.name.map { ":w:" + $0 } ?? ""
    let fresh = try await redis.dedicatedConnection(name: Self.clientName(of: queue) + name)
    let isClosed = state.withLock { state in
      if !state.isClosed { state.connection = fresh }
      return state.isClosed
    }
    if isClosed {
      fresh.close()
      throw RedisError.closed
    }
    return fresh
  }

  /// What `CLIENT LIST` calls a queue's workers, as BullMQ does: the name is in Base64.
  static func clientName(of queue: QueueKey) -> String {
    queue.prefix + ":" + Data(queue.name.utf8).base64EncodedString()
  }
}
