import Redis

/// What a stretch of work cost the server itself.
struct ServerLoad {
  /// Seconds that the server's main thread computed.
  var cpu: Double
  /// Seconds that passed.
  var wall: Double

  /// Measures some work on a server.
  ///
  /// - Returns: the load, and what the work returned.
  static func during<Result>(
    _ redis: RedisClient, _ work: () async throws -> Result
  ) async throws -> (ServerLoad, Result) {
    let before = try await cpu(of: redis)
    let start = ContinuousClock.now
    let result = try await work()
    let wall = (ContinuousClock.now - start).seconds
    return (ServerLoad(cpu: try await cpu(of: redis) - before, wall: wall), result)
  }

  private static func cpu(of redis: RedisClient) async throws -> Double {
    let info = try await redis.send(["INFO", "cpu"]).string ?? ""
    return info.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
      let parts = line.split(separator: ":")
      guard parts.count == 2, parts[0].hasSuffix("_main_thread") else { return sum }
      return sum + (Double(parts[1]) ?? 0)
    }
  }

  /// The longest that one command held the server up since `reset`, in milliseconds, and which it was.
  static func longestStall(of redis: RedisClient) async throws -> (milliseconds: Double, command: String) {
    let slowest = (try await redis.send(["SLOWLOG", "GET", "-1"]).array ?? []).compactMap(\.array)
      .max { ($0[2].int ?? 0) < ($1[2].int ?? 0) }
    let words = slowest?[3].strings.prefix(1).joined(separator: " ") ?? "none"
    return (Double(slowest?[2].int ?? 0) / 1000, words)
  }

  /// Has the server note how long each command takes, from now on.
  static func watchStalls(of redis: RedisClient) async throws {
    try await redis.send(["CONFIG", "SET", "slowlog-log-slower-than", "1000"])
    try await redis.send(["SLOWLOG", "RESET"])
  }
}
