import Foundation
import QueueClient
import Redis

/// Everything that a Redis holds, in words that can be compared: times of now become one word, stream ids and the
/// order within sets and hashes fall away.
public struct StateDump: Sendable, Equatable {
  /// What stands under each key, line by line.
  public private(set) var keys: [String: [String]] = [:]

  /// Reads everything.
  ///
  /// - Parameter ordered: whether the order of events counts; it does not where a script walks a set, which has none.
  public init(of redis: RedisClient, ordered: Bool = true) async throws {
    let names = try await redis.send(["KEYS", "*"]).strings.sorted()
    let types = try await redis.pipeline(names.map { ["TYPE", .text($0)] }).map { $0.string ?? "" }
    let values = try await redis.pipeline(zip(names, types).map { Self.question($0, type: $1) })
    for ((name, type), value) in zip(zip(names, types), values) {
      let lines = Self.lines(value, of: name, type: type)
      keys[name] = [type] + (type == "stream" && !ordered ? lines.sorted() : lines)
    }
    silenceBells()
  }

  /// A marker that rings for work that is not there says nothing: BullMQ sets it whenever a job was taken, ours only
  /// while there is another one, so as to wake nobody for nothing.
  private mutating func silenceBells() {
    for marker in keys.keys where marker.hasSuffix(":marker") {
      let queue = marker.dropLast(":marker".count)
      guard keys[queue + ":wait"] == nil, keys[queue + ":prioritized"] == nil else { continue }
      keys[marker]?.removeAll { $0 == "0 @ 0" }
      if keys[marker]?.count == 1 { keys[marker] = nil }
    }
  }

  private static func question(_ name: String, type: String) -> RedisCommand {
    switch type {
    case "hash": ["HGETALL", .text(name)]
    case "list": ["LRANGE", .text(name), "0", "-1"]
    case "set": ["SMEMBERS", .text(name)]
    case "zset": ["ZRANGE", .text(name), "0", "-1", "WITHSCORES"]
    case "stream": ["XRANGE", .text(name), "-", "+"]
    default: ["GET", .text(name)]
    }
  }

  private static func lines(_ value: RESPValue, of name: String, type: String) -> [String] {
    switch type {
    case "hash": value.pairs.map { "\($0.name) = \(field($0.name, $0.value.string ?? ""))" }.sorted()
    case "list": value.strings
    case "set": value.strings.sorted()
    case "zset": value.pairs.map { "\($0.name) @ \(score($0.value.double ?? 0))" }
    case "stream":
      (value.array ?? []).map { entry in
        (entry.array?.last?.pairs ?? []).map { "\($0.name)=\(time($0.value.string ?? ""))" }.joined(separator: " ")
      }
    // A lock's token is its worker's own.
    default: [name.hasSuffix(":lock") ? "<token>" : value.string.map(time) ?? "nothing"]
    }
  }

  private static func field(_ name: String, _ value: String) -> String {
    switch name {
    case "stacktrace": "\((try? JSON(parsing: value))?.array?.count ?? -1) stacks"
    // Python stores a delay of 0 that nobody gave, Node does not.
    case "opts":
      (try? JSON(parsing: value)).map { json in
        sorted(timeless(.object((json.members ?? []).filter { $0 != .init("delay", 0) }))).text
      } ?? value
    case "parent", "data", "progress", "returnvalue":
      (try? JSON(parsing: value)).map { sorted($0).text } ?? value
    // One of them may have asked the clock a millisecond later.
    case "delay": Int(value).map { $0 > 10_000_000_000 ? "<years>" : String(($0 + 50) / 100 * 100) } ?? value
    default: time(value)
    }
  }

  /// Options without what depends on when they were written.
  private static func timeless(_ json: JSON) -> JSON {
    guard case .object(let members) = json else { return json }
    return .object(
      members.map { member in
        guard let number = member.value.double else { return JSON.Member(member.name, timeless(member.value)) }
        if member.name == "delay", number > 10_000_000_000 { return JSON.Member(member.name, "<years>") }
        return JSON.Member(member.name, isNow(number) ? "<now>" : member.value)
      })
  }

  private static func sorted(_ json: JSON) -> JSON {
    switch json {
    case .object(let members):
      .object(members.map { JSON.Member($0.name, sorted($0.value)) }.sorted { $0.name < $1.name })
    case .array(let elements): .array(elements.map(sorted))
    default: json
    }
  }

  private static func time(_ text: String) -> String {
    guard let number = Double(text) else { return text }
    return isNow(number) ? "<now>" : text
  }

  private static func isNow(_ milliseconds: Double) -> Bool {
    abs(milliseconds - Date().timeIntervalSince1970 * 1000) < 86_400_000
  }

  private static func score(_ score: Double) -> String {
    if isNow(score) { return "<now>" }
    // Due times stand 4096-fold.
    if isNow(score / 4096) { return "<due>" }
    // BullMQ leaves the low bits of a due time as a fraction.
    return String(Int(score.rounded(.down)))
  }

  /// Where two dumps differ, in words.
  public func differences(from other: StateDump, names: (String, String)) -> [String] {
    Set(keys.keys).union(other.keys.keys).sorted().compactMap { key in
      let (mine, theirs) = (keys[key], other.keys[key])
      guard mine != theirs else { return nil }
      guard let mine else { return "\(key): only \(names.1) has it: \(theirs ?? [])" }
      guard let theirs else { return "\(key): only \(names.0) has it: \(mine)" }
      let (left, right) = (mine.filter { !theirs.contains($0) }, theirs.filter { !mine.contains($0) })
      if left.isEmpty, right.isEmpty { return "\(key): the order: \(names.0) \(mine), \(names.1) \(theirs)" }
      return "\(key): \(names.0) \(left), \(names.1) \(right)"
    }
  }
}
