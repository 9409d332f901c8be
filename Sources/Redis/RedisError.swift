/// What can go wrong between us and a Redis.
///
/// Each case says what failed and why; none carries a password or an argument of a command.
public enum RedisError: Error, Sendable, Hashable {
  /// The URL or an option of it cannot be used.
  case badURL(String)
  /// A file of certificates or keys cannot be used.
  case badTLSFile(String)
  /// No connection could be made: host, and the cause.
  case unreachable(host: String, cause: String)
  /// The server took the connection, but not us (wrong password, missing rights, no such database).
  case refused(host: String, cause: String)
  /// The connection ended while a command waited for its reply. It may or may not have been carried out.
  case connectionLost(host: String, command: String, cause: String)
  /// No reply came in time.
  case timeout(host: String, command: String, after: Duration)
  /// The server answered a command with an error line.
  case reply(command: String, line: String)
  /// What came is no RESP2, or larger than allowed.
  case protocolViolation(String)
  /// The client may only read, and the command was not sent.
  case readOnly(command: String)
  /// A reply of another shape than the command has.
  case unexpectedReply(command: String)
  /// The client was closed.
  case closed
}

extension RedisError {
  /// The error that a command was answered with.
  ///
  /// Redis does not say which key held the wrong kind of value: the command knows; a script has several keys. A key is no secret.
  static func reply(to command: RedisCommand, line: String) -> RedisError {
    guard line.hasPrefix("WRONGTYPE"), !command.runsScript, let key = command.key else {
      return .reply(command: command.name, line: line)
    }
    return .reply(command: command.name, line: "\(line): \(String(reflecting: key))")
  }

  /// Whether the server answered, with an error line.
  public var isReply: Bool {
    if case .reply = self { true } else { false }
  }

  /// Whether a key held another kind of value than the command is for.
  public var isWrongType: Bool {
    if case .reply(_, let line) = self { line.hasPrefix("WRONGTYPE") } else { false }
  }
}

extension RedisError: CustomStringConvertible {
  /// One line: what, why, and what to do where that is known.
  public var description: String {
    switch self {
    case .badURL(let why):
      "bad Redis URL: \(why)"
    case .badTLSFile(let why):
      "TLS: \(why)"
    case .unreachable(let host, let cause):
      "cannot reach Redis at \(host): \(cause)"
    case .refused(let host, let cause):
      "Redis at \(host) refused us: \(cause)"
    case .connectionLost(let host, let command, let cause):
      "connection to Redis at \(host) lost during \(command): \(cause)"
    case .timeout(let host, let command, let limit):
      "Redis at \(host) did not answer \(command) within \(limit.seconds) s"
    case .reply(let command, let line):
      "Redis refused \(command): \(line)" + (ServerRefusal(line).map { "; \($0.advice)" } ?? "")
    case .protocolViolation(let why):
      "not a Redis server, or a broken one: \(why)"
    case .unexpectedReply(let command):
      "Redis answered \(command) with an unknown kind of reply"
    case .readOnly(let command):
      "this connection only reads; \(command) was not sent"
    case .closed:
      "the Redis client is closed"
    }
  }

  /// Whether the server cannot be talked to, as against a command it refused.
  public var isConnectionFailure: Bool {
    switch self {
    case .unreachable, .refused, .connectionLost, .timeout, .protocolViolation, .closed: true
    case .badURL, .badTLSFile, .reply, .readOnly, .unexpectedReply: false
    }
  }

  /// Whether the command was sent and not answered: it may have been carried out, or not.
  public var leavesOutcomeOpen: Bool {
    switch self {
    case .connectionLost, .timeout, .protocolViolation, .unexpectedReply: true
    case .badURL, .badTLSFile, .unreachable, .refused, .reply, .readOnly, .closed: false
    }
  }

  /// Whether the server is away, and may be back for another try: as against one that refuses us, or whose answers
  /// cannot be used.
  public var isAway: Bool {
    switch self {
    case .unreachable, .connectionLost, .timeout: true
    case .badURL, .badTLSFile, .refused, .reply, .readOnly, .protocolViolation, .unexpectedReply, .closed: false
    }
  }

  /// Whether the server said that our user lacks the right for a command (`NOPERM`).
  public var isMissingRight: Bool {
    serverRefusal == .missingRight
  }

  /// Whether the server, as it is or as it treats us, does not take a command that is itself right: a missing right, a
  /// replica, a node of a Cluster, no memory left.
  public var isServersRefusal: Bool { serverRefusal != nil }

  private var serverRefusal: ServerRefusal? {
    if case .reply(_, let line) = self { ServerRefusal(line) } else { nil }
  }
}

extension Duration {
  /// The whole duration in seconds, as a fraction.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
