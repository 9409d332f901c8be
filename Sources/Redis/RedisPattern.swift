/// Patterns as `SCAN` and `PSUBSCRIBE` take them.
public enum RedisPattern {
  /// A text that a pattern takes literally.
  public static func literal(_ text: String) -> String {
    text.reduce(into: "") { $0 += "*?[]\\^".contains($1) ? "\\\($1)" : "\($1)" }
  }
}

extension RedisClient {
  /// Finds keys, a step at a time, so that Redis is not held up (`SCAN`).
  ///
  /// - Parameters:
  ///   - pattern: what they match.
  ///   - type: what they hold, such as `hash`; `nil` is anything.
  /// - Throws: `RedisError`.
  public func keys(matching pattern: String, type: String? = nil) async throws -> Set<String> {
    var found: Set<String> = []
    var cursor: String? = "0"
    while let here = cursor {
      let step = try await scan(pattern, from: here, type: type)
      found.formUnion(step.keys)
      cursor = step.next
    }
    return found
  }

  /// One step of that search.
  ///
  /// - Parameter cursor: where it goes on; `0` is the beginning.
  /// - Returns: some keys, now and then one that an earlier step gave already, and where the next step goes on; `nil`
  ///   when all have been seen.
  /// - Throws: `RedisError`.
  public func scan(
    _ pattern: String, from cursor: String, type: String? = nil, count: Int = 1000
  ) async throws -> (keys: [String], next: String?) {
    let only = type.map { ["TYPE", $0] } ?? []
    let reply = try await send(RedisCommand("SCAN", [cursor, "MATCH", pattern, "COUNT", "\(count)"] + only))
    guard let parts = reply.array, parts.count == 2, let next = parts[0].string else {
      throw RedisError.unexpectedReply(command: "SCAN")
    }
    return (parts[1].strings, next == "0" ? nil : next)
  }
}
