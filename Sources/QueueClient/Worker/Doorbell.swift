import Foundation
import Redis
import Synchronization

/// Waits for work on a connection of its own: blocked on the queue's marker, as BullMQ's workers are.
final class Doorbell: Sendable {
  private let queue: QueueKey
  private let redis: RedisClient
  private let configuration: WorkerConfiguration
  private let troubles: WorkerTroubles
  private let state = Mutex(State())

  private struct State {
    var connection: RedisConnection?
    /// What the server calls the connection; `nil` where it does not tell.
    var id: Int?
    var isWaiting = false
    var isClosed = false
  }

  init(queue: QueueKey, redis: RedisClient, configuration: WorkerConfiguration, troubles: WorkerTroubles) {
    self.queue = queue
    self.redis = redis
    self.configuration = configuration
    self.troubles = troubles
  }

  /// Connects already, so that the worker is found among those of its queue.
  func connect() async throws { _ = try await standing() }

  /// Returns when there may be work: the marker rang, a delayed job is due, or patience ended.
  ///
  /// - Parameter due: when the next delayed job is due, in milliseconds since 1970; 0 for none.
  func wait(until due: Int) async throws {
    let limit = Self.limit(due: due, now: configuration.clock.now(), patience: configuration.drainDelay)
    let connection = try await standing()
    try beginWait()
    defer { state.withLock { $0.isWaiting = false } }
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
  ///
  /// A connection that merely ends may be given a call that nobody hears then, since Redis learns of its end a little
  /// later: so Redis is asked to end the wait, and a call that came before is passed on.
  func close() {
    let isWaiting = state.withLock { state in
      state.isClosed = true
      return state.isWaiting
    }
    if isWaiting { Task { await endWait() } } else { hangUp() }
  }

  private func beginWait() throws {
    try state.withLock { state in
      if state.isClosed { throw RedisError.closed }
      state.isWaiting = true
    }
  }

  /// How often Redis is asked to end a wait, which may have been on its way to Redis at first.
  private static let attempts = 25

  private func endWait() async {
    for _ in 0..<Self.attempts {
      guard let id = state.withLock({ $0.isWaiting ? $0.id : nil }),
        (try? await redis.send(["CLIENT", "UNBLOCK", .init(id)], timeout: .seconds(1))) != nil
      else { break }
      try? await Task.sleep(for: .milliseconds(10))
    }
    hangUp()
  }

  private func hangUp() {
    state.withLock { state in
      state.connection?.close()
      state.connection = nil
    }
  }

  private func standing() async throws -> RedisConnection {
    if let present = state.withLock({ $0.connection }), present.isActive { return present }
    let name = Self.clientName(of: queue) + (configuration.name.map { ":w:" + $0 } ?? "")
    let fresh = try await redis.dedicatedConnection(name: name)
    await tellOfName(name, on: fresh)
    let id = try? await fresh.send(["CLIENT", "ID"]).int
    let isClosed = state.withLock { state in
      if !state.isClosed { (state.connection, state.id) = (fresh, id) }
      return state.isClosed
    }
    if isClosed {
      fresh.close()
      throw RedisError.closed
    }
    return fresh
  }

  /// Says whether the connection has its name: a server may forbid that, and the work goes on.
  private func tellOfName(_ name: String, on connection: RedisConnection) async {
    do {
      try await connection.send(["CLIENT", "SETNAME", .text(name)])
      troubles.over(.naming)
    } catch let error as RedisError where error.isReply {
      _ = troubles.failed(.naming, error)
    } catch {
      // A connection that is lost again is told of by whoever waits on it.
    }
  }

  /// What `CLIENT LIST` calls a queue's workers, as BullMQ does: the name is in Base64.
  static func clientName(of queue: QueueKey) -> String {
    WorkerClientName.encoded(queue)
  }
}
