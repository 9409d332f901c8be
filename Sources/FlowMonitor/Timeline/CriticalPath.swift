import QueueClient

/// The chain of jobs that decided when the root could finish; while it has not, the chain that it waits for. Pure.
public struct CriticalPath: Sendable, Hashable {
  /// The jobs, from the root on down.
  public private(set) var steps: [Step] = []
  /// Whether it might lead elsewhere: children are gone, were not looked at, or several are still waited for.
  public private(set) var isCertain = true

  /// A job of the path.
  public struct Step: Sendable, Hashable {
    /// Which job.
    public var job: JobKey
    /// Since when it alone held the flow up, in milliseconds since 1970: since the next one on the path had ended, or
    /// since it was added; `nil` where the next one has not ended.
    public var start: Int?
    /// When it ended; `nil` while it has not.
    public var end: Int?

    /// How long it alone held the flow up, in milliseconds; `nil` where it does not yet.
    public func part(at now: Int) -> Int? { start.map { max(0, (end ?? now).subtractingClamped($0)) } }
  }

  /// No path.
  public init() {}

  /// The path through a flow.
  init(_ rule: ReleaseRule) {
    let facts = rule.facts
    var seen: Set<JobKey> = []
    var next: JobKey? = facts.root
    while let key = next, seen.insert(key).inserted {
      next = nil
      let job = facts.jobs[key]?.job
      let decider = rule.decider(of: key)
      steps.append(
        Step(
          job: key, start: decider == nil ? job?.timestamp : decider?.end,
          end: job?.isFinished == true ? job?.finishedOn : nil))
      if let decider {
        if !decider.isCertain { isCertain = false }
        next = decider.key
      } else if job?.isParent == true {
        // Its children are gone, or lie deeper than was looked.
        isCertain = false
      }
    }
  }
}
