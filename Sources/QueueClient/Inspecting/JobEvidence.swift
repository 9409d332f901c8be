/// Where a job was found: all that decides in which state it is.
public struct JobEvidence: Sendable, Hashable {
  /// Its score among the completed jobs; `nil` where it is not among them, as with the others.
  public var completed: Double?
  /// Its score among the failed jobs.
  public var failed: Double?
  /// Its score among the delayed jobs.
  public var delayed: Double?
  /// Its score among the jobs with a priority.
  public var prioritized: Double?
  /// Its score among the parents that wait.
  public var waitingChildren: Double?
  /// Whether the list of active jobs has it.
  public var active = Sighting.absent
  /// Whether the list of waiting jobs has it.
  public var wait = Sighting.absent
  /// Whether the list that a paused queue had in BullMQ 5 has it.
  public var paused = Sighting.absent
  /// Whether there is a job of that key at all.
  public var exists = false

  /// What a look at a list gave.
  public enum Sighting: Int, Sendable, Hashable {
    /// It is not in the parts that were looked at, and there are others.
    case unseen = -1
    /// It is not in the list.
    case absent = 0
    /// It is in the list.
    case found = 1
  }

  /// A job that was found nowhere.
  public init() {}

  /// The state, in the order in which BullMQ asks (`getState`): of a job that is in two places, the first counts. What
  /// its hash tells of the past, such as `processedOn`, says nothing.
  ///
  /// - Returns: the state, and whether it is taken to be waiting because the job exists and a list is too long to be
  ///   looked through.
  public var state: (state: JobState, isAssumed: Bool) {
    if completed != nil { return (.completed, false) }
    if failed != nil { return (.failed, false) }
    if delayed != nil { return (.delayed, false) }
    if prioritized != nil { return (.prioritized, false) }
    if active == .found { return (.active, false) }
    if wait == .found || paused == .found { return (.waiting, false) }
    if waitingChildren != nil { return (.waitingChildren, false) }
    let isUnseen = active == .unseen || wait == .unseen || paused == .unseen
    return isUnseen && exists ? (.waiting, true) : (.unknown, false)
  }
}
