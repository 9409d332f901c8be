// Stand-ins with the signatures of the real readers, until those are merged.
import Foundation
import QueueClient
import Redis

struct JobReader: Sendable {
  let redis: RedisClient
  init(redis: RedisClient) { self.redis = redis }
  struct Result: Sendable {
    var jobs: [JobKey: FlowJob] = [:]
    var gone: Set<JobKey> = []
    var wrongTyped: Set<String> = []
  }
  func read(_ keys: some Collection<JobKey>) async throws -> Result {
    var result = Result()
    for (key, job) in try await Loader(redis: redis).jobs(keys.sorted(), childLimit: { _ in 0 }) {
      if let job { result.jobs[key] = job } else { result.gone.insert(key) }
    }
    return result
  }
}

struct FamilyState: Sendable { var family: Family }

struct FamilyReader: Sendable {
  let redis: RedisClient
  init(redis: RedisClient) { self.redis = redis }
  func read(_ parent: FlowJob, known: FamilyState?, openGroups: [ChildGroup.ID: Int]) async throws -> FamilyState {
    let read = try await Loader(redis: redis).jobs([parent.key], childLimit: { _ in 1000 })
    var family = Family()
    guard let job = read[parent.key] ?? nil else { return FamilyState(family: family) }
    let kinds: [FlowJob.Child.Kind: Family.Kind] = [
      .unprocessed: .unprocessed, .processed: .processed, .ignored: .ignored, .failed: .failed,
    ]
    let children = job.children.map { Family.Child(key: $0.key, kind: kinds[$0.kind] ?? .unprocessed) }
    if job.counts.total > Family.wide {
      for kind in Family.Kind.allCases {
        let members = children.filter { $0.kind == kind }.map(\.key)
        guard !members.isEmpty else { continue }
        let id = ChildGroup.ID(kind: kind, state: kind == .processed ? .completed : .waiting)
        family.groups.append(
          ChildGroup(
            id: id, count: KnownCount(members.count, isExact: true),
            members: Array(members.prefix(openGroups[id] ?? 0))))
      }
    } else {
      family.children = children
    }
    family.values = job.values
    family.sum = job.sumOfValues
    return FamilyState(family: family)
  }
}

struct QueueReader: Sendable {
  let redis: RedisClient
  init(redis: RedisClient) { self.redis = redis }
  func read(_ keys: [QueueKey]) async throws -> [QueueStatus] { try await Loader(redis: redis).queues(keys) }
}

struct FlowIndex: Sendable {
  let redis: RedisClient
  init(redis: RedisClient) { self.redis = redis }
  func page(
    order: FlowOrder, filter: FlowFilter, anchor: FlowAnchor, before: Int, after: Int, queues: [QueueKey],
    problems: [JobKey]
  ) async throws -> FlowPage {
    let loader = Loader(redis: redis)
    var candidates: [JobKey] = []
    for queue in queues { candidates += try await loader.candidates(queue, limit: 1000, onlyWaiting: false) }
    let roots = try await loader.roots(of: candidates)
    let jobs = try await loader.jobs(roots.sorted(), childLimit: { _ in 0 }).compactMapValues { $0 }
    let sorted = jobs.values.sorted { left, right in
      if left.isFinished != right.isFinished { return right.isFinished }
      let (a, b) =
        left.isFinished
        ? (-(left.finishedOn ?? 0), -(right.finishedOn ?? 0)) : (left.timestamp ?? 0, right.timestamp ?? 0)
      return (a, left.key) < (b, right.key)
    }.map(\.key)
    var page = FlowPage()
    let position: Int =
      switch anchor {
      case .first: 0
      case .last: sorted.count
      case .flow(let key): sorted.firstIndex(of: key) ?? 0
      }
    let range = max(0, position - before)..<min(sorted.count, position + max(after, 1))
    page.roots = Array(sorted[range])
    page.isFirst = range.lowerBound == 0
    page.isLast = range.upperBound == sorted.count
    page.before = KnownCount(range.lowerBound, isExact: true)
    return page
  }
}

actor QueueDiscovery {
  let redis: RedisClient
  let prefix: String
  let names: [String]
  var cursor = "0"
  init(redis: RedisClient, prefix: String, names: [String], cacheFolder: URL?) {
    (self.redis, self.prefix, self.names) = (redis, prefix, names)
  }
  func first() async throws -> [QueueKey] { names.map { QueueKey(prefix: prefix, name: $0) } }
  func step() async throws -> (found: [QueueKey], progress: Progress) {
    if !names.isEmpty { return ([], .complete) }
    let (found, next) = try await Loader(redis: redis).scan(prefix: prefix, cursor: cursor)
    cursor = next ?? "0"
    return (found, next == nil ? .complete : Progress(0.5))
  }
  func restart() { cursor = "0" }
  func remember(_ queues: [QueueKey]) {}
}

actor AttentionSweep {
  init(redis: RedisClient) {}
  struct Finding: Sendable, Hashable {
    var root: JobKey
    var job: JobKey
    var diagnosis: Diagnosis
    var since: Int?
  }
  struct Step: Sendable {
    var findings: [Finding] = []
    var cleared: Set<JobKey> = []
    var progress = Progress.complete
    var flowCount = KnownCount(0, isExact: false)
  }
  func step(queues: [QueueKey]) async throws -> Step { Step() }
  func changed(_ queues: Set<QueueKey>) {}
  func restart() {}
}

extension Diagnosis {
  init(
    of root: JobKey, jobs: [JobKey: FlowJob], families: [JobKey: Family], queues: [QueueKey: QueueStatus]
  ) {
    var seen: Set<JobKey> = []
    var stack = [root]
    self = .fine
    while let key = stack.popLast() {
      guard seen.insert(key).inserted, let job = jobs[key] else { continue }
      if key == root, job.state == .failed { self = .failed(reason: job.failedReason ?? "") }
      if job.isWithoutLock { self = .withoutLock }
      for child in families[key]?.children ?? [] where child.kind == .unprocessed {
        if let below = jobs[child.key], below.state == .failed {
          self = .blockedByFailedChild(child.key, reason: below.failedReason ?? "")
        }
        stack.append(child.key)
      }
      if self != .fine { return }
    }
  }
}
