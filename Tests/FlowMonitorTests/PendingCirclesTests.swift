import QueueClient
import Testing

@testable import FlowMonitor

/// Jobs that wait for each other.
@Suite struct PendingCirclesTests {
  private func key(_ number: Int) -> JobKey { JobKey(queue: QueueKey(name: "q"), id: "\(number)") }

  private func circles(_ pending: [Int: [Int]], of count: Int) -> [[Int]] {
    let found = PendingCircles.find(
      among: (0..<count).map(key),
      pending: Dictionary(uniqueKeysWithValues: pending.map { (key($0), $1.map(key)) }))
    return found.map { $0.jobs.compactMap { Int($0.id) } }
  }

  @Test(arguments: [
    ([0: [0]], [[0]]), ([0: [1], 1: [0]], [[0, 1]]), ([0: [1], 1: [2], 2: [3], 3: [1]], [[1, 2, 3]]),
    // A circle that the way down meets from the side.
    ([0: [1, 2], 1: [3], 2: [3], 3: [2]], [[2, 3]]), ([0: [1, 2], 1: [3], 2: [3]], []), ([:], []),
    ([0: [1, 2], 1: [1], 2: [3], 3: [2]], [[1], [2, 3]]),
  ])
  func `circles are found wherever the way down meets them`(pending: [Int: [Int]], expected: [[Int]]) {
    #expect(circles(pending, of: 4) == expected)
  }

  @Test func `whoever can never end for a circle's sake leads into one that is found`() {
    var random = Numbers(state: 7)
    for _ in 0..<500 {
      let count = Int.random(in: 1...9, using: &random)
      var pending: [Int: [Int]] = [:]
      for job in 0..<count {
        pending[job] = (0..<Int.random(in: 0...2, using: &random)).map { _ in Int.random(in: 0..<count, using: &random)
        }
      }
      let found = circles(pending, of: count)
      for circle in found {
        for (job, next) in zip(circle, circle.dropFirst() + circle.prefix(1)) {
          #expect(pending[job]?.contains(next) == true)
        }
      }
      // Whoever waits for those that can end, can end.
      var free: Set<Int> = []
      for _ in 0...count {
        for job in 0..<count where pending[job, default: []].allSatisfy(free.contains) { free.insert(job) }
      }
      for job in 0..<count {
        var reached: Set<Int> = [job]
        for _ in 0...count { for from in reached { reached.formUnion(pending[from] ?? []) } }
        let meetsOne = found.contains { !reached.isDisjoint(with: $0) }
        #expect(meetsOne == !free.contains(job), "\(pending) \(job) \(found)")
      }
    }
  }

  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) | (state << 31)
    }
  }
}
