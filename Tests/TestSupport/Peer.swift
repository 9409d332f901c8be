import Foundation
import PrivateRedis
import QueueClient
import Redis

/// The real BullMQ (its Python package), working on the same Redis.
public actor Peer {
  private let child: ChildProcess
  private var answers: AsyncStream<String>.Iterator

  /// The peer said no.
  public struct Refusal: Error, CustomStringConvertible {
    /// Its words.
    public let description: String
  }

  /// Starts the peer on a Redis, and waits until it is ready.
  public init(on endpoint: RedisEndpoint) async throws {
    let script = Places.project.appending(path: "Tests/TestSupport/peer.py").path
    child = try ChildProcess(Places.python, ["-u", script, Self.url(of: endpoint)])
    var answers = child.lines.makeAsyncIterator()
    guard await answers.next() != nil else {
      throw Refusal(description: "the Python peer does not start; Scripts/install-peer.sh installs it")
    }
    self.answers = answers
  }

  /// The URL by which Python reaches a private Redis.
  public static func url(of endpoint: RedisEndpoint) -> String {
    switch endpoint.address {
    case .unix(let path): "unix://\(path)"
    case .tcp(let host, let port): "redis://\(host):\(port)"
    }
  }

  /// Has the peer do something.
  ///
  /// - Returns: its answer.
  /// - Throws: `Refusal`, when the peer raised an error.
  @discardableResult
  public func ask(_ op: String, _ arguments: [(String, JSON)] = []) async throws -> JSON {
    let command = JSON.object([JSON.Member("op", .string(op))] + arguments.map { JSON.Member($0.0, $0.1) })
    try child.write(command.text)
    // An actor gives way at each await; the tests ask one thing after the other.
    var iterator = answers
    let line = await iterator.next(isolation: #isolation)
    answers = iterator
    guard let line else { throw Refusal(description: "the peer has ended") }
    let answer = try JSON(parsing: line)
    if let error = answer["error"]?.string { throw Refusal(description: error) }
    return answer["ok"] ?? .null
  }

  /// Ends the peer as `kill -9` does: whatever its workers have in hand is left as it is.
  public func kill() { _ = Foundation.kill(child.id, SIGKILL) }

  /// Has the peer do something, with the arguments as a JSON object.
  @discardableResult
  public func ask(_ op: String, _ arguments: JSON) async throws -> JSON {
    try await ask(op, (arguments.members ?? []).map { ($0.name, $0.value) })
  }
}
