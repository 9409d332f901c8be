import QueueClient
import Redis

/// Reads whole flows at once, level by level: for commands, which print what there is and end.
public struct FlowTreeReader: Sendable {
  private let redis: RedisClient
  private let jobs: JobReader
  private let families: FamilyInspector

  /// A reader of the flows of a Redis.
  public init(redis: RedisClient) {
    self.redis = redis
    jobs = JobReader(redis: redis)
    families = FamilyInspector(connection: redis)
  }

  /// Reads a job and what lies below it.
  ///
  /// - Parameters:
  ///   - depth: how many levels, the job's own included.
  ///   - maxChildren: how many children of a job.
  /// - Returns: `nil` where there is no such job.
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func tree(of root: JobKey, depth: Int, maxChildren: Int) async throws -> FlowTree? {
    var tree = FlowTree(root: root)
    // A job met before, as circles in hostile data have it, is not gone into again.
    var seen: Set<JobKey> = [root]
    var level = [root]
    var left = depth
    while !level.isEmpty, left > 0 {
      left -= 1
      let read = try await jobs.read(level)
      tree.jobs.merge(read.jobs) { $1 }
      tree.gone.formUnion(read.gone)
      if tree.jobs[root] == nil { return nil }
      let parents = level.compactMap { read.jobs[$0] }.filter { $0.isParent }
      var below: [JobKey] = []
      for parent in parents {
        try await readFamily(of: parent, limit: left > 0 ? maxChildren : 0, into: &tree)
        below += (tree.children[parent.key] ?? []).map(\.key).filter { seen.insert($0).inserted }
      }
      level = below
    }
    if let parent = tree.jobs[root]?.parentKey,
      try await redis.rawReplies(to: [["EXISTS", .text(parent.description)]]).first?.int == 0
    {
      tree.missingParent = parent
    }
    return tree
  }

  /// Whether a job, or one below it, is in one of some states; a flow of any size is looked through, as far as it takes.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func hasJob(in states: Set<JobState>, from root: JobKey) async throws -> Bool {
    var seen: Set<JobKey> = [root]
    var waiting = [root]
    while !waiting.isEmpty {
      let some = Array(waiting.suffix(Self.searched))
      waiting.removeLast(some.count)
      let read = try await jobs.read(some).jobs
      if read.values.contains(where: { states.contains($0.state) }) { return true }
      for parent in some where read[parent]?.isParent == true {
        for kind in FamilyPass.order {
          var cursor: String?
          repeat {
            let step = try await families.step(through: kind.inspected, of: parent, from: cursor)
            waiting += step.children.map(\.key).filter { seen.insert($0).inserted }
            cursor = step.next
          } while cursor != nil
        }
      }
    }
    return false
  }

  /// So many jobs are looked at at a time.
  private static let searched = 500

  private func readFamily(of parent: FlowJob, limit: Int, into tree: inout FlowTree) async throws {
    // What a sum needs is read even where no child is shown, as long as it is little.
    let few = try await families.few(of: parent.key, limit: max(limit, Self.summed))
    let family = Family(few)
    if few.counts.total <= max(limit, Self.summed) {
      tree.children[parent.key] = Array(family.children.prefix(limit))
      tree.values.merge(family.values) { $1 }
      tree.sums[parent.key] = family.sum
    } else {
      tree.children[parent.key] = try await firstChildren(of: parent.key, limit: limit)
    }
  }

  /// Values of so many children are summed.
  private static let summed = 1000

  /// The first children of very many, those that need somebody first.
  private func firstChildren(of parent: JobKey, limit: Int) async throws -> [Family.Child] {
    var children: [Family.Child] = []
    var seen: Set<JobKey> = []
    for kind in FamilyPass.order {
      var cursor: String?
      repeat {
        guard children.count < limit else { return children }
        let step = try await families.step(through: kind.inspected, of: parent, from: cursor)
        for child in step.children where children.count < limit && seen.insert(child.key).inserted {
          children.append(Family.Child(key: child.key, kind: kind))
        }
        cursor = step.next
      } while cursor != nil
    }
    return children
  }
}
