import Foundation
import TOMLKit

/// The settings file: `url`, `name`, `prefix`, `theme`, `hints`, `mask`, `filters`, `read_only` and `audit`, each optional.
struct SettingsFile {
  var url: String?
  var prefix: String?
  var theme: String?
  /// What the person calls this Redis.
  var name: String?
  /// Members of jobs' data that rows show, as paths.
  var hints: [String] = []
  /// Filters of jobs, by name.
  var filters: [String: String] = [:]
  /// Names of members of jobs' data whose values are hidden; `nil` for the usual ones.
  var mask: [String]?
  /// Whether nothing may be changed.
  var isReadOnly = false
  var audit = Audit.usual

  /// Where changes are recorded.
  enum Audit: Equatable {
    case usual
    case file(String)
    case nowhere

    /// The file; `nil` for none.
    var path: String? {
      switch self {
      case .usual: AuditFile.usualPath()
      case .file(let path): path
      case .nowhere: nil
      }
    }
  }

  private static let known: Set<String> = [
    "url", "name", "prefix", "theme", "hints", "mask", "filters", "read_only", "audit",
  ]

  /// Reads the file named, or the one at the usual place where there is one.
  static func read(_ path: String?) throws -> SettingsFile {
    guard let path = path ?? usualPath else { return SettingsFile() }
    let text = try InputText.read(path, what: "--config")
    func fail(_ why: String) -> Failure { Failure(what: path, why: why, code: .badInput) }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      // The parser's own words quote what it stumbled over, which may be a password.
      throw fail("not TOML at \(error.source.begin.debugDescription); text stands in quotes, as in url = \"redis://…\"")
    }
    if let stranger = table.keys.first(where: { !known.contains($0) }) {
      throw fail(
        "unknown setting '\(Secrets.hidden(in: stranger))'; known are \(known.sorted().joined(separator: ", "))")
    }
    func setting(_ name: String) throws -> String? {
      guard let value = table[name] else { return nil }
      guard let text = value.string else { throw fail("'\(name)' is not text in quotes") }
      return text
    }
    var settings = SettingsFile(
      url: try setting("url"), prefix: try setting("prefix"), theme: try setting("theme"), name: try setting("name"))
    if let value = table["hints"] {
      let paths = value.array.map { $0.map(\.string) }
      guard let paths, paths.allSatisfy({ $0 != nil }) else {
        throw fail("'hints' is not a list of paths in quotes, as in hints = [\"order.id\", \"place\"]")
      }
      settings.hints = paths.compactMap(\.self)
    }
    if let value = table["mask"] {
      let names = value.array.map { $0.map(\.string) }
      guard let names, names.allSatisfy({ $0 != nil }) else {
        throw fail("'mask' is not a list of names in quotes, as in mask = [\"password\", \"token\"]")
      }
      settings.mask = names.compactMap(\.self)
    }
    if let value = table["filters"] {
      guard let filters = value.table else { throw fail("'filters' is no table, as in [filters]") }
      for name in filters.keys {
        guard let text = filters[name]?.string else {
          throw fail("the filter '\(name)' is not text in quotes, as in \(name) = \"state:failed queue:mail*\"")
        }
        settings.filters[name] = text
      }
    }
    if let value = table["read_only"] {
      guard let isReadOnly = value.bool else { throw fail("'read_only' is neither true nor false") }
      settings.isReadOnly = isReadOnly
    }
    switch (table["audit"]?.bool, table["audit"]) {
    case (_, nil), (true, _): break
    case (false, _): settings.audit = .nowhere
    case (nil, let value?):
      guard let path = value.string, !path.isEmpty else { throw fail("'audit' is neither false nor a file's path") }
      settings.audit = .file((path as NSString).expandingTildeInPath)
    }
    if settings.url?.contains("@") == true { warnOfReaders(of: path) }
    return settings
  }

  /// Says so where others may read a file with a secret in it.
  static func warnOfReaders(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else { return }
    Warning.tell("\(path) holds a password that other users of this machine can read; chmod 600 it")
  }

  private static var usualPath: String? {
    let environment = ProcessInfo.processInfo.environment
    let folder = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
    let path = folder.map { $0 + "/bullflow/config.toml" }
    return path.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }
}
