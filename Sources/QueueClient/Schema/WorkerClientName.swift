import Foundation

/// What `CLIENT LIST` calls the connections of a queue's workers.
///
/// BullMQ in Node, and ours, give the queue's name in Base64; Python's gives it as it is. Behind either, `:w:` and the
/// worker's name may stand.
public struct WorkerClientName: Sendable, Hashable {
  /// What the connections are called where the worker has no name.
  public let stems: [String]

  /// The names for a queue's workers.
  public init(of queue: QueueKey) {
    stems = [Self.encoded(queue), queue.description]
  }

  /// The name that Node's workers, and ours, give.
  static func encoded(_ queue: QueueKey) -> String {
    queue.prefix + ":" + Data(queue.name.utf8).base64EncodedString()
  }

  /// Takes a connection's name apart, whichever queue it is of.
  ///
  /// - Returns: what it is called where the worker has no name, and the worker's name, empty where it has none.
  public static func parts(of client: some StringProtocol) -> (stem: String, worker: String) {
    guard let mark = client.range(of: ":w:") else { return (String(client), "") }
    return (String(client[..<mark.lowerBound]), String(client[mark.upperBound...]))
  }

  /// Reads a connection's name.
  ///
  /// - Returns: `nil` for one that is no worker's of the queue; else the worker's name, empty where it has none.
  public func worker(in client: some StringProtocol) -> String? {
    for stem in stems {
      if client == stem { return "" }
      let start = stem + ":w:"
      if client.hasPrefix(start) { return String(client.dropFirst(start.count)) }
    }
    return nil
  }
}
