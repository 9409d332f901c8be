import TOMLKit
import Themes

/// Colours and attributes for every role.
public struct Theme: Sendable, Equatable {
  /// What the theme is called.
  public var name: String
  /// How each role looks; a role without an entry looks like plain text.
  public var looks: [Style.Role: Look]

  /// How a role looks.
  public struct Look: Sendable, Hashable {
    /// The text's colour.
    public var foreground: Color
    /// The colour behind it.
    public var background: Color
    /// Bold, dim, underline, reverse.
    public var attributes: Set<Attribute>

    /// A look from its parts.
    public init(foreground: Color = .default, background: Color = .default, attributes: Set<Attribute> = []) {
      self.foreground = foreground
      self.background = background
      self.attributes = attributes
    }
  }

  /// What a terminal can do to a text beside colouring it.
  public enum Attribute: String, Sendable, Hashable, CaseIterable {
    /// Heavier or brighter.
    case bold
    /// Fainter.
    case dim
    /// With a line below.
    case underline
    /// Foreground and background exchanged.
    case reverse
  }

  /// A theme that cannot be read.
  public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it, in one line.
    public let description: String
  }

  /// The themes that are part of the program.
  public static let builtIn: [Theme] = BuiltInThemes.all.map { theme in
    guard let parsed = try? Theme(toml: theme.toml) else { preconditionFailure("theme \(theme.name) is broken") }
    return parsed
  }

  /// A theme from the text of its file.
  ///
  /// - Throws: `Fault`, naming the entry that is wrong.
  public init(toml: String) throws(Fault) {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: toml)
    } catch {
      throw Fault(description: "not TOML: \(error)")
    }
    if let given = table["name"], given.string == nil { throw Fault(description: "its name is no text") }
    name = table["name"]?.string ?? "unnamed"
    looks = [:]
    guard let styles = table["styles"]?.table else { throw Fault(description: "it has no [styles]") }
    for role in styles.keys {
      guard let known = Style.Role(rawValue: role) else { throw Fault(description: "unknown style '\(role)'") }
      guard let entry = styles[role]?.table else { throw Fault(description: "style '\(role)' is not a table") }
      var look = Look()
      look.foreground = try Self.color(entry, "foreground", role)
      look.background = try Self.color(entry, "background", role)
      for word in entry["attributes"]?.array ?? TOMLArray() {
        guard let attribute = word.string.flatMap(Attribute.init) else {
          throw Fault(description: "style '\(role)': unknown attribute '\(word.debugDescription)'")
        }
        look.attributes.insert(attribute)
      }
      looks[known] = look
    }
  }

  private static func color(_ entry: TOMLTable, _ name: String, _ role: String) throws(Fault) -> Color {
    guard let value = entry[name] else { return .default }
    guard let color = value.string.flatMap({ Color($0) }) ?? value.int.flatMap({ Color(index: $0) }) else {
      let given = value.string.map { "'\($0)'" } ?? value.int.map { "\($0)" } ?? "that"
      throw Fault(description: "style '\(role)': \(name): \(given) is no colour")
    }
    return color
  }

  /// How a style looks; the selection's background lies under every role, the theme's own under everything else. What could
  /// not be read on the selection has its colour.
  public func look(of style: Style) -> Look {
    var look = looks[style.role] ?? looks[.text] ?? Look()
    let base = looks[.background] ?? Look()
    // What has a ground of its own keeps its colour: it could not be read else.
    if style.isDimmed, look.background == .default {
      look.foreground = looks[.faint]?.foreground ?? look.foreground
      look.attributes.subtract([.bold, .underline])
    }
    if style.isSelected {
      let selection = looks[.selection] ?? Look(attributes: [.reverse])
      look.background = selection.background
      let foreground = look.foreground == .default ? base.foreground : look.foreground
      let contrast = foreground.leastContrast(with: selection.background) ?? 0
      if style.role == .text || style.role == .faint || contrast < style.role.leastContrast {
        look.foreground = selection.foreground
      }
      look.attributes.formUnion(selection.attributes)
    }
    if look.background == .default { look.background = base.background }
    if look.foreground == .default { look.foreground = base.foreground }
    return look
  }
}

extension Theme {
  /// The themes that are part of the program, the one first that fits a terminal.
  ///
  /// - Parameter background: what the terminal shows behind its text; dark where it does not say.
  public static func builtIn(fitting background: TerminalBackground?) -> [Theme] {
    let first = background == .light ? "light" : "dark"
    return builtIn.filter { $0.name == first } + builtIn.filter { $0.name != first }
  }
}
