import Foundation
import QueueClient
import Redis

/// Keeps a `FlowForest` true to what stands in Redis.
///
/// `run()` finds the flows and then waits to be told of changes, by keyspace notifications or by the event
/// streams; each change is read again, and `updates` carries the forest that results.
public actor FlowMonitor {
  /// What is true now.
  public struct Update: Sendable {
    /// The flows.
    public var forest: FlowForest
    /// How true that is.
    public var status: MonitorStatus
    /// Whether all queues have been looked for.
    public var isComplete: Bool

    /// An update from its parts.
    public init(forest: FlowForest, status: MonitorStatus, isComplete: Bool) {
      self.forest = forest
      self.status = status
      self.isComplete = isComplete
    }
  }

  /// The newest truth, for one reader; a slow reader misses the ones in between.
  public nonisolated let updates: AsyncStream<Update>

  private let configuration: MonitorConfiguration
  private let redis: RedisClient
  private let loader: Loader
  private let subscriber: RedisSubscriber
  private let follower: StreamFollower
  private let sink: AsyncStream<Update>.Continuation
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  private var forest = FlowForest()
  private var status = MonitorStatus.connecting
  private var isComplete = false
  private var pending = PendingChanges()
  private var queues: Set<QueueKey> = []
  private var opened: Set<JobKey> = []
  private var followed: Set<JobKey> = []
  /// By parent, children that failed lately: a reading of part of a wide family may miss them.
  private var suspects: [JobKey: Set<JobKey>] = [:]
  private var usesStreams = false
  private var streamsReason = ""
  /// Why the server does not let us subscribe.
  private var refusal: RedisError?

  /// A monitor of a Redis; it reads nothing before `run()`.
  public init(redis: RedisClient, configuration: MonitorConfiguration = MonitorConfiguration()) {
    self.redis = redis
    self.configuration = configuration
    loader = Loader(redis: redis)
    var forPushes = redis.configuration
    forPushes.clientName += "-push"
    subscriber = RedisSubscriber(configuration: forPushes)
    follower = StreamFollower(redis: redis)
    (updates, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: What the reader wants

  /// Names the jobs whose children are to be read, beside those of unfinished flows.
  public func open(_ keys: Set<JobKey>) {
    let new = keys.subtracting(opened)
    opened = keys
    change { $0.jobs.formUnion(new) }
  }

  /// Adds the letters we need to the server's `notify-keyspace-events`.
  ///
  /// - Throws: `RedisError`, when the server forbids it.
  public func enableNotifications() async throws {
    let setting = try await notificationSetting()
    if !setting.isSufficient {
      try await redis.send(["CONFIG", "SET", "notify-keyspace-events", .text(setting.extended.letters)])
    }
    usesStreams = false
    change { $0.everything = true }
  }

  /// Reads everything once and returns it, without staying.
  public func readOnce() async throws -> FlowForest {
    try await loadEverything(following: false)
    return forest
  }

  /// Reads one job and everything below it, once.
  public func readFlow(_ key: JobKey) async throws -> FlowForest {
    try await load([key], roots: [key], into: FlowForest.Reading(), following: false)
    return forest
  }

  // MARK: Running

  /// Watches until the task is cancelled.
  public func run() async {
    await withTaskGroup { group in
      group.addTask { await self.subscriber.run() }
      group.addTask { await self.receiveNotifications() }
      group.addTask { await self.receiveEvents() }
      group.addTask { await self.readChanges() }
      await group.waitForAll()
    }
    await follower.close()
    sink.finish()
  }

  private func receiveNotifications() async {
    for await event in subscriber.events {
      switch event {
      case .connected:
        refusal = nil
        change { $0.everything = true }
      case .disconnected(let error):
        becomeStale(error)
      case .refused(let error):
        refusal = error
        change { $0.everything = true }
      case .messages(let messages):
        let changes = messages.compactMap { Change(channel: $0.channel, prefix: configuration.prefix) }
        change { pending in for each in changes { pending.add(each) } }
      }
    }
  }

  private func receiveEvents() async {
    var lastScan = ContinuousClock.now
    var cursor = "0"
    while !Task.isCancelled {
      do {
        guard usesStreams, case .followingStreams = status else {
          try await Task.sleep(for: .milliseconds(100))
          continue
        }
        let changes = try await follower.next()
        change { pending in
          for each in changes {
            pending.add(each)
            // A stream tells of the job alone: its parent's counts and values have changed with it.
            if case .job(let key) = each, let parent = forest.jobs[key]?.parentKey { pending.jobs.insert(parent) }
          }
        }
        // New queues show in no stream that is followed: look for them, a small step at a time.
        if configuration.queueNames.isEmpty, ContinuousClock.now - lastScan > .seconds(8) {
          lastScan = .now
          let step = try await loader.scan(prefix: configuration.prefix, cursor: cursor)
          cursor = step.next ?? "0"
          let new = step.found.filter { !queues.contains($0) }
          change { pending in for queue in new { pending.add(.waitingChildren(queue)) } }
        }
      } catch is CancellationError {
        return
      } catch {
        // The read was ended for a new queue, or the connection is lost, which the reader of changes tells.
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private func change(_ edit: (inout PendingChanges) -> Void) {
    edit(&pending)
    if !pending.isEmpty { wake.yield() }
  }

  private func readChanges() async {
    for await _ in wakes {
      try? await Task.sleep(for: configuration.gathering)
      let changes = pending.take()
      do {
        try await read(changes)
      } catch is CancellationError {
        return
      } catch {
        becomeStale(error)
        pending.merge(changes)
        pending.everything = true
        try? await Task.sleep(for: .milliseconds(500))
        wake.yield()
      }
    }
  }

  private func becomeStale(_ error: any Error) {
    if case .stale(let since, _) = status {
      status = .stale(since: since, reason: "\(error)")
    } else {
      status = .stale(since: Date().timeIntervalSince1970, reason: "\(error)")
    }
    emit()
  }

  private func emit() {
    sink.yield(Update(forest: forest, status: status, isComplete: isComplete))
  }

  // MARK: Reading

  private func read(_ changes: PendingChanges) async throws {
    guard !changes.isEmpty else { return }
    if changes.everything {
      try await chooseSource()
      try await loadEverything(following: true)
      // Refused only now: everything is read again, and followed by streams.
      if refusal != nil, !usesStreams { return }
      status = usesStreams ? .followingStreams(reason: streamsReason) : .live
      emit()
      return
    }
    let newQueues = changes.waitingChildren.union(changes.queues).filter { isWatched($0) && !queues.contains($0) }
    var dirty = changes.jobs.filter { forest.jobs[$0] != nil || opened.contains($0) }
    var roots: Set<JobKey> = []
    for queue in changes.waitingChildren.union(newQueues) where isWatched(queue) || queues.contains(queue) {
      let waiting = try await loader.candidates(
        queue, limit: configuration.rootLimit, onlyWaiting: !newQueues.contains(queue))
      roots.formUnion(try await loader.roots(of: waiting.filter { forest.jobs[$0] == nil }))
      let stillWaiting = Set(waiting)
      dirty.formUnion(
        forest.jobs.values.lazy.filter { $0.key.queue == queue && $0.state == .waitingChildren }.map(\.key)
          .filter { !stillWaiting.contains($0) }
      )
    }
    queues.formUnion(newQueues)
    if usesStreams, !newQueues.isEmpty { try await follower.follow(Array(newQueues)) }
    var reading = FlowForest.Reading()
    reading.queues = try await loader.queues(changes.queues.union(newQueues).filter { queues.contains($0) })
    dirty.formUnion(try await suspectedParents(reading.queues))
    try await load(dirty.union(roots), roots: roots, into: reading, following: true)
  }

  /// Looks who failed in queues that have more failed jobs than before.
  ///
  /// - Returns: parents of wide families that have to be read with those children.
  private func suspectedParents(_ statuses: [QueueStatus]) async throws -> Set<JobKey> {
    let worse = statuses.filter { $0.counts[.failed] ?? 0 > forest.queues[$0.key]?.counts[.failed] ?? 0 }
    guard !worse.isEmpty else { return [] }
    let found = try await loader.failedChildren(of: worse.map(\.key))
    suspects.merge(found) { $0.count < 100 ? $0.union($1) : $1 }
    suspects = suspects.filter { found[$0.key] != nil || forest.jobs[$0.key] != nil }
    return Set(found.keys.filter { forest.jobs[$0]?.unreadChildren ?? 0 > 0 })
  }

  private func isWatched(_ queue: QueueKey) -> Bool {
    queue.prefix == configuration.prefix
      && (configuration.queueNames.isEmpty || configuration.queueNames.contains(queue.name))
  }

  /// Decides where changes are heard from, by the server's setting and the reader's wish.
  private func chooseSource() async throws {
    if let refusal { return useStreams("the server does not let us subscribe: \(refusal)") }
    switch configuration.notifications {
    case .off:
      useStreams("notifications are switched off here")
    case .enable where !usesStreams:
      do {
        try await enableNotificationsOnce()
        usesStreams = false
      } catch let error as RedisError where !error.isConnectionFailure {
        useStreams("the server does not let us turn notifications on: \(error)")
      }
    case .auto, .enable:
      do {
        let setting = try await notificationSetting()
        usesStreams = !setting.isSufficient
        streamsReason = "notifications are off in this Redis"
      } catch let error as RedisError where !error.isConnectionFailure {
        useStreams("CONFIG is forbidden, so notifications may be off")
      }
    }
  }

  private func enableNotificationsOnce() async throws {
    let setting = try await notificationSetting()
    if !setting.isSufficient {
      try await redis.send(["CONFIG", "SET", "notify-keyspace-events", .text(setting.extended.letters)])
    }
  }

  private func useStreams(_ reason: String) {
    usesStreams = true
    streamsReason = reason
  }

  private func notificationSetting() async throws -> NotificationSetting {
    let answer = try await redis.send(["CONFIG", "GET", "notify-keyspace-events"]).pairs
    return NotificationSetting(letters: answer.first?.value.string ?? "")
  }

  /// Looks at all queues, shown as they are found, and at everything already known.
  private func loadEverything(following: Bool) async throws {
    isComplete = false
    followed = []
    try await follow(following)
    if configuration.queueNames.isEmpty {
      var cursor: String? = "0"
      while let from = cursor {
        let step = try await loader.scan(prefix: configuration.prefix, cursor: from)
        cursor = step.next
        try await load(queues: step.found, following: following)
      }
    } else {
      let named = configuration.queueNames.map { QueueKey(prefix: configuration.prefix, name: $0) }
      try await load(queues: named, following: following)
    }
    let known = Set(forest.jobs.keys)
    try await load(known, roots: [], into: FlowForest.Reading(), following: following)
    isComplete = true
    emit()
  }

  private func load(queues new: [QueueKey], following: Bool) async throws {
    guard !new.isEmpty else { return }
    queues.formUnion(new)
    if following, usesStreams { try await follower.follow(new) }
    var reading = FlowForest.Reading()
    reading.queues = try await loader.queues(new)
    _ = try await suspectedParents(reading.queues)
    var candidates: [JobKey] = []
    for queue in new {
      candidates += try await loader.candidates(queue, limit: configuration.rootLimit, onlyWaiting: false)
    }
    let roots = try await loader.roots(of: candidates)
    try await load(roots, roots: roots, into: reading, following: following)
  }

  /// Reads jobs, then those below them that are wanted, level by level; then makes sure that none of them has
  /// changed before its channels were followed.
  private func load(
    _ keys: Set<JobKey>, roots: Set<JobKey>, into first: FlowForest.Reading, following: Bool
  ) async throws {
    var reading = first
    reading.roots = roots
    var level = keys
    var seen: Set<JobKey> = []
    while true {
      level = level.filter { seen.insert($0).inserted }
      reading.jobs = try await loader.jobs(level.sorted(), suspects: suspects, childLimit: childLimit)
      forest.apply(reading)
      let below = reading.jobs.values.compactMap { $0 }.flatMap(\.children).map(\.key)
      // A child that is read but gone stays in its parent's list; it is not asked for again and again.
      level = Set(below.filter { forest.jobs[$0] == nil })
      reading = FlowForest.Reading()
      emitUnlessLoading()
      if level.isEmpty { break }
    }
    forest.prune(finishedRoots: configuration.finishedLimit)
    let fresh = try await follow(following)
    if !fresh.isEmpty {
      reading.jobs = try await loader.jobs(fresh.sorted(), suspects: suspects, childLimit: childLimit)
      forest.apply(reading)
    }
    emit()
  }

  private func emitUnlessLoading() {
    if isComplete { emit() }
  }

  private func childLimit(_ key: JobKey) -> Int {
    let known = forest.jobs[key]
    if opened.contains(key) { return max(Loader.familyLimit, configuration.childLimit) }
    if let known, known.isFinished, known.children.isEmpty { return 0 }
    return max(configuration.childLimit, known?.children.count ?? 0)
  }

  /// Follows the channels of everything that is held.
  ///
  /// - Returns: the jobs that were not followed before.
  @discardableResult
  private func follow(_ following: Bool) async throws -> Set<JobKey> {
    guard following, !usesStreams else { return [] }
    let wanted = KeyspaceChannels(
      database: redis.configuration.endpoint.database, prefix: configuration.prefix, queues: queues,
      jobs: forest.jobs.values
    )
    do {
      try await subscriber.follow(channels: wanted.channels, patterns: wanted.patterns)
    } catch let error as RedisError where error.isMissingRight {
      refusal = error
      change { $0.everything = true }
    }
    let now = Set(forest.jobs.keys)
    defer { followed = now }
    return now.subtracting(followed)
  }
}
