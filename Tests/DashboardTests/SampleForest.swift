import FlowMonitor
import QueueClient

@testable import Dashboard

/// A screen full of what there may be: names of all widths, every state, a stuck flow, a hostile name.
enum Sample {
  static func key(_ queue: String, _ id: String) -> JobKey { JobKey(queue: QueueKey(name: queue), id: id) }

  private static func job(
    _ key: JobKey, _ name: String, _ state: JobState, parent: JobKey? = nil, edit: (inout FlowJob) -> Void = { _ in }
  ) -> FlowJob {
    var job = FlowJob(key: key, name: name, state: state)
    job.parentKey = parent
    job.timestamp = 1_000_000
    job.processedOn = state == .active || state == .completed || state == .failed ? 1_010_000 : nil
    job.finishedOn = state == .completed || state == .failed ? 1_020_000 : nil
    edit(&job)
    return job
  }

  static let root = key("renovate", "3f2a0000-0000-0000-0000-000000000001")
  static let stuck = key("reports", "monthly")

  static var forest: FlowForest {
    let kids: [(String, String, JobState)] = [
      ("c1", "칠하기 천장", .completed), ("c2", "🚀 launch 👩‍👩‍👧", .active), ("c3", "paint\u{1B}[2J\u{202E}evil", .waiting),
      ("c4", "e\u{301}te\u{301} \u{200B}late", .delayed),
      ("c5", String(repeating: "very long ", count: 30), .prioritized),
    ]
    var reading = FlowForest.Reading()
    reading.jobs[root] = job(root, "renovate-interior", .waitingChildren) {
      $0.counts = DependenciesCount(processed: 1, unprocessed: 4)
      $0.children = kids.map {
        FlowJob.Child(key: key("steps", $0.0), kind: $0.2 == .completed ? .processed : .unprocessed)
      }
      $0.values = [key("steps", "c1"): 2500]
    }
    for (id, name, state) in kids {
      reading.jobs[key("steps", id)] = job(key("steps", id), name, state, parent: root) {
        if state == .completed { $0.returnvalue = 2500 }
        if state == .active { ($0.progress, $0.attempts, $0.attemptsMade) = (64, 3, 1) }
        if state == .delayed { $0.dueOn = 2_000_000 }
      }
    }
    reading.jobs[stuck] = job(stuck, "monthly-report", .waitingChildren) {
      $0.counts = DependenciesCount(unprocessed: 1)
      $0.children = [FlowJob.Child(key: key("steps", "bad"), kind: .unprocessed)]
    }
    reading.jobs[key("steps", "bad")] = job(key("steps", "bad"), "convert", .failed, parent: stuck) {
      $0.failedReason = "503 from the exchange rate service\nsecond line"
    }
    reading.roots = [root, stuck]
    for name in ["renovate", "steps", "reports", "한국어-queue"] {
      var status = QueueStatus(key: QueueKey(name: name), isPaused: name == "reports")
      status.counts = [.waiting: 1, .failed: 1, .waitingChildren: 1]
      reading.queues.append(status)
    }
    var forest = FlowForest()
    forest.apply(reading)
    return forest
  }

  static func state(rows: Int = 40, columns: Int = 120, isASCII: Bool = false) -> DashboardState {
    var state = DashboardState(
      server: "redis 127.0.0.1:6379/0", prefix: "bull", size: Frame.Size(rows: rows, columns: columns), now: 1030,
      themeNames: ["dark", "light", "high-contrast"], isASCII: isASCII)
    _ = state.update(.monitor(FlowMonitor.Update(forest: forest, status: .live, isComplete: true)))
    return state
  }
}
