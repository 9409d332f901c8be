import Foundation
import QueueClient
import Redis

/// Keeps a picture of what somebody looks at true to what stands in Redis.
///
/// `look(through:)` says what is looked at; `run()` finds and reads just that, follows it, and sends pictures.
/// Everything else is known by counts: what a change or a picture costs is bounded by the window, not by how many
/// flows there are.
///
/// ```swift
/// let monitor = FlowMonitor(redis: redis)
/// async let running: Void = monitor.run()
/// for await picture in monitor.pictures { show(Outline(of: picture, window: window)) }
/// ```
public actor FlowMonitor {
  /// The newest picture, for one reader; a slow reader misses the ones in between.
  public nonisolated let pictures: AsyncStream<Picture>
  private let sink: AsyncStream<Picture>.Continuation

  let configuration: MonitorConfiguration
  let redis: RedisClient
  let inbox: ChangeInbox
  let reader: WindowReader
  let keyspace: KeyspaceSource
  let streams: StreamSource
  let discovery: QueueDiscovery
  let sweep: AttentionSweep
  let overview: QueueOverviewReader

  var health: HealthState
  var contents = WindowContents()
  var window = Window()
  var schedule = PageSchedule()
  var reconciliation = Reconciliation()
  var queues = KnownQueues()
  var throughput = Throughput()
  var problems: [JobKey: AttentionSweep.Finding] = [:] { didSet { problemsInOrder = nil } }
  /// What the search found, in its order; `nil` where that has changed since.
  private var problemsInOrder: [FlowProblem]?
  var flowCount = KnownCount(0, isExact: false)
  var discoveryProgress = Progress.none
  /// Why the search for queues cannot be made, in words, and what to do.
  var discoveryRefusal: String?
  var sweepProgress = Progress.none
  var isSweepExact = false
  var wrongTyped: Set<String> = []
  var lastCheck: ServerCheck?
  var isLoaded = false { didSet { if isLoaded != oldValue { sweepWakeup.call() } } }
  var isRediscovering = false
  /// What the next step of the sweep is to know: that all is new, or where something changed.
  var isSweepOld = false
  var sweepAgain: Set<QueueKey> = []
  /// Flows that were seen to need somebody before the sweep came by.
  var seenProblems: Set<JobKey> = []
  private var isEnablingRefused = false
  private var shown: Picture?
  private var book = DiagnosisBook()
  private(set) var isLookPlanned = false

  let sourceWakeup = Wakeup()
  let checkWakeup = Wakeup()
  let discoveryWakeup = Wakeup()
  let sweepWakeup = Wakeup()

  /// How long the server may take to answer the monitor: after that the picture is not known to be true.
  private static let patience = Duration.milliseconds(2500)

  /// A monitor of a Redis; it asks nothing before `run()` or `picture(of:)`.
  ///
  /// - Parameter redis: says where the server is; the monitor has connections of its own.
  public init(redis: RedisClient, configuration: MonitorConfiguration = MonitorConfiguration()) {
    self.configuration = configuration
    var own = redis.configuration
    own.commandTimeout = min(own.commandTimeout, Self.patience)
    own.connectTimeout = min(own.connectTimeout, .seconds(3))
    own.backoff.limit = min(own.backoff.limit, .milliseconds(500))
    self.redis = RedisClient(configuration: own)
    own.clientName += "-push"
    inbox = ChangeInbox(gathering: configuration.gathering)
    reader = WindowReader(redis: self.redis)
    keyspace = KeyspaceSource(configuration: own, prefix: configuration.prefix, inbox: inbox)
    streams = StreamSource(redis: self.redis, inbox: inbox)
    discovery = QueueDiscovery(
      redis: self.redis, prefix: configuration.prefix, names: configuration.queueNames,
      cacheFolder: configuration.cacheFolder)
    sweep = AttentionSweep(redis: self.redis, prefix: configuration.prefix)
    overview = QueueOverviewReader(redis: self.redis)
    health = HealthState(avoidsNotifications: configuration.notifications == .off)
    (pictures, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: What the reader wants

  /// Says what is looked at from now on. The picture of it follows.
  public func look(through window: Window) {
    guard window != self.window else { return }
    self.window = window
    inbox.add { $0.isUrgent = true }
  }

  /// Adds the letters we need to the server's `notify-keyspace-events`, and follows notifications from then on.
  ///
  /// - Throws: `RedisError`, when the server forbids it.
  public func enableNotifications() async throws {
    let reply = try await redis.send(["CONFIG", "GET", "notify-keyspace-events"])
    let setting = NotificationSetting(letters: reply.pairs.first?.value.string ?? "")
    if !setting.isSufficient {
      do {
        try await redis.send(["CONFIG", "SET", "notify-keyspace-events", .text(setting.extended.letters)])
      } catch let error as RedisError where !error.isConnectionFailure {
        isEnablingRefused = true
        throw error
      }
    }
    report(.notificationsEnabled)
    checkWakeup.call()
  }

  // MARK: Running

  /// Watches until the task is cancelled; then every connection is closed, and the pictures end.
  public func run() async {
    await withTaskGroup { group in
      group.addTask { await RootLister(connection: self.redis).prepare() }
      group.addTask { await self.runSources() }
      group.addTask { await self.readChanges() }
      group.addTask { await self.checkServer() }
      group.addTask { await self.discover() }
      group.addTask { await self.sweepForProblems() }
      group.addTask { await self.keepTime() }
      await group.waitForAll()
    }
    sink.finish()
    redis.close()
  }

  /// Takes in what happened to the source or the server, and does what follows from it.
  func report(_ input: HealthState.Input) {
    let (source, status) = (health.source, health.status)
    let orders = health.take(input, at: Date().timeIntervalSince1970)
    if orders.contains(.reload) { inbox.add { $0.everything = true } }
    if orders.contains(.check) { checkWakeup.call() }
    if orders.contains(.rediscover) { rediscover() }
    if health.source != source { sourceWakeup.call() }
    // What is wrong is said at once, even while a reading waits for its answer.
    if health.status != status { show() }
  }

  private func rediscover() {
    queues.forgetAll()
    reader.index.restart()
    throughput.restart()
    (problems, seenProblems, wrongTyped) = ([:], [], [])
    (discoveryProgress, sweepProgress, isSweepExact) = (.none, .none, false)
    (flowCount, isRediscovering) = (KnownCount(0, isExact: false), true)
    isSweepOld = true
    discoveryWakeup.call()
  }

  /// Sends the picture, where it is another one than before.
  func show() {
    guard isLoaded || health.status != .connecting else { return }
    let picture = makePicture()
    guard picture != shown else { return }
    shown = picture
    sink.yield(picture)
  }

  func makePicture() -> Picture {
    var picture = Picture()
    picture.window = contents.window
    picture.flows = contents.page
    picture.jobs = contents.jobs
    picture.gone = contents.gone
    picture.families = contents.families.mapValues(\.family)
    picture.queues = queues.statuses
    picture.diagnoses = diagnoses(picture)
    noteSeenProblems(picture)
    picture.flowCount =
      flowCount.value < contents.page.roots.count ? KnownCount(contents.page.roots.count, isExact: false) : flowCount
    // What is on the screen is known at once, whenever the sweep comes by.
    // Of a flow, the parents below its root are diagnosed, too: those are no further problems.
    let seen = Set(picture.flows.roots).compactMap { root in
      picture.diagnoses[root].flatMap { $0.needsPerson && problems[root] == nil ? (key: root, value: $0) : nil }
    }
    picture.problems = orderedProblems
    if !seen.isEmpty {
      picture.problems += seen.sorted { $0.key < $1.key }.map {
        FlowProblem(root: $0.key, chain: $0.value.cause(of: $0.key)?.chain ?? [])
      }
    }
    picture.problemCount = KnownCount(
      picture.problems.count, isExact: isSweepExact && discoveryProgress.isComplete)
    picture.sweep = sweepProgress
    picture.discovery = discoveryProgress
    picture.throughput = throughput.perSecond
    picture.status = health.status
    picture.discoveryRefusal = discoveryRefusal
    picture.mayEnableNotifications =
      configuration.notifications != .off && !isEnablingRefused && lastCheck?.isSufficient == false
    picture.warnings = wrongTyped.sorted().prefix(5).map {
      "\($0) holds something else than BullMQ keeps there; it is left out"
    }
    return picture
  }

  /// What the search found, the oldest first.
  var orderedProblems: [FlowProblem] {
    if let problemsInOrder { return problemsInOrder }
    let inOrder = problems.values.sorted { ($0.since ?? 0, $0.root) < ($1.since ?? 0, $1.root) }
      .map { FlowProblem(root: $0.root, chain: $0.causes.first?.chain ?? []) }
    problemsInOrder = inOrder
    return inOrder
  }

  /// Why the jobs that are held do not end, as far as that is sure.
  private func diagnoses(_ picture: Picture) -> [JobKey: Diagnosis] {
    var found: [JobKey: Diagnosis] = [:]
    for key in Set(picture.flows.roots).union(picture.families.keys) {
      found[key] = Diagnosis(
        of: key, jobs: picture.jobs, gone: picture.gone, children: { picture.families[$0]?.children ?? [] },
        isPaused: { picture.queues[$0]?.isPaused == true })
    }
    let swept = problems.mapValues(\.diagnosis)
    var (shown, isWaiting) = book.take(found, swept: swept, at: .now)
    if isWaiting, !isLookPlanned {
      isLookPlanned = true
      Task { [weak self] in
        try? await Task.sleep(for: DiagnosisBook.patience)
        await self?.lookAgain()
      }
    }
    // What lies beyond what is held, the sweep alone knows.
    for root in picture.flows.roots {
      guard let found = swept[root], let its = found.rank(at: root) else { continue }
      let isTold = shown[root]?.rank(at: root).map { !its.isGraver(than: $0) } ?? false
      // The search goes on to the one that failed first.
      let isNearer =
        shown[root].map { $0.code == found.code && $0.isThroughAnother && !found.isThroughAnother } ?? false
      if !isTold || isNearer { shown[root] = found }
    }
    return shown
  }

  /// What is seen to need somebody rises to the others that do at once, and falls when it is seen to be well.
  private func noteSeenProblems(_ picture: Picture) {
    let held = Set(picture.flows.roots.lazy.filter { picture.jobs[$0] != nil || picture.gone.contains($0) })
    // Those that have failed themselves are listed next to these already, the newest first.
    let needing = held.filter { root in
      picture.diagnoses[root].map { $0.needsPerson && $0.code != .failed } ?? false
    }
    let now = seenProblems.subtracting(held).union(needing)
    guard now != seenProblems else { return }
    seenProblems = now
    schedule.mark()
  }

  private func lookAgain() {
    isLookPlanned = false
    show()
  }
}
