import Dashboard
import Foundation
import QueueClient
import Redis
import Synchronization

/// What a command works with.
struct Settings {
  var endpoint: RedisEndpoint
  var prefix: String
  /// What the settings file says.
  let file: SettingsFile
  var theme: String?
  /// What the person calls this Redis; empty for nothing.
  var name = ""
  /// Whether nothing may be changed.
  var isReadOnly = false
  /// Whether the queue's name is to be typed before a change of the dashboard.
  var confirmsQueue = false

  init(endpoint: RedisEndpoint, prefix: String, file: SettingsFile) {
    (self.endpoint, self.prefix, self.file) = (endpoint, prefix, file)
  }

  /// Takes what a profile says beside its Redis. What is forbidden for all is for each.
  mutating func take(_ profile: SettingsFile.Profile) {
    theme = profile.theme ?? file.usual.theme
    name = profile.name ?? file.usual.name ?? ""
    isReadOnly = profile.isReadOnly || file.usual.isReadOnly
    confirmsQueue = profile.confirmsQueue || file.usual.confirmsQueue
  }

  /// The settings of another profile. A password or certificate that was given for one server is shown to no other.
  ///
  /// - Parameter isReadOnly: whether nothing may be changed, whatever the profile says.
  /// - Throws: `Failure`; `RedisError` for a bad URL.
  static func of(profile name: String, in file: SettingsFile, isReadOnly: Bool) throws -> Settings {
    guard let profile = file.profiles[name] else {
      throw Failure(what: "ctx", why: "the settings have no profile '\(name)'", code: .usage)
    }
    let endpoint = try RedisEndpoint(url: file.url(of: profile))
    var settings = Settings(endpoint: endpoint, prefix: file.prefix(of: profile), file: file)
    settings.take(profile)
    settings.isReadOnly = settings.isReadOnly || isReadOnly
    return settings
  }

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
    guard let auditPath = file.audit.path else { return { _ in nil } }
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
      record(verb, refused: subjects, error)
      throw error
    }
  }

  /// Records a change of a command.
  func record(_ verb: String, _ subjects: [String], _ result: String) {
    keep(ChangeRecord(when: Self.now, verb: verb, subjects: subjects, result: result))
  }

  /// Records a change that an error kept a command from.
  func record(_ verb: String, refused wanted: [String], _ error: any Error) {
    let why = Failure(error)?.line ?? "not done"
    // What was sent and not answered may have been done.
    guard (error as? RedisError)?.leavesOutcomeOpen == true else {
      return keep(ChangeRecord(when: Self.now, verb: verb, refused: wanted, reason: why))
    }
    let place = wanted.first.map { " (\($0))" } ?? ""
    record(verb, [], "not known whether done: \(why)\(place)")
  }

  /// Keeps a record.
  func keep(_ record: ChangeRecord) {
    if let warning = audit(record) { Warning.tell(warning) }
  }

  private static var now: Int { Int(clamping: Date().timeIntervalSince1970 * 1000) }
}
