import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Opens connections: transport, TLS, and the commands that make a connection ours.
struct Connector: Sendable {
  let configuration: RedisConfiguration
  var eventLoops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

  /// Connects, introduces us and selects the database.
  ///
  /// - Throws: `RedisError.unreachable` or `.refused`, each with the host and a cause in words.
  func connect() async throws -> RedisConnection {
    let endpoint = configuration.endpoint
    let connection: RedisConnection
    do {
      connection = try await open()
    } catch let error as RedisError {
      throw error
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw RedisError.unreachable(host: endpoint.host, cause: Self.cause(error))
    }
    do {
      try await introduce(on: connection)
      return connection
    } catch {
      connection.close()
      throw error
    }
  }

  private func open() async throws -> RedisConnection {
    let endpoint = configuration.endpoint
    let tls = try endpoint.tls.map { try Self.context($0) }
    let name = endpoint.tls.flatMap { _ in Self.serverName(endpoint.address) }
    let configuration = configuration
    let bootstrap = ClientBootstrap(group: eventLoops)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.socketOption(.so_keepalive), value: 1)
    // Made with the channel, not looked for afterwards: a channel that fails at once still says why.
    @Sendable func initialize(_ channel: any Channel) -> EventLoopFuture<RedisConnection> {
      channel.eventLoop.makeCompletedFuture {
        if let tls {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        let handler = ConnectionHandler(allocator: channel.allocator, limits: configuration.limits)
        try channel.pipeline.syncOperations.addHandler(handler)
        return RedisConnection(
          channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop), outbox: handler.outbox,
          host: configuration.endpoint.host, timeout: configuration.commandTimeout,
          isReadOnly: configuration.isReadOnly
        )
      }
    }
    switch endpoint.address {
    case .tcp(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: initialize)
    case .unix(let path):
      return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initialize)
    }
  }

  private func introduce(on connection: RedisConnection) async throws {
    let endpoint = configuration.endpoint
    var commands: [RedisCommand] = []
    if let password = endpoint.password {
      commands.append(RedisCommand("AUTH", (endpoint.username.map { [$0] } ?? []) + [password]))
    }
    if endpoint.database != 0 { commands.append(["SELECT", .init(endpoint.database)]) }
    commands.append(["PING"])
    commands.append(["CLIENT", "SETNAME", .init(configuration.clientName)])
    let replies: [RESPValue]
    do {
      replies = try await connection.rawReplies(to: commands, timeout: configuration.connectTimeout)
    } catch let error as RedisError {
      throw RedisError.unreachable(host: endpoint.host, cause: Self.handshakeCause(error))
    }
    // The name is a courtesy to whoever reads CLIENT LIST; a server may forbid it.
    for reply in replies.dropLast() {
      guard let line = reply.errorLine else { continue }
      if line.hasPrefix("LOADING") || line.hasPrefix("MASTERDOWN") {
        throw RedisError.unreachable(host: endpoint.host, cause: line)
      }
      if line.hasPrefix("NOPERM"), line.contains("ping") { continue }
      throw RedisError.refused(host: endpoint.host, cause: Self.advice(line))
    }
  }

  // MARK: Words

  private static func advice(_ line: String) -> String {
    if line.hasPrefix("NOAUTH") {
      return "it wants a password; give one in REDIS_URL, with --password-file, or in REDIS_PASSWORD"
    }
    if line.hasPrefix("WRONGPASS") { return "wrong user or password" }
    if line.contains("without any password configured") { return "it has no password set, but one was given" }
    return line
  }

  private static func handshakeCause(_ error: RedisError) -> String {
    switch error {
    case .timeout: "it took the connection but did not answer (is it a Redis, and is TLS right?)"
    case .connectionLost(_, _, let cause): "\(cause) (is it a Redis, and is TLS right?)"
    case .protocolViolation(let why): "not a Redis server, or a broken one: \(why)"
    default: error.description
    }
  }

  /// A cause in words, where the frameworks give codes.
  static func cause(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      if let failure = error.connectionErrors.first { return cause(failure.error) }
      return "the host name '\(error.host)' does not resolve"
    case let error as IOError:
      return String(cString: strerror(error.errnoCode)).lowercased()
    case ChannelError.connectTimeout(let limit):
      return "no answer within \(Double(limit.nanoseconds) / 1e9) s"
    case let error as RedisError:
      return error.description
    case let error as any CustomStringConvertible:
      return error.description
    default:
      return "\(error)"
    }
  }

  // MARK: TLS

  private static func context(_ tls: RedisEndpoint.TLS) throws -> NIOSSLContext {
    for file in [tls.authorityFile, tls.certificateFile, tls.keyFile].compactMap({ $0 })
    where !FileManager.default.isReadableFile(atPath: file) {
      throw RedisError.badTLSFile("the TLS file \(file) cannot be read")
    }
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      if let file = tls.authorityFile { configuration.trustRoots = .file(file) }
      if let file = tls.certificateFile {
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
      }
      if let file = tls.keyFile {
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
      }
      if tls.acceptsAnyCertificate { configuration.certificateVerification = .none }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw RedisError.badTLSFile("the TLS files cannot be used: \(error)")
    }
  }

  /// The name to check the certificate against; addresses are checked by the connection's own.
  private static func serverName(_ address: RedisEndpoint.Address) -> String? {
    guard case .tcp(let host, _) = address, (try? SocketAddress(ipAddress: host, port: 0)) == nil else { return nil }
    return host
  }
}
