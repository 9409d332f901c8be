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
    var cursor = "0"
    let only = type.map { ["TYPE", $0] } ?? []
    repeat {
      let reply = try await send(RedisCommand("SCAN", [cursor, "MATCH", pattern, "COUNT", "1000"] + only))
      guard let parts = reply.array, parts.count == 2 else { throw RedisError.unexpectedReply(command: "SCAN") }
      cursor = parts[0].string ?? "0"
      found.formUnion(parts[1].strings)
    } while cursor != "0"
    return found
  }
}
