import QueueClient

/// The workers behind connections: one may have several, all under its name. Pure.
///
/// Connections of one name from one host are one worker's. Those of workers without a name all have the same; each
/// worker has one on which it waits for jobs, so that as many of them as wait, or waited last, are workers.
struct WorkerConnections {
  /// One worker.
  struct Worker: Sendable, Equatable {
    /// Its queue.
    var queue: QueueKey
    /// Its own name; empty where it has none.
    var name: String
    /// Where it is connected from.
    var address: String
    /// For how many seconds it has asked nothing.
    var idle: Int?
  }

  /// All of them, in the order of their connections.
  let workers: [Worker]

  /// - Parameter queues: those that are known: other connections are none of theirs.
  init(_ connections: [ClientConnection], of queues: some Collection<QueueKey>) {
    var byStem: [String: QueueKey] = [:]
    for queue in queues { for stem in WorkerClientName(of: queue).stems { byStem[stem] = queue } }
    var groups: [Group: [ClientConnection]] = [:]
    var order: [Group] = []
    for connection in connections {
      let (stem, name) = WorkerClientName.parts(of: connection.name)
      guard let queue = byStem[stem] else { continue }
      let group = Group(queue: queue, name: name, host: Self.host(of: connection.address))
      if groups[group] == nil { order.append(group) }
      groups[group, default: []].append(connection)
    }
    workers = order.flatMap { group in
      let all = groups[group] ?? []
      let waiting = group.name.isEmpty ? all.filter { $0.command == Self.waiting } : []
      let idle = all.compactMap(\.idle).min()
      guard waiting.count > 1 else {
        return [Worker(queue: group.queue, name: group.name, address: all.first?.address ?? "", idle: idle)]
      }
      return waiting.map { Worker(queue: group.queue, name: "", address: $0.address, idle: $0.idle) }
    }
  }

  private struct Group: Hashable {
    var queue: QueueKey
    var name: String
    var host: String
  }

  /// What workers wait with.
  private static let waiting = "bzpopmin"

  /// An address without its port.
  private static func host(of address: String) -> String {
    address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
  }
}
