import Redis
import TestSupport
import Testing

@testable import QueueClient

/// Which jobs are the roots of flows, and which job a key names.
@Suite struct RootListerTests {
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) | (state << 31)
    }
  }

  /// The roots among jobs that each name a parent: who has none that exists, and of each circle the least.
  private func roots(_ parents: [Int?]) -> Set<String> {
    var roots: Set<String> = []
    for start in parents.indices {
      var path = [start]
      while let parent = parents[path[path.count - 1]], parent < parents.count {
        if let first = path.firstIndex(of: parent) {
          roots.insert(path[first...].map { "\($0)" }.min() ?? "")
          path = []
          break
        }
        path.append(parent)
      }
      if let last = path.last { roots.insert("\(last)") }
    }
    return roots
  }

  @Test func `a root has no parent that exists, or is the least of a circle`() async throws {
    try await withRedis { redis, _ in
      var random = Numbers(state: 11)
      for _ in 0..<150 {
        let count = Int.random(in: 1...14, using: &random)
        // One number too many: a parent that does not exist.
        let parents = (0..<count).map { _ in
          Int.random(in: 0..<5, using: &random) == 0 ? nil : Int.random(in: 0...count, using: &random)
        }
        try await redis.send(["FLUSHALL"])
        try await redis.pipeline(
          parents.enumerated().flatMap { number, parent -> [RedisCommand] in
            let link = parent.map { ["parentKey", "bull:q:\($0)", "parent", #"{"id":"\#($0)","queueKey":"bull:q"}"#] }
            return [
              RedisCommand("HSET", ["bull:q:\(number)", "name", "n"] + (link ?? [])),
              ["ZADD", "bull:q:waiting-children", .init(number), .text("\(number)")],
              ["SADD", .text("bull:q:\(number):dependencies"), "bull:q:nobody"],
            ]
          })
        let listing = try await RootLister(connection: redis).list([
          .init(
            queue: QueueKey(name: "q"), place: .waitingChildren, direction: .up, from: nil, wanted: 100, budget: 1000)
        ])
        #expect(Set(listing.flatMap(\.flows).map(\.id)) == roots(parents), "\(parents)")
      }
    }
  }

  @Test func `a chain of thousands is listed at once, whatever the order of its keys`() async throws {
    try await withRedis { redis, _ in
      for isTurned in [false, true] {
        try await redis.send(["FLUSHALL"])
        let ids = (0..<3000).map { String(10_000 + (isTurned ? 3000 - $0 : $0)) }
        try await redis.pipeline(
          ids.indices.flatMap { number -> [RedisCommand] in
            [
              RedisCommand(
                "HSET",
                ["bull:q:\(ids[number])", "name", "n"] + (number > 0 ? ["parentKey", "bull:q:\(ids[number - 1])"] : [])),
              ["ZADD", "bull:q:waiting-children", "1", .text(ids[number])],
            ]
          })
        var found: [String] = []
        var looked = 0
        while looked < ids.count {
          let step = try await Sweeper(connection: redis).parents(of: QueueKey(name: "q"), from: looked, count: 50)
          looked += step.looked
          found += step.troubles.map(\.at.id)
          guard step.looked > 0 else { break }
        }
        #expect(looked == ids.count && found.count == ids.count)
      }
    }
  }

  @Test func `keys are read one after the other as each is read alone`() {
    let texts = [
      "bull:q:1", "bull:q:2", "bull:q:", "bull:q:a:b", "bull:q:3", "bull::4", "bull:other:5", "a:b:q:6", "a:b:q:7",
      "bull:q:repeat:daily:1795000000000", "a:b:repeat:x:foo", "a:b:repeat:x:123", "junk", "", ":", "bull:q:é", "x:q:1",
    ]
    for near in ["bull", "a:b", "x"] {
      let queue = QueueKey(prefix: near, name: "q")
      var reader = JobKeyReader(near: queue)
      for text in texts + texts.reversed() {
        #expect(reader.key(text) == JobKey(text, namedBy: queue) ?? JobKey(unreadable: text), "\(text) near \(near)")
      }
    }
  }
}
