import Foundation
import QueueClient
import Redis

/// What runs beside the reading of changes.
extension FlowMonitor {
  // MARK: Sources

  /// Listens to the source in use, and to the next one when that changes.
  func runSources() async {
    while !Task.isCancelled {
      guard let source = health.source else {
        await sourceWakeup.wait(atMost: .seconds(1))
        continue
      }
      await withTaskGroup { group in
        group.addTask { await self.listen(to: source) }
        group.addTask { await self.waitForAnotherSource(than: source) }
        await group.next()
        group.cancelAll()
      }
    }
  }

  private nonisolated func listen(to source: HealthState.Source) async {
    let report: @Sendable (HealthState.Input) async -> Void = { await self.report($0) }
    switch source {
    case .keyspace: await keyspace.run(report: report)
    case .streams: await streams.run(report: report)
    case .polling: await PollingSource(inbox: inbox).run(report: report)
    }
  }

  private func waitForAnotherSource(than source: HealthState.Source) async {
    while !Task.isCancelled, health.source == source { await sourceWakeup.wait(atMost: .seconds(60)) }
  }

  // MARK: The server

  /// Looks at the server's setting and the queues every two seconds.
  func checkServer() async {
    var last = ContinuousClock.now
    var mayEnable = configuration.notifications == .enable
    while !Task.isCancelled {
      var pause = Duration.seconds(2)
      do {
        if mayEnable {
          try await enableWherePossible()
          mayEnable = false
        }
        try await check(since: &last)
      } catch {
        if Task.isCancelled { return }
        report(.unanswered(reason: "\(error)"))
        // A server that was away may have lost its setting.
        mayEnable = configuration.notifications == .enable
        pause = .milliseconds(300)
      }
      await checkWakeup.wait(atMost: pause)
    }
  }

  private func enableWherePossible() async throws {
    do {
      try await enableNotifications()
    } catch let error as RedisError where !error.isConnectionFailure {
      // It is forbidden, or the server does not have it: the check finds the setting as it is.
    }
  }

  private func check(since last: inout ContinuousClock.Instant) async throws {
    let turn = queues.turn(including: Set(contents.jobs.keys.lazy.map(\.queue)))
    async let statuses = QueueReader(redis: redis).read(turn)
    let check = ServerCheck(try await redis.rawReplies(to: ServerCheck.commands(turn)), queues: turn)
    let read = try await statuses
    let now = ContinuousClock.now
    defer { last = now }
    sweepWhereWorse(read)
    queues.take(read)
    throughput.take(added: check.added, statuses: queues.statuses, elapsed: (now - last).seconds)
    if let id = check.runID { report(.runID(id)) }
    if check.isReplaced(since: lastCheck) { report(.replaced) }
    if configuration.notifications == .enable, let before = lastCheck?.runID, before != check.runID {
      // A server that was started anew has lost its setting, however short it was away.
      try await enableWherePossible()
      checkWakeup.call()
    } else {
      report(.setting(isSufficient: check.isSufficient))
    }
    forget(check.missing.filter { !configuration.queueNames.contains($0.name) && !check.existing.contains($0) })
    try await learn(from: check.drawn)
    lastCheck = check
    inbox.add { $0.isShown = true }
  }

  /// Where queues are gone, others may have come that nobody was told of: they are looked for.
  private func forget(_ gone: Set<QueueKey>) {
    guard gone.contains(where: queues.contains) else { return }
    queues.forget(gone)
    isRediscovering = true
    discoveryWakeup.call()
  }

  /// Learns of queues by keys of theirs, as far as they exist.
  private func learn(from keys: [String]) async throws {
    let found = Set(keys.compactMap { QueueKey(ofAnyKey: $0, prefix: configuration.prefix) })
    let unknown = found.filter { isWatched($0) && !queues.contains($0) }.sorted()
    guard !unknown.isEmpty else { return }
    let replies = try await redis.rawReplies(to: unknown.map { ["EXISTS", .text($0[.meta])] })
    add(zip(unknown, replies).filter { $1.int == 1 }.map(\.0))
  }

  /// Has the sweep look again at what was found in some queues, and at the flows that it belongs to: somebody has just
  /// changed something there, and wants to know whether that helped.
  public func lookAgain(at queues: Set<QueueKey>) {
    sweepAgain.formUnion(queues)
    for finding in problems.values {
      let its = finding.queues
      if !its.isDisjoint(with: queues) { sweepAgain.formUnion(its) }
    }
    sweepWakeup.call()
  }

  /// Has the sweep look again where more has failed, or somebody paused.
  private func sweepWhereWorse(_ read: [QueueStatus]) {
    let worse = read.filter { status in
      guard let before = queues.statuses[status.key] else { return true }
      return before.counts[.failed] != status.counts[.failed] || before.isPaused != status.isPaused
        || before.counts[.waitingChildren] != status.counts[.waitingChildren]
    }
    // What is to blame may lie in another queue than where a flow's end shows.
    if !worse.isEmpty { lookAgain(at: Set(worse.map(\.key))) }
  }

