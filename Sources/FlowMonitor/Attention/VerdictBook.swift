import QueueClient

/// Which flows are to be explained, since something in them seems wrong, and what that gave. Pure.
///
/// A cause that may be over in a moment counts when a look finds it that comes a while later.
struct VerdictBook: Sendable {
  private struct Verdict: Sendable {
    /// What is told.
    var causes: [Cause]
    /// What was found that needs somebody, told or not, and since when.
    var seen: [(cause: Cause, since: ContinuousClock.Instant)]
    /// When it was looked at last.
    var at: ContinuousClock.Instant
  }

  private var verdicts: [JobKey: Verdict] = [:]
  private var due: [JobKey] = []
  private var isDue: Set<JobKey> = []
  private var later: [JobKey: ContinuousClock.Instant] = [:]

  /// What may pass has to stand for so long.
  static let patience = FlowExplainer.patience
  /// A flow in which the same seems wrong as before is not explained again sooner than this.
  private static let rest = Duration.seconds(15)

  /// How many flows were looked at.
  var count: Int { verdicts.count }

  /// Whether a flow was looked at.
  func knows(_ root: JobKey) -> Bool { verdicts[root] != nil }

  /// Asks for a look at a flow, unless there was one lately.
  mutating func suspect(_ root: JobKey, at now: ContinuousClock.Instant) {
    if let last = verdicts[root]?.at, now - last < Self.rest { return }
    lookAgain(root)
  }

  /// Asks for a look at a flow.
  mutating func lookAgain(_ root: JobKey) {
    if isDue.insert(root).inserted { due.append(root) }
  }

  /// How many flows are to be looked at now.
  func dueCount(at now: ContinuousClock.Instant) -> Int { due.count + later.values.count { $0 <= now } }

  /// When the next second look is due; `nil` where none is.
  var nextLook: ContinuousClock.Instant? { later.values.min() }

  /// The flows to be looked at now.
  mutating func next(_ most: Int, at now: ContinuousClock.Instant) -> [JobKey] {
    for (root, time) in later where time <= now {
      later[root] = nil
      lookAgain(root)
    }
    let roots = Array(due.prefix(most))
    due.removeFirst(roots.count)
    isDue.subtract(roots)
    return roots
  }

  /// Takes in what was found of a flow.
  ///
  /// - Returns: the causes that are told from now on, where these are others than before; none where nothing is.
  mutating func take(
    _ root: JobKey, _ found: FlowExplainer.LookedAt, at now: ContinuousClock.Instant
  ) -> [Cause]? {
    let before = verdicts[root]
    var verdict = Verdict(causes: [], seen: [], at: now)
    for cause in found.causes where cause.needsPerson {
      let since = before?.seen.first { $0.cause.isLike(cause) }?.since ?? now
      verdict.seen.append((cause, since))
      if !found.mayPass.contains(cause) || now - since >= Self.patience { verdict.causes.append(cause) }
    }
    if verdict.causes.count < verdict.seen.count { later[root] = now + Self.patience }
    verdicts[root] = verdict
    return verdict.causes == before?.causes ?? [] ? nil : verdict.causes
  }

  /// Forgets a flow in which nothing seems wrong any more.
  ///
  /// - Returns: whether something was told of it.
  mutating func forget(_ root: JobKey) -> Bool {
    later[root] = nil
    return verdicts.removeValue(forKey: root)?.causes.isEmpty == false
  }
}
