import QueueClient
import Redis
import TestSupport
import Testing

@testable import FlowMonitor

/// Pages of flows.
@Suite struct FlowIndexTests {
  /// 30 queues of 3 prefixes, each with flows that wait, failed, have completed, are active and are nested; many of one
  /// time.
  private func fill(_ redis: RedisClient) async throws -> (queues: [QueueKey], roots: Set<JobKey>) {
    var roots: Set<JobKey> = []
    var queues: [QueueKey] = []
    for number in 0..<30 {
      let queue = QueueKey(prefix: ["bull", "{cart}", "a:b"][number % 3], name: "q\(number)")
      queues.append(queue)
      let places: [QueueKey.Suffix] = [.waitingChildren, .failed, .completed, .active, .delayed]
      for (index, place) in places.enumerated() {
        for flow in 0..<4 {
          let root = JobKey(queue: queue, id: "\(place.rawValue)-\(flow)")
          roots.insert(root)
          try await redis.put(root, in: place, score: 1000 + (flow + index) % 3)
          let nested = JobKey(queue: queue, id: "nested-\(place.rawValue)-\(flow)")
          try await redis.put(nested, in: .waitingChildren, score: 1001, parent: root)
          try await redis.put(JobKey(queue: queue, id: "leaf-\(place.rawValue)-\(flow)"), in: .wait, parent: nested)
        }
        try await redis.put(JobKey(queue: queue, id: "plain-\(place.rawValue)"), in: place, score: 1001)
      }
    }
    roots = roots.filter { !$0.id.hasPrefix("plain") }
    // A plain job that waits for children is a flow: one that waits for nothing.
    roots.formUnion(queues.map { JobKey(queue: $0, id: "plain-waiting-children") })
    return (queues, roots)
  }

