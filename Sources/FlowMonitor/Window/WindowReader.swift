import QueueClient
import Redis

/// Fills a window's contents from Redis: carries out what `WindowContents` says is missing.
struct WindowReader: Sendable {
  let jobs: JobReader
  private let names: JobInspector
  let families: FamilyReader
  let index: FlowIndex

  init(redis: RedisClient) {
    jobs = JobReader(redis: redis)
    names = JobInspector(connection: redis)
    families = FamilyReader(redis: redis)
    index = FlowIndex(redis: redis)
  }

  /// How often what was read may show that more is wanted, before the picture is shown as it is: each level of a
  /// tree takes two.
  private static let rounds = 16

  /// What a reading found beside the contents.
  struct Findings: Sendable {
    /// Jobs whose state or existence is not what it was.
    var moved: Set<JobKey> = []
    /// Keys that hold something else than they should.
    var wrongTyped: Set<String> = []
    /// Whether more is wanted than was read.
    var isUnfinished = true
  }

  /// Reads the flows around the window's anchor.
  func readPage(of contents: inout WindowContents, queues: [QueueKey], problems: [JobKey]) async throws {
    let window = contents.window
    if window.order == .name { return try await readByName(&contents, queues: queues) }
    let height = max(1, min(window.height, 1000))
    let (before, after) =
      switch window.anchor {
      case .first: (0, window.offset.clamped(to: 0...10_000) + 2 * height)
      case .last: (2 * height, 0)
      case .flow: (height, window.offset.clamped(to: 0...10_000) + 2 * height)
      }
    contents.page = try await index.page(
      order: window.order, filter: window.filter, anchor: window.anchor, before: before, after: after,
      queues: queues, problems: problems)
  }

  /// So many flows are sorted by their names.
  static let mostSorted = 500

  /// Reads the first flows, and sorts them.
  private func readByName(_ contents: inout WindowContents, queues: [QueueKey]) async throws {
    let page = try await index.page(
      order: .name, filter: contents.window.filter, anchor: .first, before: 0, after: Self.mostSorted, queues: queues,
      problems: [])
    let unknown = page.roots.filter { contents.names[$0] == nil }
    for job in try await names.inspect(unknown, depth: .brief).jobs { contents.names[job.key] = job.name }
    contents.sort(page)
  }

  /// Reads what is missing or old, until nothing is, or enough for one picture.
  func fill(_ contents: inout WindowContents) async throws -> Findings {
    var findings = Findings()
    for _ in 0..<Self.rounds {
      let needs = contents.needs()
      if !needs.jobs.isEmpty {
        let result = try await jobs.read(needs.jobs)
        findings.moved.formUnion(contents.take(result))
        findings.wrongTyped.formUnion(result.wrongTyped)
      } else if !needs.families.isEmpty {
        try await read(needs.families, into: &contents)
      } else {
        // One step tells more of a wide family; the next comes with the next picture.
        try await read(needs.unfinished, into: &contents)
        findings.isUnfinished = false
        break
      }
    }
    return findings
  }

  private func read(_ parents: Set<JobKey>, into contents: inout WindowContents) async throws {
    let wanted = parents.compactMap { contents.jobs[$0] }.map {
      (
        job: $0, known: contents.families[$0.key], groups: contents.openGroups(of: $0.key),
        sought: contents.window.revealed[$0.key]
      )
    }
    let families = families
    // All at once, so that their commands share one way to the server.
    let read = try await withThrowingTaskGroup(of: (Int, FamilyState).self) { group in
      for (index, each) in wanted.enumerated() {
        group.addTask {
          (index, try await families.read(each.job, known: each.known, openGroups: each.groups, sought: each.sought))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for (index, state) in read {
      contents.take(state, of: wanted[index].job.key, openGroups: wanted[index].groups)
    }
  }

  /// Compares all that is held with Redis, and takes in what differs.
  ///
  /// - Returns: the jobs that differ.
  func reconcile(_ contents: inout WindowContents, except announced: Set<JobKey>) async throws -> Set<JobKey> {
    let result = try await jobs.read(contents.heldJobs)
    let differing = contents.differences(from: result).subtracting(announced)
    contents.take(result)
    for key in differing { contents.markAll(of: key) }
    return differing
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
