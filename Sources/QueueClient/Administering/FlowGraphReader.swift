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
  /// About how many children one step through a family gives.
  private static let scanCount = 500
  /// How many such steps go out in one write.
  private static let scansAtOnce = 20

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
        let inspection = try await inspector.inspect(page)
        let nodes = inspection.jobs.map { job in
          var node = FlowGraph.Node(job)
          node.note(inspection.wrongTyped)
          return node
        }
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

  /// Where the reading of one kind of one parent's children stands.
  private struct Scan {
    var parent: JobKey
    var kind: FamilyInspector.Kind
    var cursor = "0"

    var call: ScriptCall {
      ScriptCall(
        keys: [parent.description],
        arguments: [.text(kind.rawValue), .text(cursor), .init(FlowGraphReader.scanCount)])
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
      let now = scans.prefix(Self.scansAtOnce)
      let replies = try await redis.run(ReadScripts.listChildren, now.map(\.call), atOnce: Self.scansAtOnce)
      var going: [Scan] = []
      for (scan, reply) in zip(now, replies) {
        guard let parts = reply.array, parts.count == 5, let next = parts[0].string else {
          throw RedisError.unexpectedReply(command: ReadScripts.listChildren.name)
        }
        for text in parts[1].strings {
          let child = JobKey(text, namedBy: scan.parent.queue) ?? JobKey(unreadable: text)
          let edge = FlowGraph.Edge(child: child, kind: scan.kind)
          // A scan may give a member twice.
          if known[scan.parent, default: []].insert(edge).inserted { edges[scan.parent, default: []].append(edge) }
        }
        if next != "0" { going.append(Scan(parent: scan.parent, kind: scan.kind, cursor: next)) }
      }
      scans = going + scans.dropFirst(Self.scansAtOnce)
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
