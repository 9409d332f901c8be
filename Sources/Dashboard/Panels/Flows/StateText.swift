import FlowMonitor
import QueueClient

/// A row's state in words: what matters most first, the rest where there is room.
struct StateText: Sendable, Equatable {
  /// What is shown first, and cut where it is too long.
  var main: String
  var role: Style.Role
  /// What is shown behind it, each as a whole or not at all.
  var details: [String] = []

  init(_ main: String, _ role: Style.Role, details: [String] = []) {
    self.main = main
    self.role = role
    self.details = details
  }

  /// A job's.
  init(of job: FlowJob, scene: Scene) {
    let picture = scene.picture
    role = Style(job.state).role
    let counts = job.counts
    let share = counts.total > 0 ? "\(Formatting.count(counts.processed))/\(Formatting.count(counts.total))" : nil
    var tries: [String] = []
    if job.attempts > 1, job.attemptsMade > 0, job.state != .completed {
      tries = ["try \(min(job.attemptsMade + 1, job.attempts))/\(job.attempts)"]
    }
    switch job.state {
    case .waitingChildren:
      if let words = Self.stuck(job, picture) {
        (main, role, details) = ("stuck: " + words, .error, share.map { [$0] } ?? [])
      } else {
        main = "waiting-children" + (share.map { " \($0)" } ?? "")
      }
    case .failed:
      let reason = job.failedReason.map { Self.readable($0, of: job.key, picture) } ?? "no reason given"
      main = (job.attempts > 1 ? "failed \(job.attemptsMade) of \(job.attempts): " : "failed: ") + reason
    case .active:
      if job.isWithoutLock {
        (main, role) = ("active, but no worker holds it", .warning)
      } else {
        main = "active" + (Self.percent(job).map { " \($0)%" } ?? "")
        details = tries + (job.processedBy.map { ["worker \($0)"] } ?? [])
      }
    case .delayed:
      let due = job.dueOn.map { $0.subtractingReportingOverflow(scene.clock) }
      let wait = due.map { $0.overflow ? 0 : $0.partialValue }
      main = "delayed" + (wait.map { ", due in \(Formatting.duration(milliseconds: $0, isRunning: true))" } ?? "")
      details = tries
    case .completed:
      main = "completed" + (share.map { " \($0)" } ?? "")
    case .waiting, .prioritized:
      main = job.state.rawValue
      details = tries + (share.map { [$0] } ?? [])
      // As long as something keeps it from being taken, it does not even fail.
      let failure = job.deferredFailure.map { "will fail: " + Self.readable($0, of: job.key, picture) }
      if let words = Self.heldUp(job, picture) {
        (main, role) = (main + ", " + words, .paused)
        details = (failure.map { [$0] } ?? []) + details
      } else if let failure {
        (main, role) = (failure, .warning)
      }
    case .unknown:
      main = "unknown: in no list of its queue"
    }
  }

  /// A group's.
  init(of group: ChildGroup) {
    if group.isUnseen {
      (main, role) = (
        "\(group.id.state == .waiting ? "unfinished" : group.id.state.rawValue), not looked at yet", .faint
      )
      return
    }
    role = Style(group.id.state).role
    main = group.id.state.rawValue
    if let reason = group.id.reason { main += ": " + Formatting.firstLine(reason) }
  }

  /// That of a job of which there is no hash, by what its parent holds.
  init(ofAbsent kind: Family.Kind?, isGone: Bool) {
    switch (kind, isGone) {
    case (.processed, true): (main, role) = ("completed, removed", .completed)
    case (.ignored, true): (main, role) = ("failed, ignored, removed", .failed)
    case (.failed, true): (main, role) = ("failed, removed", .failed)
    case (_, true): (main, role) = ("gone, and still waited for", .error)
    case (_, false): (main, role) = ("…", .faint)
    }
  }

  /// What keeps a job that is ready from being taken, as far as that is known; `nil` where nothing does.
  private static func heldUp(_ job: FlowJob, _ picture: Picture) -> String? {
    if picture.queues[job.key.queue]?.isPaused == true { return "queue paused" }
    guard case .held(let cause)? = picture.trouble(of: job.key), cause.job == job.key, cause.needsPerson else {
      return nil
    }
    switch cause.code {
    case .noWorker: return "no worker"
    case .lostMarker: return "workers asleep"
    default: return nil
    }
  }

