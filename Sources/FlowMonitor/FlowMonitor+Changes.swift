import QueueClient
import Redis

/// How changes become pictures.
extension FlowMonitor {
  /// Reads what has changed, batch by batch, until the task is cancelled.
  func readChanges() async {
    var failures = 0
    inbox.add { $0.everything = true }
    for await changes in inbox {
      do {
        try await refresh(changes)
        failures = 0
      } catch {
        if Task.isCancelled { return }
        report(.unanswered(reason: "\(error)"))
        inbox.add { $0.merge(changes) }
        failures += 1
        try? await Task.sleep(for: redis.configuration.backoff.delay(after: failures, random: 0.5))
      }
    }
  }

  private func refresh(_ changes: PendingChanges) async throws {
    let doubt = health.doubt
    // What is looked at meanwhile, the next reading answers.
    let window = window
    var contents = contents
    defer { self.contents = contents }
    note(changes, in: &contents)
    if changes.reconcile { try await reconcile(&contents, changes) }
    if schedule.isDue(order: window.order) || !contents.shows(window) {
      contents.window = window
      try await reader.readPage(of: &contents, queues: queues.keys, problems: listedProblems)
      schedule.read()
    }
    contents.window = window
    var findings = try await fill(&contents)
    contents.trim()
    try await readQueues(changes, visible: contents)
    if try await follow(&contents) {
      // The first picture does not wait for what may have changed before it was followed.
      if !isLoaded { showFirst(contents) }
      findings = try await fill(&contents)
    }
    isLoaded = true
    self.contents = contents
    if changes.everything { report(.loaded(doubt: doubt)) }
    if findings.isUnfinished || schedule.isOld && contents.page.roots.isEmpty { inbox.add { $0.isShown = true } }
    show()
  }

  private func showFirst(_ contents: WindowContents) {
    self.contents = contents
    isLoaded = true
    show()
  }

  private func fill(_ contents: inout WindowContents) async throws -> WindowReader.Findings {
    let findings = try await reader.fill(&contents)
    wrongTyped.formUnion(findings.wrongTyped.prefix(max(0, 100 - wrongTyped.count)))
    // A flow that has ended, or is gone, has another place in the list.
    if !findings.moved.isDisjoint(with: contents.page.roots) { schedule.mark() }
    return findings
  }

  /// Marks what a batch of changes makes old.
  private func note(_ changes: PendingChanges, in contents: inout WindowContents) {
    contents.mark(changes)
    reconciliation.announced(changes)
    let new = queues.learn(changes.flows.union(changes.settings).filter(isWatched))
    // The list is announced; that it is still right is looked at with every comparison.
    if changes.everything || changes.reconcile || !new.isEmpty { schedule.mark() }
    if !changes.flows.isEmpty, PageSchedule.dependsOnOthers(contents) { schedule.mark() }
  }

  func isWatched(_ queue: QueueKey) -> Bool {
    queue.prefix == configuration.prefix
      && (configuration.queueNames.isEmpty || configuration.queueNames.contains(queue.name))
  }

  /// The flows that stand before all others: what the search found, then what was seen.
  var listedProblems: [JobKey] {
    let swept = orderedProblems.map(\.root)
    return swept + seenProblems.subtracting(swept).sorted()
  }

  /// Reads how queues stand whose settings have changed, or that come into sight.
  private func readQueues(_ changes: PendingChanges, visible contents: WindowContents) async throws {
    let unseen = Set(contents.jobs.keys.lazy.map(\.queue)).filter { queues.statuses[$0] == nil }
    let wanted = unseen.union(changes.settings.filter { queues.statuses[$0] != nil })
    guard !wanted.isEmpty else { return }
    queues.take(try await QueueReader(redis: redis).read(wanted.sorted()))
    sweepAgain.formUnion(wanted)
    sweepWakeup.call()
  }

  private func reconcile(_ contents: inout WindowContents, _ changes: PendingChanges) async throws {
    // What is known to be old proves nothing; where all is in doubt, only what was announced just now is.
    let announced = changes.everything ? changes.jobs.union(changes.parents) : contents.oldJobs
    let held = contents.heldJobs.count
    let differing = try await reader.reconcile(&contents, except: announced)
    // What changed unseen may have changed anywhere: nothing that was learnt about the list is relied on.
    if !differing.isEmpty { reader.index.restart() }
    if held > 0, differing.intersection(contents.gone).count * 2 > held { report(.replaced) }
    reconciliation.begin(with: differing)
  }

  /// Follows what is held from now on, and nothing else.
  ///
  /// - Returns: whether something must be read once more, because it may have changed before it was followed.
  private func follow(_ contents: inout WindowContents) async throws -> Bool {
    guard health.source == .keyspace else {
      if health.source == .streams { await streams.follow(Set(queues.keys).union(contents.jobs.keys.map(\.queue))) }
      return false
    }
    let wanted = contents.wanted(
      prefix: configuration.prefix, endings: PageSchedule.dependsOnOthers(contents))
    let fresh = await keyspace.follow(wanted)
    // What has ended hardly changes in these few milliseconds, and a reconciliation would find it.
    let unfinished = fresh.filter { contents.jobs[$0].map { !$0.isFinished } ?? true }
    for key in unfinished { contents.markAll(of: key) }
    return !unfinished.isEmpty
  }
}
