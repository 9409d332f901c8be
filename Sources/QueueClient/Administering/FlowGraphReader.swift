import Redis

/// Reads the jobs of a flow from one job down, level by level and in pages: any depth, any width, and circles.
struct FlowGraphReader {
  let redis: RedisClient
  /// The kinds of children that are read.
  var kinds: Set<FamilyInspector.Kind>
  /// Whether the jobs below one are wanted.
  var descends: @Sendable (FlowGraph.Node) -> Bool = { _ in true }

  /// How many jobs are looked at in one go.
  private static let pageSize = 200
  /// About how many children one step of a scan gives.
  private static let scanCount = 500

  /// Reads a flow.
  ///
  /// - Throws: `RedisError`; `CancellationError`.
  func read(from top: JobKey) async throws -> FlowGraph {
    var graph = FlowGraph(top: top)
    var seen: Set<JobKey> = [top]
    var level = [top]
    let inspector = JobInspector(connection: redis)
    while !level.isEmpty {
      var below: [JobKey] = []
      for first in stride(from: 0, to: level.count, by: Self.pageSize) {
        try Task.checkCancellation()
        let page = Array(level[first..<min(first + Self.pageSize, level.count)])
        let nodes = try await inspector.inspect(page).jobs.map(FlowGraph.Node.init)
        for node in nodes { graph.nodes[node.key] = node }
        graph.order += page
        let parents = nodes.filter { $0.exists && descends($0) }
        for (parent, edges) in try await families(of: parents) {
          graph.edges[parent] = edges
          below += edges.map(\.child).filter { seen.insert($0).inserted }
        }
      }
      level = below
    }
    return graph
  }

  /// Where a scan of one kind of one parent's children stands.
  private struct Scan {
    var parent: JobKey
    var kind: FamilyInspector.Kind
    var cursor = "0"

    var command: RedisCommand {
      let count = RedisCommand.Argument(FlowGraphReader.scanCount)
      switch kind {
      case .unprocessed: return ["SSCAN", .text(parent[.dependencies]), .text(cursor), "COUNT", count]
      case .processed: return ["HSCAN", .text(parent[.processed]), .text(cursor), "COUNT", "50"]
      case .ignored: return ["HSCAN", .text(parent[.failed]), .text(cursor), "COUNT", count]
      case .failed:
        let first = (Int(clamping: cursor) ?? 0)
        return [
          "ZRANGE", .text(parent[.unsuccessful]), .init(first),
          .init(first.addingClamped(FlowGraphReader.scanCount - 1)),
        ]
      }
    }

    /// The children that a reply gives; moves on, and to the end by `nil`.
    mutating func take(_ reply: RESPValue) throws -> (children: [String], isOver: Bool) {
      if let line = reply.errorLine { throw RedisError.reply(command: command.name, line: line) }
      if kind == .failed {
        let children = reply.strings
        let first = (Int(clamping: cursor) ?? 0).addingClamped(children.count)
        cursor = String(first)
        return (children, children.count < FlowGraphReader.scanCount)
      }
      guard let parts = reply.array, parts.count == 2, let next = parts[0].string else {
        throw RedisError.unexpectedReply(command: command.name)
      }
      cursor = next
      return (kind == .unprocessed ? parts[1].strings : parts[1].pairs.map(\.name), next == "0")
    }
  }

  private func families(of parents: [FlowGraph.Node]) async throws -> [(JobKey, [FlowGraph.Edge])] {
    var scans = parents.flatMap { node in
      FamilyInspector.Kind.allCases.filter { kinds.contains($0) && node.counts[$0] > 0 }.map {
        Scan(parent: node.key, kind: $0)
      }
    }
    var edges: [JobKey: [FlowGraph.Edge]] = [:]
    var known: [JobKey: Set<FlowGraph.Edge>] = [:]
    while !scans.isEmpty {
      try Task.checkCancellation()
      let replies = try await redis.rawReplies(to: scans.prefix(50).map(\.command))
      var going: [Scan] = []
      for (scan, reply) in zip(scans, replies) {
        var scan = scan
        let (children, isOver) = try scan.take(reply)
        for text in children {
          guard let child = JobKey(text, namedBy: scan.parent.queue) else { continue }
          let edge = FlowGraph.Edge(child: child, kind: scan.kind)
          // A scan may give a member twice.
          if known[scan.parent, default: []].insert(edge).inserted { edges[scan.parent, default: []].append(edge) }
        }
        if !isOver { going.append(scan) }
      }
      scans = going + scans.dropFirst(50)
    }
    return parents.compactMap { parent in edges[parent.key].map { (parent.key, $0) } }
  }
}

extension DependenciesCount {
  /// How many children there are of a kind.
  subscript(kind: FamilyInspector.Kind) -> Int {
    switch kind {
    case .processed: processed
    case .unprocessed: unprocessed
    case .ignored: ignored
    case .failed: failed
    }
  }
}
