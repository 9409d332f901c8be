import Dashboard
import Foundation
import QueueClient
import Redis
import TOMLKit

/// The settings file: everything in it is optional.
struct SettingsFile {
  /// The Redis where no profile is named.
  var usual = Profile()
  /// Other ones, by name.
  var profiles: [String: Profile] = [:]
  /// Filters of jobs, by name.
  var filters: [String: String] = [:]
  /// Names of members of jobs' data whose values are hidden; `nil` for the usual ones.
  var mask: [String]?
  /// What is hidden of jobs' data.
  var masking: Masking { mask.map { Masking(names: $0) } ?? .usual }
  var audit = Audit.usual
  var look = Look()
  var onProblem = OnProblem()

  /// A Redis, and how it is treated.
  struct Profile {
    var url: String?
    var prefix: String?
    var theme: String?
    /// What the person calls this Redis.
    var name: String?
    /// Whether nothing may be changed.
    var isReadOnly = false
    /// Whether the queue's name is to be typed before a change.
    var confirmsQueue = false
  }

  /// Where a profile's Redis is: what it does not say itself is as it is for all.
  func url(of profile: Profile) -> String { profile.url ?? usual.url ?? "redis://127.0.0.1:6379" }

  /// What the keys of a profile's queues begin with.
  func prefix(of profile: Profile) -> String { profile.prefix ?? usual.prefix ?? QueueKey.defaultPrefix }

  /// How the dashboard looks, and what its keys are.
  struct Look {
    var hints = HintPaths()
    var columns: [FlowColumn]?
    var keys = KeyBindings()
  }

  /// What is done when the first problem shows.
  struct OnProblem {
    var bell = false
    var command: [String] = []
  }

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

  /// Reads the file named, or the one at the usual place where there is one.
  ///
  /// - Throws: `Failure` that tells all that is wrong in it, a line each.
  static func read(_ path: String?) throws -> SettingsFile {
    guard let path = path ?? usualPath else { return SettingsFile() }
    let text = try InputText.read(path, what: "--config")
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      // The parser's own words quote what it stumbled over, which may be a password.
      let place = error.source.begin
      throw Failure(
        what: "\(path):\(place.line):\(place.column)",
        why: "not TOML; text stands in quotes, as in url = \"redis://…\"", code: .badInput)
    }
    let faults = SettingsFaults(text)
    let settings = SettingsFile(SettingsReader(table, faults: faults))
    try faults.check(file: path)
    let urls = [settings.usual.url] + settings.profiles.values.map(\.url)
    if urls.contains(where: { $0?.contains("@") == true }) { warnOfReaders(of: path) }
    return settings
  }

  init() {}

  private init(_ reader: SettingsReader) {
    let own = ["profiles", "filters", "audit", "mask", "hints", "columns", "keys", "on_problem"]
    usual = Profile(reader, also: own)
    if let profiles = reader.table("profiles", example: "[profiles.prod]") {
      for name in profiles.names {
        guard let profile = profiles.table(name, example: "[profiles.\(name)]") else { continue }
        var read = Profile(profile, also: [])
        read.name = read.name ?? name
        self.profiles[name] = read
      }
    }
    if let filters = reader.table("filters", example: "[filters]") {
      for name in filters.names { self.filters[name] = filters.text(name) }
    }
    if reader.has("audit") {
      switch reader.value("audit") {
      case .flag(true): break
      case .flag(false): audit = .nowhere
      case .text(let path) where !path.isEmpty: audit = .file((path as NSString).expandingTildeInPath)
      default: reader.fail("audit", "'audit' is neither false nor a file's path")
      }
    }
    mask = reader.texts("mask", example: "mask = [\"password\", \"token\"]")
    look = Look(reader)
    if let alarm = reader.table("on_problem", example: "[on_problem]") { onProblem = OnProblem(alarm) }
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

extension SettingsFile.Profile {
  private static let known = ["url", "name", "prefix", "theme", "read_only", "confirm_queue"]

  /// - Parameter others: settings that may stand beside these.
  fileprivate init(_ reader: SettingsReader, also others: [String]) {
    reader.refuseOthers(than: Self.known + others)
    url = reader.text("url")
    if let url {
      do {
        _ = try RedisEndpoint(url: url)
      } catch {
        reader.fail("url", "'url' cannot be used: \(Failure(error)?.why ?? "it is no Redis URL")")
      }
    }
    prefix = reader.text("prefix")
    if prefix?.isEmpty == true { reader.fail("prefix", "'prefix' is empty") }
    name = reader.text("name")
    theme = reader.text("theme")
    if let theme, !ScreenOptions.isTheme(theme) {
      reader.fail("theme", "'\(theme)' is neither one of \(ScreenOptions.themeNames) nor a file")
    }
    isReadOnly = reader.flag("read_only") ?? false
    confirmsQueue = reader.flag("confirm_queue") ?? false
  }
}

extension SettingsFile.Look {
  fileprivate init(_ reader: SettingsReader) {
    if reader.isTable("hints"), let table = reader.table("hints", example: "[hints]") {
      hints = Self.hints(table)
    } else {
      hints.all = reader.texts("hints", example: "hints = [\"order.id\", \"place\"]") ?? []
    }
    columns = Self.columns(reader)
    guard let table = reader.table("keys", example: "[keys]") else { return }
    for action in table.names {
      guard let names = table.texts(action, example: "\(action) = [\"T\", \"ctrl-t\"]", orOne: true) else { continue }
      do {
        try keys.bind(action, to: names)
      } catch {
        table.fail(action, error.description)
      }
    }
    for action in table.names {
      if let conflict = keys.conflict(of: action) { table.fail(action, conflict) }
    }
  }

  /// `all`, and paths by jobs' and by queues' names.
  private static func hints(_ table: SettingsReader) -> HintPaths {
    table.refuseOthers(than: ["all", "jobs", "queues"], kind: "kind of hints")
    func paths(_ kind: String) -> [String: [String]] {
      guard let inner = table.table(kind, example: "[hints.\(kind)]") else { return [:] }
      let read = inner.names.map { ($0, inner.texts($0, example: "paint = [\"place\"]", orOne: true) ?? []) }
      return Dictionary(read) { first, _ in first }
    }
    return HintPaths(
      all: table.texts("all", example: "all = [\"order.id\"]", orOne: true) ?? [], byName: paths("jobs"),
      byQueue: paths("queues"))
  }

  private static func columns(_ reader: SettingsReader) -> [FlowColumn]? {
    let all = FlowColumn.allCases.map(\.rawValue).joined(separator: ", ")
    guard let names = reader.texts("columns", example: "columns = [\"flow\", \"state\", \"age\"]") else { return nil }
    var columns: [FlowColumn] = []
    for name in names {
      guard let column = FlowColumn(rawValue: name) else {
        reader.fail("columns", "no column is called '\(name)'; there are \(all)")
        continue
      }
      if columns.contains(column) { reader.fail("columns", "the column '\(name)' is there twice") }
      columns.append(column)
    }
    if !columns.contains(.flow) { reader.fail("columns", "the column 'flow' is missing: nothing would name the rows") }
    return columns
  }
}

extension SettingsFile.OnProblem {
  fileprivate init(_ reader: SettingsReader) {
    reader.refuseOthers(than: ["bell", "command"])
    bell = reader.flag("bell") ?? false
    command = reader.texts("command", example: "command = [\"notify-send\", \"stuck\"]") ?? []
    if reader.has("command"), command.first?.isEmpty ?? true, reader.isList("command") {
      reader.fail("command", "'command' names no program")
    }
  }
}
