import Foundation
import QueueClient

/// The queues and workers that `CLIENT LIST` tells of: BullMQ's workers name their connections after their queue
/// (`WorkerClientName`). Pure.
enum ClientNames {
  /// What may be queues of a prefix, by the connections.
  static func queues(in list: String, prefix: String) -> Set<QueueKey> {
    Set(
      ClientConnection.all(in: list).flatMap { queueNames(in: $0.name, prefix: prefix) }
        .map { QueueKey(prefix: prefix, name: $0) })
  }

  /// A worker's connection.
  struct Worker: Sendable, Equatable {
    /// The worker's name; empty where it has none.
    var name: String
    /// For how many seconds it has asked nothing.
    var idle: Int?
  }

  /// The names that a connection's name may mean: the text itself, as Python's workers give it, and what it is the Base64
  /// of. Whoever asks finds out which of them exists.
  private static func queueNames(in client: String, prefix: String) -> [String] {
    guard client.hasPrefix(prefix + ":") else { return [] }
    let text = String(client.dropFirst(prefix.count + 1).prefix { $0 != ":" })
    guard !text.isEmpty else { return [] }
    guard let data = Data(base64Encoded: text), let name = String(data: data, encoding: .utf8),
      !name.isEmpty, !name.contains(":"), data.base64EncodedString() == text
    else { return [text] }
    return [text, name]
  }
}

/// The connections that may be workers', out of `CLIENT LIST`. Pure.
struct ConnectedWorkers: Sendable {
  private let connections: [ClientConnection]

  init(list: String) { connections = ClientConnection.all(in: list).filter { $0.name.contains(":") } }

  /// The connections of a queue's workers.
  func of(_ queue: QueueKey) -> [ClientNames.Worker] {
    let own = WorkerClientName(of: queue)
    return connections.compactMap { connection in
      own.worker(in: connection.name).map { ClientNames.Worker(name: $0, idle: connection.idle) }
    }
  }
}
