import Redis

/// What a server says of itself (`INFO`).
struct ServerInfo {
  private let fields: [Substring: Substring]

  /// The fields of `INFO`'s answer.
  init(text: String) {
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
    fields = Dictionary(
      lines.compactMap { line in
        line.firstIndex(of: ":").map { (line[..<$0], line[line.index(after: $0)...]) }
      }, uniquingKeysWith: { $1 })
  }

  /// Asks a server.
  ///
  /// - Throws: `RedisError`.
  static func read(from redis: RedisClient) async throws -> ServerInfo {
    // Not INFO server cluster: more than one section is for servers from 7.0 on.
    let replies = try await redis.pipeline([
      ["INFO", "server"], ["INFO", "cluster"], ["INFO", "replication"],
    ])
    return ServerInfo(text: replies.map { $0.string ?? "" }.joined(separator: "\n"))
  }

  /// The server and its version; Valkey goes by its own and tells Redis's only for old clients.
  var version: Finding {
    guard let compatible = fields["redis_version"] else {
      return Finding(.warn, "version", "the server does not tell its version")
    }
    let parts = compatible.split(separator: ".").map { Int($0) ?? 0 }
    let isOld = parts.count < 2 || (parts[0], parts[1]) < (6, 2)
    let name = fields["valkey_version"].map { "Valkey \($0)" } ?? String(compatible)
    return isOld
      ? Finding(.fail, "version", "\(name); BullMQ and bullflow need 6.2 or newer")
      : Finding(.ok, "version", name)
  }

  /// Whether the server is a node of a Redis Cluster.
  var isClusterNode: Bool { fields["cluster_enabled"] == "1" }

  /// What a replica means for us; `nil` where the server is none.
  var replica: Finding? {
    guard fields["role"] == "slave" else { return nil }
    let primary = fields["master_host"].map { " of \($0)" + (fields["master_port"].map { ":\($0)" } ?? "") } ?? ""
    let link = fields["master_link_status"] == "down" ? ", and is cut off from it" : ""
    return Finding(
      .warn, "replica",
      "this is a replica\(primary)\(link): it shows flows, perhaps late, and takes no changes; give workers and "
        + "producers the primary's URL")
  }

  /// What a node of a Cluster means for us.
  ///
  /// - Parameter nodes: the answer to `CLUSTER NODES`; `nil` where that is forbidden.
  static func cluster(nodes: String?) -> Finding {
    let advice =
      "only queues in this node's slots are seen, and a flow works only where all its keys lie in one slot, as with "
      + "--prefix '{bull}'"
    guard let nodes else { return Finding(.warn, "cluster", "a node of a Redis Cluster: \(advice)") }
    let own = nodes.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }.first {
      $0.count > 2 && $0[2].split(separator: ",").contains("myself")
    }
    // Slots on their way to another node stand in brackets.
    let slots = (own ?? []).dropFirst(8).filter { !$0.hasPrefix("[") }
    guard !slots.isEmpty else {
      return Finding(
        .fail, "cluster", "a node of a Redis Cluster that serves no slots: give the URL of one that does")
    }
    return Finding(
      .warn, "cluster", "a node of a Redis Cluster with the slots \(slots.joined(separator: " ")): \(advice)")
  }
}
