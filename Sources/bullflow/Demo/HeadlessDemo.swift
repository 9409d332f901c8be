import FlowMonitor
import Foundation
import QueueClient
import Redis

/// The demo without a screen: prints the flows whenever they have changed, until all have ended.
struct HeadlessDemo {
  let play: DemoPlay
  let redis: RedisClient
  let scenario: DemoScenario
  let isASCII: Bool

  func run() async throws {
    let monitor = FlowMonitor(redis: redis, configuration: MonitorConfiguration(notifications: .enable))
    let added = try await play.add(scenario)
    print("added \(added.map { "\($0.name) (\($0.key))" }.joined(separator: " and ")) to a private Redis")
    await withThrowingTaskGroup { group in
      group.addTask { await monitor.run() }
      defer { group.cancelAll() }
      var last = ""
      var isAtWork = false
      let reader = FlowTreeReader(redis: redis)
      for await _ in monitor.pictures {
        var trees: [FlowTree] = []
        for job in added {
          if let tree = try? await reader.tree(of: job.key, depth: 10, maxChildren: 20) { trees.append(tree) }
        }
        guard trees.count == added.count else { continue }
        let text = trees.map {
          TreePrinter(tree: $0, depth: 10, maxChildren: 20, isASCII: isASCII).text
        }.joined(separator: "\n")
        if text != last { print("\n" + text) }
        last = text
        // Not before the flows have been shown as they were added.
        if !isAtWork { group.addTask { try await play.work() } }
        isAtWork = true
        let stands = trees.map(Stand.init)
        if stands.allSatisfy({ $0 != .underWay }) {
          let stuck = stands.filter { $0 == .stuck }.count
          print(
            stuck == 0
              ? "\nall flows have ended"
              : "\n\(stuck) of \(stands.count) flows are stuck, as this scenario is meant to show")
          break
        }
      }
    }
  }

  private enum Stand {
    case underWay, ended, stuck

    init(_ tree: FlowTree) {
      if tree.jobs[tree.root]?.isFinished == true {
        self = .ended
      } else {
        let found = tree.diagnosis()
        self = found.needsPerson && found.isCertain ? .stuck : .underWay
      }
    }
  }
}
