/// Where a Redis is and who we are there.
///
/// Made from a URL: `redis://user:password@host:6379/0`, `rediss://…` for TLS, or
/// `unix:///path/to.sock?db=0`.
public struct RedisEndpoint: Sendable, Hashable {
  /// How the server is reached.
  public enum Address: Sendable, Hashable {
    /// A host name or address, and a port.
    case tcp(host: String, port: Int)
    /// The path of a Unix socket.
    case unix(path: String)
  }

  /// How the server is reached.
  public var address: Address
  /// TLS, or `nil` for a plain connection.
  public var tls: TLS?
  /// The ACL user; `nil` is the server's `default` user.
  public var username: String?
  /// The password, which no description of ours ever shows.
  public var password: String?
  /// The database number.
  public var database: Int

  /// How TLS is set up.
  public struct TLS: Sendable, Hashable {
    /// A PEM file of authorities to trust in place of the system's.
    public var authorityFile: String?
    /// A PEM file with our certificate (chain), for servers that ask for one.
    public var certificateFile: String?
    /// The PEM file of the certificate's private key.
    public var keyFile: String?
    /// Takes any certificate. For debugging only.
    public var acceptsAnyCertificate: Bool

    /// - Parameters:
    ///   - authorityFile: PEM file of trusted authorities; `nil` trusts the system's.
    ///   - certificateFile: PEM file of a client certificate.
    ///   - keyFile: PEM file of its key.
    ///   - acceptsAnyCertificate: skips every check of the server's certificate.
    public init(
      authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
      acceptsAnyCertificate: Bool = false
    ) {
      self.authorityFile = authorityFile
      self.certificateFile = certificateFile
      self.keyFile = keyFile
      self.acceptsAnyCertificate = acceptsAnyCertificate
    }
  }

  /// An endpoint from its parts; without any, the local Redis.
  public init(
    address: Address = .tcp(host: "127.0.0.1", port: 6379), tls: TLS? = nil, username: String? = nil,
    password: String? = nil, database: Int = 0
  ) {
    self.address = address
    self.tls = tls
    self.username = username
    self.password = password
    self.database = database
  }

  /// An endpoint from a URL.
  ///
  /// - Parameter url: `redis://[user[:password]@]host[:port][/db]`, `rediss://…`, or
  ///   `unix://[user:password@]/path[?db=N]`; blanks and line ends around it do not count.
  /// - Throws: `RedisError.badURL`, which repeats no part of the URL: any may be a piece of a password.
  public init(url: String) throws(RedisError) {
    let parts = try RedisURL(url)
    self.init()
    username = try RedisURL.decoded(parts.user)
    password = try RedisURL.decoded(parts.password)
    switch parts.scheme {
    case .unix:
      guard parts.authority.isEmpty else {
        throw .badURL("unix:// takes an absolute path: three slashes, as in unix:///run/redis.sock")
      }
      guard let path = try RedisURL.decoded(parts.path), path.count > 1 else {
        throw .badURL("unix:// needs the socket's absolute path")
      }
      address = .unix(path: path)
      database = try RedisURL.database(parts.databaseOption ?? "")
    case .redis, .rediss:
      address = try parts.address()
      tls = parts.scheme == .rediss ? TLS() : nil
      database = try RedisURL.database(parts.databaseOption ?? parts.path.filter { $0 != "/" })
    }
  }

  /// The server's name for messages: host and port, or the socket's path. No secrets.
  public var host: String {
    switch address {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Host and database, without secrets.
  public var description: String { "\(host)/\(database)" }
  /// Host and database, without secrets.
  public var debugDescription: String { description }
  /// Hides the stored secrets from `dump` and test failures.
  public var customMirror: Mirror { Mirror(self, children: ["endpoint": description]) }
}
