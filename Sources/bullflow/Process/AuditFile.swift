import Foundation
import QueueClient
import Redis

/// The file that keeps who changed what and when: a line of JSON for each change, readable by its owner alone.
struct AuditFile: Sendable {
  /// Where it is.
  let path: String
  /// Which Redis, without its password.
  let server: String
  let prefix: String

  /// The file at the usual place: `$XDG_STATE_HOME/bullflow/audit.jsonl`, or below `~/.local/state`; `nil` for a person
  /// without a home.
  static func usualPath(environment: [String: String] = ProcessInfo.processInfo.environment) -> String? {
    let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let folder = state ?? environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.local/state" }
    return folder.map { $0 + "/bullflow/audit.jsonl" }
  }

  /// Adds a line for a change. What cannot be written stops nothing.
  ///
  /// - Returns: a warning that it was not written; `nil` where it was.
  func append(_ record: ChangeRecord) -> String? {
    do {
      try write(line(for: record) + "\n")
      return nil
    } catch {
      return "the change was not recorded in \(path): \(error.reason)"
    }
  }

  /// The line for a change.
  func line(for record: ChangeRecord) -> String {
    let date = Date(timeIntervalSince1970: Double(record.when) / 1000)
    let json: JSON = [
      "when": .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
      "who": .string("\(Self.user)@\(Self.host) \(getpid())"),
      "where": .string("\(server) \(prefix)"),
      "what": .string(record.verb), "jobs": .array(record.subjects.map { .string($0) }), "count": .int(record.count),
      "result": .string(record.result),
    ]
    return json.text
  }

  private struct Obstacle: Error {
    let reason: String

    init(_ code: Int32) { reason = String(cString: strerror(code)).lowercased() }
    init(reason: String) { self.reason = reason }
  }

  private func write(_ line: String) throws(Obstacle) {
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      let owner = [FileAttributeKey.posixPermissions: 0o700]
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: owner)
    }
    // A pipe or a device that nobody reads must hold up nothing.
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw Obstacle(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Obstacle(reason: "it is no file")
    }
    if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 { throw Obstacle(errno) }
    let bytes = Array(line.utf8)
    // One write: lines of several processes stay whole.
    guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else { throw Obstacle(errno) }
  }

  private static var user: String {
    getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "?" }
    return name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? "?"
  }
}
