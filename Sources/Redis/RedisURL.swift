import Foundation

/// The pieces of a Redis URL.
///
/// Stricter than URLs in general: what would read a password that should have been percent-encoded as a host, a path or
/// a database is refused, so that no message names a piece of it later.
struct RedisURL {
  var scheme: Scheme
  var user = ""
  var password = ""
  /// Host and port.
  var authority: String
  /// With its slash, still percent-encoded.
  var path = ""
  /// The query's `db`.
  var databaseOption: String?

  enum Scheme { case redis, rediss, unix }

  private static let encode =
    "percent-encode special characters in user and password: @ is %40, : %3A, / %2F, # %23, ? %3F, % %25"

  init(_ text: String) throws(RedisError) {
    let text = text.trimmingCharacters(in: Self.around)
    guard !text.isEmpty else { throw .badURL("it is empty") }
    guard let separator = text.range(of: "://") else {
      throw .badURL("it has no scheme; use redis://host:port, rediss://host:port or unix:///path")
    }
    scheme = try Self.scheme(text[..<separator.lowerBound].lowercased())
    let rest = text[separator.upperBound...]
    guard !rest.contains("#") else { throw .badURL("it holds a #; \(Self.encode)") }
    guard !rest.contains(where: { $0.isNewline || $0.isWhitespace }) else {
      throw .badURL("it holds a blank (%20) or a line end")
    }
    let whole = rest.prefix { $0 != "/" && $0 != "?" }
    let behind = rest[whole.endIndex...]
    if let at = whole.lastIndex(of: "@") {
      let credentials = whole[..<at]
      let name = credentials.prefix { $0 != ":" }
      user = String(name)
      password = String(credentials[name.endIndex...].dropFirst())
      authority = String(whole[whole.index(after: at)...])
    } else {
      authority = String(whole)
    }
    // An @ behind a slash: what stands before it was meant as a password.
    guard whole.isEmpty && scheme == .unix || !behind.contains("@") else { throw .badURL("it holds an @ behind a / or ?; \(Self.encode)") }
    let slashed = behind.prefix { $0 != "?" }
    path = String(slashed)
    for option in behind[slashed.endIndex...].dropFirst().split(separator: "&") where option.hasPrefix("db=") {
      databaseOption = String(option.dropFirst(3))
    }
  }

  private static let around = CharacterSet.whitespacesAndNewlines.union(CharacterSet(charactersIn: "\u{FEFF}\u{0}"))

  private static func scheme(_ name: String) throws(RedisError) -> Scheme {
    switch name {
    case "redis": return .redis
    case "rediss": return .rediss
    case "unix", "redis+unix", "redis+socket": return .unix
    case "redis+sentinel", "redis+cluster", "rediss+sentinel", "rediss+cluster":
      throw .badURL("Sentinel and Cluster URLs are not supported; give one server's own redis:// or rediss:// URL")
    default: throw .badURL("its scheme is unknown; use redis://, rediss:// or unix://")
    }
  }

  /// Host and port.
  func address() throws(RedisError) -> RedisEndpoint.Address {
    var host = authority[...]
    var digits: Substring?
    if host.hasPrefix("[") {
      guard let end = host.lastIndex(of: "]") else { throw .badURL("its [ has no ]") }
      let behind = host[host.index(after: end)...]
      guard behind.isEmpty || behind.hasPrefix(":") else { throw .badURL("something stands between ] and the port") }
      digits = behind.isEmpty ? nil : behind.dropFirst()
      host = host[host.index(after: host.startIndex)..<end]
    } else if let colon = host.firstIndex(of: ":") {
      digits = host[host.index(after: colon)...]
      host = host[..<colon]
    }
    var port = 6379
    if let digits, !digits.isEmpty {
      guard digits.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(digits), (1...65535).contains(number) else {
        throw .badURL(
          "its port is no number in 1...65535 (a user and a password stand before an @; an IPv6 address in []; "
            + "\(Self.encode))")
      }
      port = number
    }
    return .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port)
  }

  /// A database's number; 0 where none is given.
  static func database(_ text: String) throws(RedisError) -> Int {
    if text.isEmpty { return 0 }
    guard text.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(text), number <= 1_000_000 else {
      throw .badURL("its database is not a number; \(encode)")
    }
    return number
  }

  /// A piece without its percent-encoding; `nil` where there is none.
  static func decoded(_ piece: String) throws(RedisError) -> String? {
    if piece.isEmpty { return nil }
    guard let text = piece.removingPercentEncoding else {
      throw .badURL("a % in it is not followed by two hexadecimal digits; \(encode)")
    }
    return text
  }
}
