import QueueClient

/// What the search makes of what it meets: suspects, whose flows are explained, and so what is found.
extension AttentionSweep {
  /// So many flows are explained in one step.
  private static let explainedAtOnce = 100
  /// Of more flows than this, what the search saw is told as it is; a failed root says by itself what is wrong.
  private static let mostExplained = 5000
  private static let mostFailuresExplained = 500
  /// With more flows than this known to need somebody, those of queues that are held up are not followed any more.
  private static let mostFollowed = 1000

  // MARK: What seems wrong

  /// Follows what seems wrong up to the roots of the flows, which are explained later.
  func note(_ troubles: [Sweeper.Trouble], in place: FindingBook.Place, _ step: inout Step) async throws {
    guard !troubles.isEmpty else { return }
    let time = now()
    for (trouble, root) in zip(troubles, try await lister.roots(of: troubles.map(\.at))) {
      // A plain job that nobody holds, or that is in two places, is no flow's.
      if trouble.code == .stalled || trouble.code == .doubtful, !root.isParent { continue }
      book.note(trouble.at, of: root.key, in: place)
      let most = trouble.code == .failed ? Self.mostFailuresExplained : Self.mostExplained
      if verdicts.count < most {
        verdicts.suspect(root.key, at: time)
      } else if let cause = Cause(trouble, of: root.key) {
        take(root.key, .init(causes: [cause]), &step)
      }
    }
  }

  /// Notes parents whose children lie where the search does not come by, or are not found in a long list.
  ///
  /// - Returns: whether there are any.
  @discardableResult
  func noteUnusual(_ found: Sweeper.Step, in place: FindingBook.Place) async throws -> Bool {
    var parents = Set(found.elsewhere.filter { !known.contains($0.queue) }.map(\.parent))
    let time = now()
    for each in found.unlisted where !parents.contains(each.parent) {
      if try await lists.misses(each.child, at: time) { parents.insert(each.parent) }
    }
    try await suspect(parents.sorted(), in: place)
    return !parents.isEmpty
  }

  /// Has the flows of jobs looked at with which something may be wrong.
  ///
  /// - Throws: `RedisError`.
  func suspect(_ jobs: [JobKey]) async throws {
    for (queue, its) in Dictionary(grouping: jobs, by: \.queue) {
      try await suspect(its, in: .init(queue: queue, suffix: .id))
    }
  }

  func suspect(_ jobs: [JobKey], in place: FindingBook.Place, onlyFlows: Bool = false) async throws {
    guard !jobs.isEmpty else { return }
    let time = now()
    for (job, root) in zip(jobs, try await lister.roots(of: jobs)) where root.isParent || !onlyFlows {
      book.note(job, of: root.key, in: place)
      if verdicts.count < Self.mostExplained { verdicts.suspect(root.key, at: time) }
    }
  }

  /// Has the flows looked at that jobs of a queue belong to which is held up; of more than are explained, it is only known
  /// that there are more.
  func follow(_ jobs: [JobKey], in place: FindingBook.Place) async throws {
    guard !jobs.isEmpty else { return }
    let time = now()
    for root in Set(try await lister.roots(of: jobs).filter(\.isParent).map(\.key)).sorted() {
      guard verdicts.count < Self.mostFollowed || verdicts.knows(root) else {
        notFollowed.insert(place)
        continue
      }
      // One entry a flow, however many of its jobs wait here.
      book.note(root, of: root, in: place)
      verdicts.suspect(root, at: time)
    }
  }

  // MARK: Findings

  /// What was looked for first is told first; then flows are explained some at a time, but not left until the end.
  var isTimeToExplain: Bool {
    let due = verdicts.dueCount(at: now())
    return due >= Self.explainedAtOnce || due > 0 && !plan.hasQuick
  }

  func explain(_ step: inout Step) async throws {
    let roots = verdicts.next(Self.explainedAtOnce, at: now())
    do {
      for (root, found) in try await explainer.look(at: roots) { take(root, found, &step) }
    } catch {
      for root in roots { verdicts.lookAgain(root) }
      throw error
    }
  }

  private func take(_ root: JobKey, _ found: FlowExplainer.LookedAt, _ step: inout Step) {
    guard let causes = verdicts.take(root, found, at: now()) else { return }
    if causes.isEmpty {
      step.cleared.insert(root)
    } else {
      step.findings.append(Finding(root: root, causes: causes))
      step.cleared.remove(root)
    }
  }

  /// Takes in that nothing seems wrong in flows any more.
  func end(_ over: Set<JobKey>, _ step: inout Step) {
    for root in over where verdicts.forget(root) { step.cleared.insert(root) }
  }
}
