import Foundation
import TOMLKit

/// The settings file: `url`, `prefix` and `theme`, each optional.
struct SettingsFile {
  var url: String?
  var prefix: String?
  var theme: String?

  private static let known: Set<String> = ["url", "prefix", "theme"]

  /// Reads the file named, or the one at the usual place where there is one.
  static func read(_ path: String?) throws -> SettingsFile {
    guard let path = path ?? usualPath else { return SettingsFile() }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure(what: "--config", why: "cannot read \(path)", code: .badInput)
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch {
      throw Failure(what: path, why: "not TOML: \(error)", code: .badInput)
    }
    if let stranger = table.keys.first(where: { !known.contains($0) }) {
      throw Failure(
        what: path, why: "unknown setting '\(stranger)'; known are \(known.sorted().joined(separator: ", "))",
        code: .badInput)
    }
    return SettingsFile(url: table["url"]?.string, prefix: table["prefix"]?.string, theme: table["theme"]?.string)
  }

  private static var usualPath: String? {
    let environment = ProcessInfo.processInfo.environment
    let folder = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
    let path = folder.map { $0 + "/bullflow/config.toml" }
    return path.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }
}
