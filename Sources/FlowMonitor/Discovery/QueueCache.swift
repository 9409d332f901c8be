import Foundation
import QueueClient
import Redis

/// The queues of a server and a prefix, remembered from one time to the next, in a file that only its owner may read.
/// It holds names of queues alone; what cannot be read, or written, is done without.
public struct QueueCache: Sendable {
  let file: URL
  private static let mostQueues = 10_000

  /// The place of a server's and a prefix's queues in a folder. Neither address nor user stands in the name of the file.
  init(folder: URL, endpoint: RedisEndpoint, prefix: String) {
    let place: String
    switch endpoint.address {
    case .unix(let path): place = "unix \(path)"
    case .tcp(let host, let port): place = "tcp \(host) \(port)"
    }
    file = folder.appending(path: "queues-" + Self.hash("\(place) \(endpoint.database) \(prefix)") + ".json")
  }

  /// The folder that is used where none is given: `$XDG_CACHE_HOME/bullflow`, else `~/.cache/bullflow`.
  public static func folder(environment: [String: String] = ProcessInfo.processInfo.environment) -> URL? {
    if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
      return URL(fileURLWithPath: folder).appending(path: "bullflow")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return URL(fileURLWithPath: home).appending(path: ".cache/bullflow")
  }

  /// The queues remembered.
  func read() -> Set<QueueKey> {
    guard let data = try? Data(contentsOf: file), data.count < 1 << 22,
      let names = (try? JSON(parsing: String(decoding: data, as: UTF8.self)))?["queues"]?.array
    else { return [] }
    return Set(names.prefix(Self.mostQueues).compactMap { $0.string.flatMap { QueueKey(qualifiedName: $0) } })
  }

  /// Remembers queues.
  func write(_ queues: [QueueKey]) {
    let names = Set(queues).sorted().prefix(Self.mostQueues).map { JSON.string($0.description) }
    let text = JSON.object([JSON.Member("queues", .array(names))]).text + "\n"
    if let present = try? Data(contentsOf: file), present == Data(text.utf8) { return }
    let manager = FileManager.default
    let folder = file.deletingLastPathComponent()
    try? manager.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    // Written aside and moved, so that another bullflow never reads half of it.
    let draft = folder.appending(path: ".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
    guard manager.createFile(atPath: draft.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    else { return }
    if rename(draft.path, file.path) != 0 { try? manager.removeItem(at: draft) }
  }

  /// FNV-1a, 64 bits: the same on every run, unlike Swift's own.
  private static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 {
      hash ^= UInt64(byte)
      hash &*= 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}
