/// A Lua script, sent once and from then on run by its SHA.
public struct RedisScript: Sendable, Hashable {
  /// What errors and the client's cache of SHAs call it.
  public let name: String
  /// The Lua source.
  public let source: String
  /// Whether the script changes nothing: a client that only reads runs no other.
  public let isReadOnly: Bool

  /// A script from its source.
  ///
  /// - Parameters:
  ///   - name: unique among the scripts of a program.
  ///   - source: Lua 5.1, as Redis runs it.
  ///   - isReadOnly: whether it changes nothing.
  public init(name: String, source: String, isReadOnly: Bool = false) {
    self.name = name
    self.source = source
    self.isReadOnly = isReadOnly
  }
}
