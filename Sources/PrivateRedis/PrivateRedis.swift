import Foundation
import Redis

/// A redis-server of one's own: for the demo, tests and benchmarks.
///
/// It listens on a Unix socket (and on a free TCP port where asked), keeps nothing on disk, and ends with
/// `stop()` or with this process, however that ends: a shell stands between, and takes the server down
/// when its standard input closes.
public final class PrivateRedis: Sendable {
  /// Where the server listens.
  public let endpoint: RedisEndpoint
  /// The folder of its socket and log.
  public let directory: URL
  /// The server's process id.
  public let processID: Int32
  private let guardian: Guardian

  /// Why no server could be started.
  public struct Failure: Error, CustomStringConvertible {
    /// One line: what, why, what to do.
    public let description: String
  }

  /// Starts a server and waits until it answers.
  ///
  /// - Parameters:
  ///   - port: a TCP port to listen on beside the socket; `nil` for the socket alone.
  ///   - directory: where its files go; a new temporary folder without it.
  ///   - options: further settings, as redis-server takes them on its command line (`--requirepass`, …).
  /// - Throws: `Failure` when redis-server is missing or does not come up within ten seconds.
  public static func start(
    port: Int? = nil, directory: URL? = nil, options: [String] = []
  ) async throws -> PrivateRedis {
    guard let program = find("redis-server") else {
      throw Failure(description: "redis-server is not installed; on Debian: apt-get install redis-server")
    }
    let folder = directory ?? FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let server = try PrivateRedis(program: program, port: port, folder: folder, options: options)
    try await server.waitUntilReady()
    return server
  }

  private init(program: String, port: Int?, folder: URL, options: [String]) throws {
    directory = folder
    let socket = folder.appending(path: "redis.sock").path
    endpoint = RedisEndpoint(address: .unix(path: socket))
    let settings =
      ["--port", "\(port ?? 0)", "--bind", "127.0.0.1", "--unixsocket", socket, "--save", "", "--dir", folder.path]
      + ["--logfile", folder.appending(path: "redis.log").path, "--daemonize", "no"] + options
    guardian = try Guardian(command: [program] + settings)
    processID = guardian.processID
  }

  private func waitUntilReady() async throws {
    let client = RedisClient(
      configuration: RedisConfiguration(endpoint: endpoint, backoff: Backoff(base: .milliseconds(5))))
    defer { client.close() }
    let deadline = ContinuousClock.now + .seconds(10)
    var last = "no answer"
    while ContinuousClock.now < deadline {
      do {
        try await client.send(["PING"])
        return
      } catch let error as RedisError {
        // A server that asks for a password is up.
        if case .refused = error { return }
        last = error.description
      }
      guard kill(processID, 0) == 0 else {
        last =
          (try? String(contentsOf: directory.appending(path: "redis.log"), encoding: .utf8))
          .flatMap { $0.split(separator: "\n").last.map(String.init) } ?? "it ended at once"
        break
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    stop()
    throw Failure(description: "redis-server does not come up: \(last)")
  }

  /// Ends the server and removes its folder. Safe to call twice.
  public func stop() {
    guardian.end()
    try? FileManager.default.removeItem(at: directory)
  }

  /// A TCP port that was free a moment ago.
  public static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard code == 0 else { throw Failure(description: "no free port: \(String(cString: strerror(errno)))") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static func find(_ program: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return (path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"])
      .map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
