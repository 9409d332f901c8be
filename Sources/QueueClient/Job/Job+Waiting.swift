import Foundation
import Redis

extension Job {
  /// Waits until the job has ended (`waitUntilFinished`), on a connection of its own, and for a Redis that goes away
  /// meanwhile.
  ///
  /// - Parameter timeout: how long to wait at most; `nil` waits on.
  /// - Returns: what the job returned.
  /// - Throws: `JobError.failed` with the reason, `.notFinished` when the time is over, `.missing` for a job that
  ///   is not there; `RedisError`, where Redis refuses or cannot be reached at first; `CancellationError`.
  public func waitUntilFinished(timeout: Duration? = nil) async throws -> JSON {
    let connection = OwnConnection(to: redis)
    let clock = ContinuousClock()
    let deadline = timeout.map { clock.now + $0 }
    let events = key.queue[.events]
    // From here on no end is missed: what came before shows in the job, what comes after in the stream.
    let newest = try await redis.send(["XREVRANGE", .text(events), "+", "-", "COUNT", "1"])
    var position = newest.array?.first?.array?.first?.string ?? "0-0"
    if let result = try await finished() { return result }
    var failures = 0
    while true {
      let left = deadline.map { clock.now.duration(to: $0) } ?? .seconds(5)
      guard left > .zero else { throw JobError.notFinished(key, after: timeout ?? .zero) }
      let patience = min(left, .seconds(5))
      let reply: RESPValue
      do {
        reply = try await connection.send(
          ["XREAD", "BLOCK", .init(max(1, patience.milliseconds)), "STREAMS", .text(events), .text(position)],
          timeout: patience + .seconds(10))
        // A stream that was trimmed too fast may have lost the event: the job itself has not.
        if reply.isNull, let result = try await finished() { return result }
        failures = 0
      } catch let error as RedisError where error.isAway {
        failures += 1
        let rest = redis.configuration.backoff.delay(after: failures, random: .random(in: 0..<1))
        try await Task.sleep(for: min(rest, left))
        continue
      }
      for entry in reply.array?.first?.array?.last?.array ?? [] {
        guard let parts = entry.array, parts.count == 2 else { continue }
        position = parts[0].string ?? position
        let fields = Dictionary(parts[1].pairs.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
        guard fields[.jobID] == key.id else { continue }
        switch fields[.event].flatMap(EventName.init) {
        case .completed: return Self.value(fields[.returnvalue])
        case .failed: throw JobError.failed(key, reason: fields[.failedReason] ?? "no reason given")
        default: continue
        }
      }
    }
  }

  private func finished() async throws -> JSON? {
    switch try await getState() {
    case .completed:
      return Self.value(try await Job.read(key, from: redis)?.snapshot.returnvalue)
    case .failed:
      let reason = try await Job.read(key, from: redis)?.snapshot.failedReason
      throw JobError.failed(key, reason: reason ?? "no reason given")
    case .unknown:
      guard try await Job.read(key, from: redis) != nil else { throw JobError.missing(key) }
      return nil
    default:
      return nil
    }
  }

  private static func value(_ text: String?) -> JSON {
    text.map { JSON(tolerating: $0) } ?? .null
  }
}
