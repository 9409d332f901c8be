import Foundation
import QueueClient
import Redis
import Synchronization

/// What a command works with.
struct Settings {
  var endpoint: RedisEndpoint
  var prefix: String
  var theme: String?
  /// What the person calls this Redis; empty for nothing.
  var name = ""
  /// Members of jobs' data that rows show, as paths.
  var hints: [String] = []
  /// Filters of jobs, by name.
  var filters: [String: String] = [:]
  /// Whether nothing may be changed.
  var isReadOnly = false
  /// Where changes are recorded; `nil` for nowhere.
  var auditPath: String?

  /// A client of the Redis; of a command that may change nothing, one that sends nothing that does.
  func client() -> RedisClient {
    RedisClient(configuration: RedisConfiguration(endpoint: endpoint, isReadOnly: isReadOnly))
  }

  /// A client for who only looks: a key that holds another kind of value than BullMQ keeps there is warned of, and all
  /// else is shown.
  func lookingClient() -> RedisClient {
    let told = Mutex<Set<String>>([])
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint, isReadOnly: isReadOnly)) { key in
      guard told.withLock({ $0.insert(key).inserted }) else { return }
      Warning.tell("\(key) holds another kind of value than BullMQ keeps there; it is left out")
    }
  }

  /// Refuses where nothing may be changed, before anything is asked.
  func allowChange(_ what: String) throws {
    if isReadOnly { throw Failure(what: what, why: Failure.readOnly, code: .refused) }
  }

  /// Tells of a change that was made, and gives back what is to be warned of: a record that cannot be kept.
  var audit: ChangeAudit {
    guard let auditPath else { return { _ in nil } }
    let file = AuditFile(path: auditPath, server: "\(endpoint)", prefix: prefix)
    return { file.append($0) }
  }

  /// Makes a change, and records what came of it.
  ///
  /// - Parameters:
  ///   - verb: what is done, as the command line says it.
  ///   - subjects: the jobs or queues that it is done to.
  func recording<Value>(
    _ verb: String, _ subjects: [String], _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      let value = try await body()
      record(verb, subjects, "done")
      return value
    } catch {
      record(verb, subjects, Failure(error)?.line ?? "not done")
      throw error
    }
  }

  /// Records a change of a command.
  func record(_ verb: String, _ subjects: [String], _ result: String) {
    let now = Int(clamping: Date().timeIntervalSince1970 * 1000)
    if let warning = audit(ChangeRecord(when: now, verb: verb, subjects: subjects, result: result)) {
      Warning.tell(warning)
    }
  }
}
