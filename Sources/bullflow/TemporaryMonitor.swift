import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis
import Synchronization

/// TEMPORARY: makes pictures of the old monitor's forest, until the new monitor makes them itself. To be removed then.
final class TemporaryMonitor: Sendable {
  private let monitor: FlowMonitor
  private let redis: RedisClient
  private let window = Mutex(Window())
  private let last = Mutex<FlowMonitor.Update?>(nil)
  private let pictures: AsyncStream<Picture>
  private let sink: AsyncStream<Picture>.Continuation

  init(redis: RedisClient, configuration: MonitorConfiguration) {
    monitor = FlowMonitor(redis: redis, configuration: configuration)
    self.redis = redis
    (pictures, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  var source: FlowSource {
    FlowSource(
      pictures: pictures, run: { await self.run() }, look: { await self.look($0) },
      readDetail: { [redis] in try await JobDetail.read($0, from: redis) },
      enableNotifications: { [monitor] in try await monitor.enableNotifications() })
  }

  private func run() async {
    await withTaskGroup { group in
      group.addTask { await self.monitor.run() }
      for await update in monitor.updates {
        last.withLock { $0 = update }
        send()
      }
    }
  }

  private func look(_ new: Window) async {
    window.withLock { $0 = new }
    let folds = new.folds.filter { $0.value }.map(\.key) + new.openGroups.keys.map(\.parent)
    await monitor.open(Set(folds))
    send()
  }

  private func send() {
    guard let update = last.withLock({ $0 }) else { return }
    sink.yield(Self.picture(of: update, window: window.withLock { $0 }))
  }

  /// What `snapshot` draws.
  static func picture(of update: FlowMonitor.Update, window: Window) -> Picture {
    let forest = update.forest
    var picture = Picture()
    picture.window = window
    picture.status = update.status
    picture.queues = forest.queues
    picture.jobs = forest.jobs
    picture.discovery = update.isComplete ? .complete : .none
    picture.sweep = update.isComplete ? .complete : .none
    let diagnoses = Dictionary(forest.roots.map { ($0, Diagnosis(of: $0, in: forest)) }) { first, _ in first }
    picture.diagnoses = diagnoses.filter { $0.value != .fine }
    picture.flowCount = KnownCount(forest.roots.count, isExact: update.isComplete)
    picture.problemCount = KnownCount(diagnoses.values.count { $0.needsAPerson }, isExact: update.isComplete)
    picture.flows = page(forest, diagnoses, window)
    for job in forest.jobs.values where job.isParent {
      let family = family(of: job, forest, window)
      picture.families[job.key] = family
      for child in job.children where forest.jobs[child.key] == nil { picture.gone.insert(child.key) }
    }
    let now = Int(Date().timeIntervalSince1970)
    var seconds = [Int](repeating: 0, count: 12)
    for job in forest.jobs.values {
      guard let end = job.finishedOn else { continue }
      let ago = now - end / 1000
      if (1...12).contains(ago) { seconds[12 - ago] += 1 }
    }
    picture.throughput = seconds
    return picture
  }

  private static func page(_ forest: FlowForest, _ diagnoses: [JobKey: Diagnosis], _ window: Window) -> FlowPage {
    var roots = forest.roots
    switch window.filter {
    case .all: break
    case .problems: roots = roots.filter { diagnoses[$0]?.needsAPerson == true }
    case .state(let state): roots = roots.filter { forest.jobs[$0]?.state == state }
    }
    func time(_ key: JobKey) -> Int { forest.jobs[key]?.timestamp ?? 0 }
    switch window.order {
    case .attention: break
    case .newest: roots.sort { time($0) > time($1) }
    case .oldest: roots.sort { time($0) < time($1) }
    case .name: roots.sort { (forest.jobs[$0]?.name ?? "", $0) < (forest.jobs[$1]?.name ?? "", $1) }
    }
    let place: Int =
      switch window.anchor {
      case .first: 0
      case .last: roots.count
      case .flow(let key): roots.firstIndex(of: key) ?? 0
      }
    let lower = max(0, place - 2 * window.height)
    let upper = min(roots.count, place + 2 * window.height)
    var page = FlowPage()
    page.roots = Array(roots[lower..<max(lower, upper)])
    page.isFirst = lower == 0
    page.isLast = upper == roots.count
    page.before = KnownCount(lower, isExact: true)
    return page
  }

  private static func family(of job: FlowJob, _ forest: FlowForest, _ window: Window) -> Family {
    var family = Family()
    family.values = job.values
    family.sum = job.sumOfValues
    func kind(_ kind: FlowJob.Child.Kind) -> Family.Kind {
      switch kind {
      case .unprocessed: .unprocessed
      case .processed: .processed
      case .ignored: .ignored
      case .failed: .failed
      }
    }
    let children = job.children.map { Family.Child(key: $0.key, kind: kind($0.kind)) }
    guard job.counts.total > Family.wide else {
      family.children = children
      return family
    }
    var members: [ChildGroup.ID: [JobKey]] = [:]
    for child in children {
      let known = forest.jobs[child.key]
      let id = ChildGroup.ID(
        kind: child.kind, state: known?.state ?? .unknown, name: known?.name,
        reason: known?.state == .failed ? known?.failedReason : nil)
      members[id, default: []].append(child.key)
    }
    let states: [JobState] = [
      .failed, .unknown, .active, .waitingChildren, .prioritized, .waiting, .delayed, .completed,
    ]
    family.groups = members.map { id, keys in
      let wanted = window.openGroups[GroupKey(parent: job.key, group: id)] ?? 0
      return ChildGroup(
        id: id, count: KnownCount(keys.count, isExact: job.unreadChildren == 0), members: Array(keys.prefix(wanted)))
    }.sorted {
      (states.firstIndex(of: $0.id.state) ?? 9, $0.id.name ?? "") < (
        states.firstIndex(of: $1.id.state) ?? 9, $1.id.name ?? ""
      )
    }
    return family
  }
}
