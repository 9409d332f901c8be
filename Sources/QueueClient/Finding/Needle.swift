/// A text that is looked for within others, in capitals or not.
public struct Needle: Sendable, Hashable {
  /// The text as it was written.
  public let text: String
  private let bytes: [UInt8]

  /// A text to look for.
  public init(_ text: String) {
    self.text = text
    bytes = Array(text.lowercased().utf8)
  }

  /// Whether a text holds it.
  public func isFound(in other: String) -> Bool {
    guard let first = bytes.first else { return true }
    var other = other.lowercased()
    return other.withUTF8 { hay in
      guard hay.count >= bytes.count else { return false }
      for start in 0...(hay.count - bytes.count) where hay[start] == first {
        if bytes.indices.allSatisfy({ hay[start + $0] == bytes[$0] }) { return true }
      }
      return false
    }
  }
}
