import Redis

/// Runs a script once for each of many small steps, some in one write; what Redis says of one stops no other.
struct StepCalls {
  let redis: RedisClient
  let script: RedisScript

  /// How many calls go out in one write: nobody waits for Redis longer than these take.
  private static let atOnce = 50

  /// Runs the calls in order.
  ///
  /// - Parameter take: is given each call's place and reply, which may be an error reply.
  /// - Throws: `RedisError`, `CancellationError` between two writes.
  func run(_ calls: [ScriptCall], take: (Int, RESPValue) -> Void) async throws {
    for first in stride(from: 0, to: calls.count, by: Self.atOnce) {
      try Task.checkCancellation()
      let portion = first..<min(first + Self.atOnce, calls.count)
      var commands: [RedisCommand] = []
      for call in calls[portion] {
        commands.append(try await redis.command(running: script, keys: call.keys, arguments: call.arguments))
      }
      for (place, reply) in zip(portion, try await redis.rawReplies(to: commands)) {
        guard let line = reply.errorLine, line.hasPrefix("NOSCRIPT") else {
          take(place, reply)
          continue
        }
        // A server that has forgotten the script gets it again, by the call that does so.
        let call = calls[place]
        take(place, try await redis.run(script, keys: call.keys, arguments: call.arguments))
      }
    }
  }
}

extension ErrorCode {
  /// Why a step was not done, by what its script answered.
  static func reason(_ code: Int) -> FlowStep.Reason {
    switch ErrorCode(rawValue: code) {
    case .missingJob: .missing
    case .foreignLock: .active
    case .pendingChildren: .pendingChildren
    case .scheduledJob: .scheduled
    case .failedChildren: .failedChild
    case .parentActive: .parentActive
    case .parentCompleted: .parentCompleted
    default: .changed
    }
  }
}