  /// A reason's first line. BullMQ names the child through whose failure a parent failed by its key: people know it by
  /// its name, and want to know what was wrong with it, or with the last one of several that failed so.
  ///
  /// - Parameter job: the one that failed for that reason.
  static func readable(_ reason: String, of job: JobKey, _ picture: Picture) -> String {
    var line = Formatting.firstLine(reason)
    var culprits = [job]
    while let parent = culprits.last, let child = FlowJob.failedChild(in: line, of: parent), !culprits.contains(child) {
      culprits.append(child)
      line = picture.jobs[child].map { $0.failedReason.map(Formatting.firstLine) ?? "" } ?? line
    }
    guard culprits.count > 1, let culprit = culprits.last else { return line }
    guard picture.jobs[culprit] != nil else { return "a child in \(culprit.queue.name) failed" }
    return failed(JobName.brief(picture.name(of: culprit)), line)
  }

  /// That a child failed, and why; where it failed through another, that one is named.
  private static func failed(_ child: JobKey, name: String, _ reason: String, _ picture: Picture) -> String {
    let line = Formatting.firstLine(reason)
    return FlowJob.failedChild(in: line, of: child) == nil
      ? failed(JobName.brief(name), line) : readable(line, of: child, picture)
  }

  private static func failed(_ name: String, _ reason: String) -> String {
    "\(name) failed" + (reason.isEmpty ? "" : ": \(reason)")
  }

  /// Progress as 0...100, where it is a number above 0.
  static func percent(_ job: FlowJob) -> Int? {
    guard let number = job.progress?.double, number > 0, number.isFinite else { return nil }
    return Int(clamping: min(100, number).rounded())
  }

  /// Why a parent waits for ever; `nil` where it does not.
  private static func stuck(_ job: FlowJob, _ picture: Picture) -> String? {
    guard let trouble = picture.trouble(of: job.key), trouble.needsPerson else { return nil }
    switch trouble {
    case .blockedByFailedChild(let child, let name, let reason):
      return failed(
        child, name: name.isEmpty ? picture.name(of: child) : JobName.shown(name, of: child), reason, picture)
    case .lostChild(let child, let name):
      return inNoList(name.isEmpty ? picture.name(of: child) : JobName.shown(name, of: child))
    case .missingChild(let child): return gone(picture.name(of: child), child)
    case .withoutLock: return "no worker holds a job that it waits for"
    case .held(let cause) where cause.evidence.count == 1: return words(for: cause, picture)
    default: return trouble.cause(of: job.key, nameOf: picture.name).map { CauseWords($0, isBrief: true).sentence }
    }
  }

  /// A cause that was looked for, in few words: what stands in the row need not be said again.
  private static func words(for cause: Cause, _ picture: Picture) -> String {
    let name = CauseWords.name(cause.evidence.name, cause.job)
    switch cause.code {
    case .failedChild:
      return failed(cause.job, name: name, cause.evidence.reason ?? "no reason given", picture)
    case .lostJob: return inNoList(name)
    case .missingChild: return gone(cause.evidence.name.isEmpty ? cause.job.id : name, cause.job)
    case .stalled: return "no worker holds a job that it waits for"
    default: return CauseWords(cause, isBrief: true).sentence
    }
  }

  /// That a child is gone: what is wrong before an id, where its name is gone with it.
  private static func gone(_ name: String, _ child: JobKey) -> String {
    name == child.id
      ? "a child is gone, and still waited for: \(child.id)" : "\(JobName.brief(name)) is gone, and still waited for"
  }

  private static func inNoList(_ name: String) -> String { "\(JobName.brief(name)) is in no list of its queue" }

  /// Draws it.
  func draw(into frame: inout Frame, row: Int, columns: Range<Int>) {
    var column = frame.put(main, row: row, column: columns.lowerBound, limit: columns.count, style: Style(role))
    for detail in details where column + 2 + frame.width(of: detail) <= columns.upperBound {
      column = frame.put(detail, row: row, column: column + 2, style: Style(.faint))
    }
  }
}