  private func walk(
    _ index: FlowIndex, _ order: FlowOrder, _ filter: FlowFilter, _ queues: [QueueKey], problems: [JobKey],
    fromEnd: Bool
  ) async throws -> [JobKey] {
    var all: [JobKey] = []
    var anchor = fromEnd ? FlowAnchor.last : .first
    while true {
      let page = try await index.page(
        order: order, filter: filter, anchor: anchor, before: fromEnd ? 17 : 0, after: fromEnd ? 0 : 17,
        queues: queues, problems: problems)
      let new = page.roots.filter { FlowAnchor.flow($0) != anchor }
      all = fromEnd ? new + all : all + new
      if fromEnd ? page.isFirst : page.isLast { return all }
      anchor = .flow(try #require(fromEnd ? new.first : new.last))
    }
  }

  @Test(arguments: [FlowOrder.attention, .newest, .oldest, .name])
  func `page by page every flow comes once, the same from both ends`(order: FlowOrder) async throws {
    try await withRedis { redis, _ in
      let (queues, roots) = try await fill(redis)
      let problems = Array(roots.filter { $0.id == "waiting-children-2" }.sorted().prefix(5))
      let index = FlowIndex(redis: redis)
      let down = try await walk(index, order, .all, queues, problems: problems, fromEnd: false)
      #expect(Set(down) == roots)
      #expect(down.count == roots.count)
      #expect(try await walk(index, order, .all, queues, problems: problems, fromEnd: true) == down)
    }
  }

  @Test func `in the order of attention problems stand first, then failed, unfinished and finished flows`() async throws
  {
    try await withRedis { redis, _ in
      try await put(redis, "old", .completed, 1)
      try await put(redis, "new", .completed, 9)
      try await put(redis, "broke", .failed, 5)
      try await put(redis, "stuck", .waitingChildren, 4)
      try await put(redis, "way", .waitingChildren, 3)
      try await put(redis, "running", .active, 2)
      let page = try await FlowIndex(redis: redis).page(
        order: .attention, filter: .all, anchor: .first, before: 0, after: 10, queues: [QueueKey(name: "q")],
        problems: [job("q", "stuck")])
      #expect(page.roots.map(\.id) == ["stuck", "broke", "way", "running", "new", "old"])
      #expect(page.isFirst && page.isLast)
    }
  }

  @Test(arguments: [
    (FlowFilter.problems, ["stuck", "broke"]), (.state(.completed), ["new", "old"]), (.state(.failed), ["broke"]),
    (.state(.waitingChildren), ["stuck", "way"]), (.state(.active), ["running"]), (.state(.delayed), []),
  ])
  func `a filter leaves only its flows`(filter: FlowFilter, ids: [String]) async throws {
    try await withRedis { redis, _ in
      try await put(redis, "old", .completed, 1)
      try await put(redis, "new", .completed, 9)
      try await put(redis, "broke", .failed, 5)
      try await put(redis, "stuck", .waitingChildren, 4)
      try await put(redis, "way", .waitingChildren, 3)
      try await put(redis, "running", .active, 2)
      let page = try await FlowIndex(redis: redis).page(
        order: .attention, filter: filter, anchor: .first, before: 0, after: 10, queues: [QueueKey(name: "q")],
        problems: [job("q", "stuck")])
      #expect(page.roots.map(\.id) == ids)
    }
  }

  private func put(_ redis: RedisClient, _ id: String, _ place: QueueKey.Suffix, _ score: Int) async throws {
    try await redis.put(job("q", id), in: place, score: score)
    try await redis.put(
      job("steps", "of-\(id)"), in: .completed, parent: job("q", id), isPending: place == .waitingChildren)
  }

  @Test func `the page around a flow has it in its middle, also when it has just gone`() async throws {
    try await withRedis { redis, _ in
      for number in 0..<9 { try await put(redis, "f\(number)", .completed, number) }
      let index = FlowIndex(redis: redis)
      func around() async throws -> FlowPage {
        try await index.page(
          order: .oldest, filter: .all, anchor: .flow(job("q", "f4")), before: 2, after: 2,
          queues: [QueueKey(name: "q")],
          problems: [])
      }
      #expect(try await around().roots.map(\.id) == ["f2", "f3", "f4", "f5", "f6"])
      try await redis.send(["ZREM", "bull:q:completed", "f4"])
      #expect(try await around().roots.map(\.id) == ["f2", "f3", "f5", "f6"])
    }
  }

  @Test func `jobs in a circle are one flow, that of the least key`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("q", "a"), in: .waitingChildren, parent: job("q", "b"))
      try await redis.put(job("q", "b"), in: .waitingChildren, parent: job("q", "c"))
      try await redis.put(job("q", "c"), in: .waitingChildren, parent: job("q", "a"))
      try await redis.put(job("q", "self"), in: .waitingChildren, parent: job("q", "self"))
      let page = try await FlowIndex(redis: redis).page(
        order: .oldest, filter: .all, anchor: .first, before: 0, after: 10, queues: [QueueKey(name: "q")], problems: [])
      #expect(Set(page.roots.map(\.id)) == ["a", "self"])
    }
  }

  @Test func `a child whose parent is gone is a root`() async throws {
    try await withRedis { redis, _ in
      try await redis.put(job("q", "nested"), in: .waitingChildren, parent: job("q", "evicted"))
      try await redis.put(job("q", "leaf"), in: .wait, parent: job("q", "evicted"))
      let page = try await FlowIndex(redis: redis).page(
        order: .oldest, filter: .all, anchor: .first, before: 0, after: 10, queues: [QueueKey(name: "q")], problems: [])
      #expect(Set(page.roots.map(\.id)) == ["nested", "leaf"])
    }
  }

  @Test func `without the right to run scripts the pages are the same`() async throws {
    try await withRedis { redis, _ in
      let (queues, roots) = try await fill(redis)
      let plain = try await redis.withoutScripts()
      defer { plain.close() }
      let ours = try await walk(FlowIndex(redis: plain), .newest, .all, queues, problems: [], fromEnd: false)
      #expect(Set(ours) == roots)
      #expect(try await walk(FlowIndex(redis: redis), .newest, .all, queues, problems: [], fromEnd: false) == ours)
    }
  }

  @Test func `thousands of jobs that are no flows hide none, and cost a page little`() async throws {
    try await withRedis { redis, _ in
      for part in 0..<30 {
        try await redis.send(
          RedisCommand(
            "ZADD", ["bull:plain:completed"] + (0..<1000).flatMap { ["\(part * 1000 + $0 + 100)", "p\(part)-\($0)"] }))
      }
      try await put(redis, "early", .completed, 1)
      try await put(redis, "late", .completed, 50_000)
      try await redis.put(job("plain", "rare"), in: .completed, score: 15_000)
      try await redis.put(job("kids", "k"), in: .completed, parent: job("plain", "rare"), isPending: false)
      let index = FlowIndex(redis: redis)
      var found: Set<String> = []
      for round in 0..<20 {
        let before = try await commands(of: redis)
        let page = try await index.page(
          order: .newest, filter: .all, anchor: .first, before: 0, after: 10,
          queues: [QueueKey(name: "plain"), QueueKey(name: "q")], problems: [])
        found = Set(page.roots.map(\.id))
        if round == 0 { #expect(found.isSuperset(of: ["early", "late"])) }
        // Some hundred at once: were each of the 30,000 looked at, there would be thousands.
        #expect(try await commands(of: redis) - before < 500)
        if found.contains("rare") { break }
      }
      #expect(found == ["early", "late", "rare"])
    }
  }

  /// How many commands Redis has carried out so far, those of scripts among them.
  private func commands(of redis: RedisClient) async throws -> Int {
    let info = try await redis.send(["INFO", "commandstats"]).string ?? ""
    return info.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
      let calls = line.split(separator: ":").last?.split(separator: ",").first { $0.hasPrefix("calls=") }
      return sum + (calls.flatMap { Int($0.dropFirst(6)) } ?? 0)
    }
  }
}
