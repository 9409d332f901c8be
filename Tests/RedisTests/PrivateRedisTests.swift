import Foundation
import PrivateRedis
import TestSupport
import Testing

/// Servers that only live for us.
struct PrivateRedisTests {
  /// Were one's lifeline inherited by the shell of another, it would outlive its stop.
  @Test(.timeLimit(.minutes(2))) func `servers started at one time end one by one`() async throws {
    let servers = try await withThrowingTaskGroup { group in
      for _ in 0..<24 { group.addTask { try await PrivateRedis.start() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for server in servers {
      #expect(kill(server.processID, 0) == 0)
      server.stop()
      #expect(kill(server.processID, 0) == -1)
    }
  }
}
