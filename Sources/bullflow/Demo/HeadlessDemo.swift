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
      for await update in monitor.updates {
        let printer = TreePrinter(forest: update.forest, depth: 10, maxChildren: 20, isASCII: isASCII)
        let text = added.map { printer.text(of: $0.key) }.joined(separator: "\n")
        guard added.allSatisfy({ update.forest.jobs[$0.key] != nil }) else { continue }
        if text != last { print("\n" + text) }
        last = text
        // Not before the flows have been shown as they were added.
        if !isAtWork { group.addTask { try await play.work() } }
        isAtWork = true
        let stands = added.map { Stand(of: $0.key, in: update.forest) }
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

    init(of key: JobKey, in forest: FlowForest) {
      if forest.jobs[key]?.isFinished == true {
        self = .ended
      } else {
        self = Diagnosis(of: key, in: forest).needsAPerson ? .stuck : .underWay
      }
    }
  }
}
