import QueueClient
import Redis

/// A picture for whoever prints it and goes.
extension FlowMonitor {
  /// Reads what a window shows, once: all queues are looked for first, then problems for a moment; the flows that are shown
  /// are explained, however far that came.
  ///
  /// - Throws: `RedisError`.
  public func picture(of window: Window) async throws -> Picture {
    queues.learn(try await discovery.first())
    while true {
      let (found, progress) = try await discovery.step(keys: QueueDiscovery.keysOfSoleReader)
      queues.learn(found)
      discoveryProgress = progress
      if progress.isComplete { break }
    }
    await discovery.remember(queues.keys)
    try await search(atMost: .seconds(2))
    var contents = WindowContents()
    contents.window = window
    try await reader.readPage(of: &contents, queues: queues.keys, problems: listedProblems)
    while try await reader.fill(&contents).isUnfinished {}
    contents.trim()
    let visible = Set(contents.jobs.keys.map(\.queue)).union(queues.keys.prefix(KnownQueues.portion))
    queues.take(try await QueueReader(redis: redis).read(visible.sorted()))
    try await explain(contents)
    self.contents = contents
    isLoaded = true
    var picture = makePicture()
    picture.status = .readOnce
    if isLookPlanned {
      // What does not pass is true.
      try await Task.sleep(for: DiagnosisBook.patience)
      contents.markEverything()
      while try await reader.fill(&contents).isUnfinished {}
      self.contents = contents
      picture = makePicture()
      picture.status = .readOnce
    }
    return picture
  }

  /// Looks for problems until everything was looked at, or for so long.
  private func search(atMost limit: Duration) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      let start = ContinuousClock.now
      try await sweepOnce()
      if await sweep.isIdle {
        guard let pause = await sweep.secondLook, ContinuousClock.now + pause < end else { return }
        try await Task.sleep(for: pause)
      } else {
        try await Task.sleep(for: min(ContinuousClock.now - start, .milliseconds(50)))
      }
    }
  }

  /// Explains the flows that are shown and of which the search has found nothing, unless it is through.
  private func explain(_ contents: WindowContents) async throws {
    guard !sweepProgress.isComplete || !isSweepExact else { return }
    let shown = contents.page.roots.filter { root in
      problems[root] == nil && contents.jobs[root].map { !$0.isFinished } ?? true
    }
    for (root, causes) in try await FlowSearch(redis: redis, configuration: configuration).causes(of: shown) {
      problems[root] = AttentionSweep.Finding(root: root, causes: causes)
    }
  }
}
