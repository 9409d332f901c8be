import FlowMonitor
import QueueClient

@testable import Dashboard

/// A screen full of what there may be: names of all widths, every state, a stuck flow, a wide family, a hostile name.
enum Sample {
  static func key(_ queue: String, _ id: String) -> JobKey { JobKey(queue: QueueKey(name: queue), id: id) }

  static func job(
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
  static let bad = key("steps", "bad")
  static let wide = key("albums", "a1")
  static let done = key("invoices", "i1")
  static let failedGroup = ChildGroup.ID(
    kind: .ignored, state: .failed, name: "thumbnail", reason: "ECONNRESET while reading")

  static var picture: Picture {
    var picture = Picture()
    picture.status = .live
    picture.discovery = .complete
    picture.sweep = .complete
    picture.flowCount = KnownCount(4, isExact: true)
    picture.problemCount = KnownCount(1, isExact: true)
    picture.problems = [FlowProblem(root: stuck, chain: [stuck, bad])]
    picture.throughput = [1, 2, 4, 8, 142]
    picture.flows.roots = [stuck, wide, root, done]
    picture.flows.before = KnownCount(0, isExact: true)
    picture.diagnoses[stuck] = .blockedByFailedChild(bad, reason: "503 from the exchange rate service\nsecond line")
    addStuck(to: &picture)
    addWide(to: &picture)
    addRenovation(to: &picture)
    picture.jobs[done] = job(done, "invoices", .completed) {
      $0.counts = DependenciesCount(processed: 3)
      $0.returnvalue = ["total": 600]
    }
    for name in ["renovate", "steps", "reports", "한국어-queue"] {
      let key = QueueKey(name: name)
      picture.queues[key] = QueueStatus(key: key, counts: [.waiting: 1, .failed: 1], isPaused: name == "reports")
    }
    return picture
  }

  private static func addStuck(to picture: inout Picture) {
    picture.jobs[stuck] = job(stuck, "monthly-report", .waitingChildren) {
      $0.counts = DependenciesCount(processed: 1, unprocessed: 1)
    }
    var family = Family()
    let removed = key("steps", "collect")
    family.children = [.init(key: bad, kind: .unprocessed), .init(key: removed, kind: .processed)]
    family.values = [removed: 12]
    family.sum = 12
    picture.families[stuck] = family
    picture.gone = [removed]
    picture.jobs[bad] = job(bad, "convert", .failed, parent: stuck) {
      $0.failedReason = "503 from the exchange rate service\nsecond line"
      ($0.attempts, $0.attemptsMade) = (3, 3)
    }
  }

  private static func addWide(to picture: inout Picture) {
    picture.jobs[wide] = job(wide, "thumbnails", .waitingChildren) {
      $0.counts = DependenciesCount(processed: 9120, unprocessed: 40, ignored: 171)
      $0.data = ["album": 2291]
    }
    var family = Family()
    let active = ChildGroup.ID(kind: .unprocessed, state: .active, name: "thumbnail")
    family.groups = [
      ChildGroup(id: failedGroup, count: KnownCount(171, isExact: true)),
      ChildGroup(id: active, count: KnownCount(8, isExact: true)),
    ]
    family.sum = 9120
    picture.families[wide] = family
  }

  private static func addRenovation(to picture: inout Picture) {
    let kids: [(String, String, JobState)] = [
      ("c1", "칠하기 천장", .completed), ("c2", "🚀 launch 👩‍👩‍👧", .active), ("c3", "paint\u{1B}[2J\u{202E}evil", .waiting),
      ("c4", "e\u{301}te\u{301} \u{200B}late", .delayed),
      ("c5", String(repeating: "very long ", count: 30), .prioritized),
    ]
    picture.jobs[root] = job(root, "renovate-interior", .waitingChildren) {
      $0.counts = DependenciesCount(processed: 1, unprocessed: 4)
    }
    var family = Family()
    family.children = kids.map { .init(key: key("steps", $0.0), kind: $0.2 == .completed ? .processed : .unprocessed) }
    family.values = [key("steps", "c1"): 2500]
    family.sum = 2500
    picture.families[root] = family
    for (id, name, state) in kids {
      picture.jobs[key("steps", id)] = job(key("steps", id), name, state, parent: root) {
        if state == .completed { $0.returnvalue = 2500 }
        if state == .active { ($0.progress, $0.attempts, $0.attemptsMade) = (64, 3, 1) }
        if state == .delayed { $0.dueOn = 2_000_000 }
        $0.data = ["place": "walls", "cost": 900]
      }
    }
  }

  /// Many flows without children, as a page of more.
  static func manyFlows(_ range: Range<Int>, of count: Int, window: Window = Window()) -> Picture {
    var picture = Picture()
    picture.window = window
    picture.status = .live
    (picture.discovery, picture.sweep) = (.complete, .complete)
    picture.flowCount = KnownCount(count, isExact: true)
    picture.flows.roots = range.map { key("flows", "\($0)") }
    picture.flows.isFirst = range.lowerBound == 0
    picture.flows.isLast = range.upperBound == count
    picture.flows.before = KnownCount(range.lowerBound, isExact: true)
    for root in picture.flows.roots {
      picture.jobs[root] = job(root, "flow-\(root.id)", .waitingChildren) {
        $0.counts = DependenciesCount(unprocessed: 1)
      }
    }
    return picture
  }

  static func model(
    rows: Int = 40, columns: Int = 120, isASCII: Bool = false, isReadOnly: Bool = false, picture: Picture? = nil
  ) -> DashboardModel {
    var model = DashboardModel(
      setup: Scene.Setup(
        server: "redis 127.0.0.1:6379/0", prefix: "bull", name: "prod", isReadOnly: isReadOnly, isASCII: isASCII),
      size: Frame.Size(rows: rows, columns: columns), now: 1030, themeNames: ["dark", "light", "high-contrast"])
    _ = model.update(.picture(picture ?? Sample.picture))
    return model
  }
}

extension DashboardModel {
  /// Presses keys, one after the other.
  ///
  /// - Returns: what is to be done, without what the monitor is told.
  @discardableResult
  mutating func press(_ keys: String) -> [Effect] { keys.flatMap { press(.character($0)) } }

  @discardableResult
  mutating func press(_ input: InputEvent) -> [Effect] {
    update(.input(input)).filter { if case .look = $0 { false } else { true } }
  }

  var lines: [String] {
    draw().text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The first line with a text in it.
  func line(with text: String) -> String { lines.first { $0.contains(text) } ?? "" }
}
