import ArgumentParser
import Dashboard
import Foundation

/// How the screen looks: options of `watch`, `demo` and `snapshot`.
struct ScreenOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(stringLiteral: "\(themeNames), or a TOML file (default: dark or light, as the terminal is)."))
  var theme: String?

  @Flag(help: "Draw with ASCII alone.")
  var ascii = false

  /// The themes of the program, for people.
  static let themeNames = Theme.builtIn.map(\.name).joined(separator: ", ")

  /// Whether a setting names a theme, or a file.
  static func isTheme(_ name: String) -> Bool {
    Theme.builtIn.contains { $0.name == name } || FileManager.default.fileExists(atPath: name)
  }

  /// All themes, the wanted one first; where none is wanted, the one that fits the terminal.
  func themes(
    preferring setting: String?, fitting background: @autoclosure () -> TerminalBackground? = nil
  ) throws -> [Theme] {
    guard let wanted = theme ?? setting else { return Theme.builtIn(fitting: background()) }
    if let index = Theme.builtIn.firstIndex(where: { $0.name == wanted }) {
      var themes = Theme.builtIn
      themes.insert(themes.remove(at: index), at: 0)
      return themes
    }
    guard FileManager.default.fileExists(atPath: wanted) else {
      throw Failure(
        what: "--theme", why: "'\(wanted)' is neither one of \(Self.themeNames) nor a file", code: .badInput)
    }
    let text = try InputText.read(wanted, what: "--theme")
    do {
      return [try Theme(toml: text)] + Theme.builtIn
    } catch {
      throw Failure(what: wanted, why: error.description, code: .badInput)
    }
  }

  /// Whether colours are welcome (https://no-color.org).
  var isColored: Bool {
    ProcessInfo.processInfo.environment["NO_COLOR"].map(\.isEmpty) ?? true
  }
}
