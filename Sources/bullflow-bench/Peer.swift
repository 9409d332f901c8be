import Foundation
import PrivateRedis
import QueueClient
import Redis

/// Real BullMQ (its Python package) at the same work: the yardstick.
struct Peer {
  /// The Python that has the package.
  let python: String
  let url: String

  /// What the peer measured.
  struct Figure {
    var count: Int
    var seconds: Double
    var perSecond: Double { Double(count) / seconds }
  }

  init(python: String, endpoint: RedisEndpoint) throws {
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw MeasuringError(description: "no Python with bullmq at \(python); Scripts/install-peer.sh installs it")
    }
    self.python = python
    url =
      switch endpoint.address {
      case .unix(let path): "unix://\(path)"
      case .tcp(let host, let port): "redis://\(host):\(port)"
      }
  }

  /// Has the peer do a case so many times. It empties the database.
  func measure(_ name: String, count: Int) throws -> Figure {
    let script = FileManager.default.temporaryDirectory.appending(path: "bullflow-peer-\(getpid()).py")
    try Data(PackageResources.peer_py).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    let line = try JSON(parsing: output(of: python, [script.path, url, name, "\(count)"]))
    guard let seconds = line["seconds"]?.double else { throw MeasuringError(description: "the peer measured nothing") }
    return Figure(count: count, seconds: seconds)
  }
}
