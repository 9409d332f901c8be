import Foundation
import QueueClient

/// The queues that `CLIENT LIST` tells of: BullMQ's workers name their connections `prefix:base64(queue)`, with `:w:` and
/// the worker's name behind where it has one. Pure.
enum ClientNames {
  /// The queues of a prefix among the connections.
  static func queues(in list: String, prefix: String) -> Set<QueueKey> {
    var found: Set<QueueKey> = []
    for line in list.split(whereSeparator: \.isNewline) {
      for field in line.split(separator: " ") where field.hasPrefix("name=") {
        if let name = queueName(in: field.dropFirst(5), prefix: prefix) {
          found.insert(QueueKey(prefix: prefix, name: name))
        }
      }
    }
    return found
  }

  /// A worker's connection.
  struct Worker: Sendable, Equatable {
    /// The worker's name, where it has one.
    var name: String?
    /// For how many seconds it has asked nothing.
    var idle: Int?
  }

  /// The workers of a queue among the connections.
  static func workers(in list: String, of queue: QueueKey) -> [Worker] {
    list.split(whereSeparator: \.isNewline).compactMap { line in
      let fields = line.split(separator: " ")
      guard let name = fields.first(where: { $0.hasPrefix("name=") })?.dropFirst(5),
        queueName(in: name, prefix: queue.prefix) == queue.name, !name.hasSuffix(":qe")
      else { return nil }
      let rest = name.dropFirst(queue.prefix.count + 1).split(separator: ":", maxSplits: 2)
      let idle = fields.first { $0.hasPrefix("idle=") }.flatMap { Int($0.dropFirst(5)) }
      return Worker(name: rest.count == 3 && rest[1] == "w" ? String(rest[2]) : nil, idle: idle)
    }
  }

  private static func queueName(in client: Substring, prefix: String) -> String? {
    guard client.hasPrefix(prefix + ":") else { return nil }
    let encoded = client.dropFirst(prefix.count + 1).prefix { $0 != ":" }
    guard !encoded.isEmpty, let data = Data(base64Encoded: String(encoded)),
      let name = String(data: data, encoding: .utf8),
      !name.isEmpty, !name.contains(":"), data.base64EncodedString() == encoded
    else { return nil }
    return name
  }
}
