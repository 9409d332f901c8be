import QueueClient

/// What is secret in what jobs hold, by the names that stand before it: it is hidden wherever it would be shown or copied.
///
/// A name is a secret's when it is one of the names given, or ends in one, whatever its case and its separators: `token`
/// hides `accessToken`, `REFRESH-TOKEN` and `tokens`, and leaves `tokenCount`.
public struct Masking: Sendable, Hashable {
  private let names: [[UInt8]]

  /// The names that are hidden where nobody says otherwise.
  public static let usualNames = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "jwt", "api_key", "access_key", "secret_key",
    "private_key", "encryption_key", "authorization", "auth", "cookie", "credential", "credit_card", "ssn",
  ]

  /// Hides what most people would call secret.
  public static let usual = Masking(names: usualNames)
  /// Hides nothing.
  public static let none = Masking(names: [])

  /// What stands in the place of a secret.
  static let mark = "***"

  /// Hides what stands behind these names.
  public init(names: [String]) { self.names = names.map { Self.normalized($0.utf8) }.filter { !$0.isEmpty } }

  /// Whether what stands behind a name is secret.
  func hides(_ name: String) -> Bool { hides(name.utf8) }

  func hides(_ name: some Collection<UInt8>) -> Bool {
    guard !names.isEmpty, name.count <= Self.longestName else { return false }
    let name = Self.normalized(name)
    return names.contains { name.ends(with: $0) || name.last == UInt8(ascii: "s") && name.dropLast().ends(with: $0) }
  }

  /// Whether a name's value goes on to the end of its line, as that of a header does.
  func hidesLine(_ name: some Collection<UInt8>) -> Bool {
    let name = Self.normalized(name)
    return Self.headers.contains { name.ends(with: $0) }
  }

  private static let headers: [[UInt8]] = [Array("authorization".utf8), Array("cookie".utf8)]
  /// Longer texts are no names.
  static let longestName = 200

  /// A name without its case and its separators; what is not ASCII stays.
  private static func normalized(_ name: some Collection<UInt8>) -> [UInt8] {
    name.compactMap { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
      default: nil
      }
    }
  }

  // MARK: Hiding

  /// A value without its secrets: those behind secret names, and those in its texts.
  func masked(_ json: JSON) -> JSON {
    guard !names.isEmpty else { return json }
    switch json {
    case .null, .bool, .number: return json
    case .string(let text): return .string(masked(text))
    case .array(let elements):
      return .array(
        elements.indices.map { index in
          isArgument(elements, behind: index) && elements[index].isWorthHiding
            ? .string(Self.mark) : masked(elements[index])
        })
    case .object(let members):
      return .object(
        members.map { .init($0.name, hides($0.name) && $0.value.isWorthHiding ? .string(Self.mark) : masked($0.value)) }
      )
    }
  }

  /// Whether an element is the value of an option before it: `["--password", "x"]`.
  private func isArgument(_ elements: [JSON], behind index: Int) -> Bool {
    guard index > 0, case .string(let option) = elements[index - 1] else { return false }
    return option.hasPrefix("-") && hides(option)
  }

  /// A text without its secrets.
  func masked(_ text: String) -> String {
    guard !names.isEmpty else { return text }
    var scanner = SecretScanner(masking: self)
    return scanner.masked(text)
  }
}

extension JSON {
  /// Whether it may tell something: that there is no password is no secret.
  fileprivate var isWorthHiding: Bool {
    switch self {
    case .null, .bool: false
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    case .object(let members): !members.isEmpty
    case .number: true
    }
  }
}

extension Collection<UInt8> {
  fileprivate func ends(with end: [UInt8]) -> Bool { count >= end.count && suffix(end.count).elementsEqual(end) }
}
