import Foundation
import Redis

/// Which of the rights that a worker needs our user lacks.
///
/// A server from 7.0 on is asked (`ACL DRYRUN`); another, or one that forbids that, is sent calls that change nothing:
/// about a key that does not exist, or with a value that is refused.
struct WorkerRights {
  let redis: RedisClient
  let prefix: String

  /// What is missing; `nil` where that cannot be told.
  ///
  /// - Throws: `RedisError`, where Redis cannot be reached.
  func finding() async throws -> Finding? {
    // A client that only reads has no business with workers, and must not send this.
    guard !redis.configuration.isReadOnly else { return nil }
    let user = try await redis.rawReplies(to: [["ACL", "WHOAMI"]]).first?.string
    guard let missing = try await missing(for: user), !missing.isEmpty else {
      return Finding(.ok, "rights", "a worker has all that it needs")
    }
    let advice = missing.map { "+" + $0.lowercased().replacing(" ", with: "|") }.joined(separator: " ")
    let needed = missing.filter { $0 != Self.naming }
    let what =
      needed.isEmpty
      ? "workers are shown only where they name themselves by \(Self.naming)"
      : "workers need \(missing.joined(separator: ", "))"
    return Finding(
      .warn, "rights",
      "\(what), which \(user.map { "user '\($0)'" } ?? "our user") may not use: ACL SETUSER \(user ?? "…") \(advice)")
  }

  /// What a worker can do without, but that nobody sees it then.
  private static let naming = "CLIENT SETNAME"

  /// What a call is named by: a right of its own.
  private static func name(_ call: [String]) -> String { call[0] == "CLIENT" ? naming : call[0] }

  /// Scripts are loaded and run by their SHA, or else sent whole: one of both ways is enough.
  private static func leavingOut(dispensable missing: [String]) -> [String] {
    missing.filter { $0 != "EVAL" && ($0 != "SCRIPT" || missing.contains("EVAL")) }
  }

  private func missing(for user: String?) async throws -> [String]? {
    let all = harmless + others
    if let user {
      let replies = try await redis.rawReplies(
        to: all.map { RedisCommand("ACL", ["DRYRUN", user] + $0) })
      if replies.allSatisfy({ $0.errorLine == nil }) {
        return Self.leavingOut(
          dispensable: zip(all, replies).filter { $1.string != "OK" }.map { Self.name($0.0) })
      }
    }
    let replies = try await redis.rawReplies(to: harmless.map { RedisCommand($0[0], Array($0.dropFirst())) })
    return Self.leavingOut(
      dispensable: zip(harmless, replies).filter { $1.errorLine?.hasPrefix("NOPERM") == true }.map { Self.name($0.0) })
  }

  private var key: String { "\(prefix):bullflow-doctor:\(UUID().uuidString)" }

  /// Calls that change nothing.
  private var harmless: [[String]] {
    let key = key
    return [
      ["BZPOPMIN", key, "0.01"], ["XREAD", "COUNT", "1", "STREAMS", key, "0"], ["GET", key], ["EXISTS", key],
      ["TYPE", key], ["PTTL", key], ["PEXPIRE", key, "1"], ["DEL", key], ["HGETALL", key], ["HMGET", key, "x"],
      ["HDEL", key, "x"], ["LRANGE", key, "0", "-1"], ["LREM", key, "1", "x"], ["LPOS", key, "x"],
      ["RPOPLPUSH", key, key], ["SMEMBERS", key], ["SREM", key, "x"], ["ZSCORE", key, "x"],
      ["ZRANGE", key, "0", "0"], ["ZREM", key, "x"], ["ZPOPMIN", key], ["ZADD", key, "no number", "x"],
      ["XADD", key, "no-id", "x", "x"], ["XTRIM", key, "MAXLEN", "0"], ["SET", key, "x", "PX", "0"],
      ["SCRIPT", "LOAD", "return 1"], ["EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "1", key],
      ["EVAL", "return 1", "1", key], ["CLIENT", "SETNAME", "no name"],
    ]
  }

  /// Calls that would change something.
  private var others: [[String]] {
    let key = key
    return [
      ["LPUSH", key, "x"], ["RPUSH", key, "x"], ["HSET", key, "x", "x"], ["SADD", key, "x"], ["INCR", key],
    ]
  }
}
