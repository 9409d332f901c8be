import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis
import Synchronization

/// What a script waits for.
enum WatchGoal: String, ExpressibleByArgument, CaseIterable {
  case stuck, done
}

/// How what is watched stands. Pure.
enum WatchSight: Sendable, Equatable {
  /// It goes on.
  case underWay
  /// It needs somebody, and why.
  case stuck(String)
  /// It has come to its end, and how.
  case done(String)

  /// What to end with; `nil` to go on watching.
  func end(for goal: WatchGoal) -> (line: String, code: Int32)? {
    switch (self, goal) {
    case (.underWay, _): nil
    case (.stuck(let words), .stuck): ("stuck: \(words)", 0)
    case (.done(let words), .done): ("done: \(words)", 0)
    case (.stuck(let words), .done): ("stuck: \(words)", WatchUntil.otherEnd)
    case (.done(let words), .stuck): ("done: \(words)", WatchUntil.otherEnd)
    }
  }
}

/// Watches for a script, until something is so.
struct WatchUntil {
  /// What scripts get where it has ended the other way, and where the time is over.
  static let otherEnd: Int32 = 3
  static let timeIsOver: Int32 = 4

  let goal: WatchGoal
  /// In seconds; `nil` for as long as it takes.
  let timeout: Double?

  /// Between two looks.
  private static let pause = Duration.seconds(1)
  /// Something is stuck when so many looks in a row find it so: workers are started anew, too.
  private static let surely = 3
  /// So long Redis may be away.
  private static let patience = Duration.seconds(15)

  /// Looks until there is an end, says it, and ends the program with its code.
  ///
  /// - Parameter look: one look; what it throws while Redis is away is let pass for a while.
  func run(_ look: () async throws -> WatchSight) async throws {
    let start = ContinuousClock.now
    var (lastSuccess, stuckLooks) = (start, 0)
    while true {
      do {
        let sight = try await look()
        lastSuccess = .now
        if case .stuck = sight { stuckLooks += 1 } else { stuckLooks = 0 }
        let isSure = stuckLooks == 0 || stuckLooks >= Self.surely
        if isSure, let end = sight.end(for: goal) { return try finish(end.line, end.code) }
      } catch let error as RedisError where error.isConnectionFailure {
        if ContinuousClock.now - lastSuccess > Self.patience { throw error }
      }
      let taken = (ContinuousClock.now - start) / .seconds(1)
      if let timeout, taken >= timeout {
        return try finish(
          "not \(goal.rawValue) within \(Formatting.duration(milliseconds: Int(clamping: timeout * 1000)))",
          Self.timeIsOver)
      }
      try await Task.sleep(
        for: min(Self.pause, timeout.map { .milliseconds(Int(clamping: ($0 - taken) * 1000)) } ?? Self.pause))
    }
  }

  private func finish(_ line: String, _ code: Int32) throws {
    print(CleanText.line(line))
    if code != 0 { throw ExitCode(code) }
  }
}

/// One flow, look by look.
struct FlowSights {
  let redis: RedisClient
  let job: JobKey

  /// - Throws: `Failure`, where there is no such job: of one that is gone, nobody knows whether it has completed.
  func look() async throws -> WatchSight {
    guard let explanation = try await FlowExplainer(redis: redis).explain(job) else {
      throw Failure(
        what: "watch", why: "there is no job \(job) (any more: whether it had completed cannot be told)", code: .refused
      )
    }
    switch explanation.verdict {
    case .waits: return .underWay
    case .done: return .done("\(explanation.root.queue.name)/\(explanation.root.id) has completed")
    case .stuck: return .stuck(explanation.words)
    }
  }
}

/// All flows of a Redis, look by look: what the dashboard would show.
struct RedisSights {
  let redis: RedisClient
  let search: FlowSearch
  private let latest = LatestPicture()

  /// The newest picture of a monitor.
  final class LatestPicture: Sendable {
    private let picture = Mutex(Picture())
    var value: Picture {
      get { picture.withLock { $0 } }
      set { picture.withLock { $0 = newValue } }
    }
  }

  init(redis: RedisClient, configuration: MonitorConfiguration) {
    self.redis = redis
    search = FlowSearch(redis: redis, configuration: configuration)
  }

  /// Has a monitor watch the problems while something is done.
  func watching(_ monitor: FlowMonitor, _ body: @escaping @Sendable (RedisSights) async throws -> Void) async throws {
    var window = Window()
    window.filter = .problems
    await monitor.look(through: window)
    let latest = latest
    try await withThrowingTaskGroup { group in
      group.addTask { await monitor.run() }
      group.addTask { for await picture in monitor.pictures { latest.value = picture } }
      defer { group.cancelAll() }
      try await body(self)
    }
  }

  func look() async throws -> WatchSight {
    let picture = latest.value
    if case .stale = picture.status { try await redis.reach() }
    if picture.problemCount.value > 0 {
      let root = picture.flows.roots.first { picture.diagnoses[$0]?.needsPerson == true } ?? picture.flows.roots.first
      guard let root, let words = try await FlowExplainer(redis: redis).explain(root)?.words else { return .underWay }
      return .stuck("\(Formatting.count(picture.problemCount.value, "flow")), such as \(words)")
    }
    guard picture.discovery.isComplete, picture.sweep.isComplete else { return .underWay }
    return try await unfinished(in: picture.queues.keys.sorted()) == 0 ? .done("no job is left to do") : .underWay
  }

  /// How many jobs are still to do; the next ones of job schedulers, which always are, do not count.
  private func unfinished(in queues: [QueueKey]) async throws -> Int {
    let states: [JobState] = [.waiting, .prioritized, .active, .waitingChildren, .delayed]
    let jobs = try await search.statuses(of: queues).reduce(0) { sum, status in
      states.reduce(sum) { $0.addingClamped(max(0, status.counts[$1] ?? 0)) }
    }
    let schedulers = try await redis.pipeline(queues.map { ["ZCARD", .text($0[.schedulers])] }).reduce(0) {
      $0.addingClamped($1.int ?? 0)
    }
    return max(0, jobs - schedulers)
  }
}

extension Explanation {
  /// The first cause that needs somebody, with the flow that it keeps.
  fileprivate var words: String {
    let cause = causes.first(where: \.needsPerson) ?? causes.first
    return "\(root.queue.name)/\(root.id): \(cause.map { CauseWords($0).sentence } ?? "it needs somebody")"
  }
}
