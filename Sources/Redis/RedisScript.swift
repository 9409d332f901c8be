/// A Lua script, sent once and from then on run by its SHA.
public struct RedisScript: Sendable, Hashable {
  /// What errors and the client's cache of SHAs call it.
  public let name: String
  /// The Lua source.
  public let source: String

  /// A script from its source.
  ///
  /// - Parameters:
  ///   - name: unique among the scripts of a program.
  ///   - source: Lua 5.1, as Redis runs it.
  public init(name: String, source: String) {
    self.name = name
    self.source = source
  }
}
