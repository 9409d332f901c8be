/// How a client behaves towards its server.
public struct RedisConfiguration: Sendable, Hashable {
  /// Where the server is.
  public var endpoint: RedisEndpoint
  /// What `CLIENT LIST` calls us.
  public var clientName: String
  /// How long making a connection may take.
  public var connectTimeout: Duration
  /// How long a command may wait for its reply, unless it says otherwise.
  public var commandTimeout: Duration
  /// How long to wait between attempts to connect.
  public var backoff: Backoff
  /// How large a reply may be.
  public var limits: ReplyLimits
  /// Whether nothing may be changed: a command that is not known only to read is refused before it is sent
  /// (`RedisError.readOnly`).
  public var isReadOnly: Bool

  /// A configuration; every part but the endpoint has a sensible default.
  ///
  /// - Parameters:
  ///   - endpoint: the server; without it, the local Redis.
  ///   - clientName: a word without spaces.
  ///   - connectTimeout: for transport, TLS and authentication together with the first reply.
  ///   - commandTimeout: per command; blocking commands carry their own.
  ///   - backoff: between attempts to connect.
  ///   - limits: of one reply.
  ///   - isReadOnly: whether nothing may be changed.
  public init(
    endpoint: RedisEndpoint = RedisEndpoint(), clientName: String = "bullflow",
    connectTimeout: Duration = .seconds(5), commandTimeout: Duration = .seconds(10),
    backoff: Backoff = Backoff(), limits: ReplyLimits = ReplyLimits(), isReadOnly: Bool = false
  ) {
    self.endpoint = endpoint
    self.clientName = clientName
    self.connectTimeout = connectTimeout
    self.commandTimeout = commandTimeout
    self.backoff = backoff
    self.limits = limits
    self.isReadOnly = isReadOnly
  }
}