  // MARK: Time

  /// Asks nothing itself: puts into the inbox what has become due.
  func keepTime() async {
    var last = ContinuousClock.now
    var ticks = 0
    while (try? await Task.sleep(for: PageSchedule.interval)) != nil {
      ticks &+= 1
      if let unannounced = reconciliation.outcome() { report(.reconciled(unannounced: unannounced)) }
      if ContinuousClock.now - last >= Reconciliation.interval, isLoaded {
        last = .now
        inbox.add { $0.reconcile = true }
      }
      if schedule.isOld || ticks.isMultiple(of: 5) && contents.hasMore { inbox.add { $0.isShown = true } }
    }
  }

  // MARK: Discovery

  /// Looks for queues, from the beginning whenever that is asked for.
  func discover() async {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await discoverOnce()
        failures = 0
        // Where nothing tells of new queues, they are looked for now and then.
        repeat {
          await discoveryWakeup.wait(atMost: .seconds(20))
        } while health.source == .keyspace && discoveryProgress.isComplete && !Task.isCancelled && !isRediscovering
        isRediscovering = false
        await discovery.restart()
      } catch let error as RedisError where !error.isConnectionFailure {
        // Asking again at once would be refused again.
        refuseDiscovery(error)
        await discoveryWakeup.wait(atMost: .seconds(20))
      } catch {
        failures += 1
        try? await Task.sleep(for: Backoff(limit: .seconds(1)).delay(after: failures, random: 0.5))
      }
    }
  }

  private func discoverOnce() async throws {
    add(try await discovery.first())
    var isFirstSearch = !discoveryProgress.isComplete
    var keys = QueueDiscovery.keys(after: .zero)
    while true {
      let start = ContinuousClock.now
      let (found, progress) = try await discovery.step(keys: keys)
      add(found)
      if isFirstSearch, progress != discoveryProgress {
        discoveryProgress = progress
        inbox.add { $0.isShown = true }
      }
      if progress.isComplete { break }
      // The first search takes half of the time at the most, a later one a twentieth.
      let elapsed = ContinuousClock.now - start
      try await Task.sleep(for: min(elapsed, QueueDiscovery.cost(ofKeys: keys)) * (isFirstSearch ? 1 : 19))
      keys = QueueDiscovery.keys(after: elapsed)
      isFirstSearch = isFirstSearch || !discoveryProgress.isComplete
    }
    discoveryProgress = .complete
    discoveryRefusal = nil
    await discovery.remember(queues.keys)
    sweepWakeup.call()
  }

  private func refuseDiscovery(_ error: RedisError) {
    discoveryRefusal = "\(error); or name the queues with --queue"
    sweepWakeup.call()
    inbox.add { $0.isShown = true }
  }

  private func add(_ found: [QueueKey]) {
    guard !queues.learn(found).isEmpty else { return }
    schedule.mark()
    sweepWakeup.call()
    inbox.add { $0.isShown = true }
  }

  // MARK: The sweep

  /// Looks for problems, from when there are flows to be seen, at a pace that Redis hardly feels.
  func sweepForProblems() async {
    while !Task.isCancelled {
      guard isLoaded else {
        await sweepWakeup.wait(atMost: .seconds(1))
        continue
      }
      let start = ContinuousClock.now
      do {
        let step = try await sweepOnce()
        let elapsed = ContinuousClock.now - start
        try? await Task.sleep(
          for: SweepPace.rest(after: step.cost, within: elapsed, isRepeated: step.isRepeated))
      } catch {
        try? await Task.sleep(for: .seconds(1))
      }
      if let pause = await sweep.pause { await sweepWakeup.wait(atMost: pause) }
    }
  }

  @discardableResult
  func sweepOnce() async throws -> AttentionSweep.Step {
    if isSweepOld {
      isSweepOld = false
      await sweep.restart()
    }
    // Cleared before the wait: what is added meanwhile is for the next step.
    let again = sweepAgain
    sweepAgain = []
    if !again.isEmpty { await sweep.changed(again) }
    let step = try await sweep.step(
      queues: queues.keys, areAll: discoveryProgress.isComplete || discoveryRefusal != nil)
    take(step)
    return step
  }

  private func take(_ step: AttentionSweep.Step) {
    let before = problems
    wrongTyped.formUnion(step.wrongTyped.prefix(max(0, 100 - wrongTyped.count)))
    for root in step.cleared { problems[root] = nil }
    seenProblems.subtract(step.cleared)
    for finding in step.findings { problems[finding.root] = finding }
    if problems != before { schedule.mark() }
    // Of what is not known yet, nothing has been looked at.
    let known = discoveryRefusal == nil ? discoveryProgress.fraction : 1
    let progress = Progress(step.progress.fraction * known)
    guard
      problems != before || progress != sweepProgress || step.flowCount != flowCount || step.isExact != isSweepExact
    else { return }
    (sweepProgress, isSweepExact) = (progress, step.isExact)
    flowCount = step.flowCount
    inbox.add { $0.isShown = true }
  }
}
