import FlowMonitor
import QueueClient

/// The one table of words for what keeps a flow from finishing: for rows, the Why page, `explain` and the doctor. Names
/// and reasons come before ids. What stands in Redis is not yet safe for a terminal here.
public struct CauseWords: Sendable {
  private let cause: Cause
  private let isBrief: Bool

  /// The words for a cause.
  ///
  /// - Parameter isBrief: whether long names are cut, so that what is the matter shows in a row.
  public init(_ cause: Cause, isBrief: Bool = false) { (self.cause, self.isBrief) = (cause, isBrief) }

  private var evidence: Cause.Evidence { cause.evidence }
  private var name: String { called(evidence.name, cause.job) }
  private var queue: String { cause.job.queue.name }
  private var parent: String { evidence.parent.map { called(evidence.parentName, $0) } ?? "its parent" }
  private var reason: String {
    Formatting.firstLine(evidence.reason ?? (evidence.isRead ? "no reason given" : "its reason was not read"))
  }

  private func called(_ name: String, _ key: JobKey) -> String {
    let name = Self.name(name, key)
    return isBrief ? JobName.brief(name) : name
  }

  static func name(_ name: String, _ key: JobKey) -> String {
    if key.isUnreadable { return "'\(key.id)'" }
    return name.isEmpty ? "\(key.queue.name)/\(key.id)" : JobName.shown(name, of: key)
  }

  /// One job, or how many there are of which it is one.
  private func jobs(_ verb: (one: String, many: String)) -> String {
    evidence.count == 1
      ? "\(name) \(verb.one)" : "\(Formatting.count(evidence.count)) jobs, such as \(name), \(verb.many)"
  }

  /// What a parent does for its children; one that failed waits for them again when it is run again.
  private var waitsFor: String { evidence.isParentFailed ? "failed, and when it is run again waits for" : "waits for" }

  /// Jobs that wait in a queue: those that are not due yet are called that.
  private var waiting: String {
    let delayed = evidence.delayed
    guard delayed > 0 else { return jobs(("waits", "wait")) }
    if delayed >= evidence.count { return jobs(("is delayed", "are delayed")) }
    return jobs(("waits", "wait")) + " (\(Formatting.count(delayed)) of them delayed)"
  }

  /// What is said behind a key that holds something else than it should.
  public static let wrongTyped = "holds something else than BullMQ keeps there; what belongs to it is not looked at"

  /// What is the matter, in one sentence.
  public var sentence: String {
    let isOne = evidence.count == 1
    switch cause.code {
    case .failedChild:
      return isOne
        ? "\(parent) \(waitsFor) \(name), which failed for good: \(reason)"
        : "\(parent) \(waitsFor) \(Formatting.count(evidence.count)) children that failed, such as \(name): \(reason)"
    case .missingChild:
      return isOne
        ? "\(parent) \(waitsFor) \(name), which \(cause.job.isUnreadable ? "is no job's key" : "does not exist")"
        : "\(parent) \(waitsFor) \(Formatting.count(evidence.count)) jobs that do not exist, such as \(name)"
    case .completedStillPending:
      return isOne
        ? "\(parent) \(waitsFor) \(name), which has completed"
        : "\(parent) \(waitsFor) \(Formatting.count(evidence.count)) jobs that have completed, such as \(name)"
    case .waitsForNothing:
      guard let child = evidence.child else { return "\(name) waits for children, and there is none to wait for" }
      return "\(name) waits for \(Self.name("", child)), which will tell another parent of its end"
    case .failed:
      guard isOne else {
        return "it failed through \(Formatting.count(evidence.count)) jobs, such as \(name): \(reason)"
      }
      return cause.chain.count > 1 ? "it failed through \(name): \(reason)" : "\(name) failed: \(reason)"
    case .circle: return "\(parent) waits for \(name), which waits for it in turn"
    case .missingParent:
      guard let parent = evidence.parent else {
        let children = evidence.count == 1 ? "a child counts" : "\(Formatting.count(evidence.count)) children count"
        return "\(name) does not exist any more, and \(children) for it"
      }
      return "\(name) counts for \(Self.name("", parent)), which does not exist"
    case .lostJob: return jobs(("is", "are")) + " in no list of the queue \(queue): no worker will find it"
    case .twoPlaces: return jobs(("is", "are")) + " in two lists of the queue \(queue) at once"
    case .stalled:
      return jobs(("is", "are")) + " active, and no worker of \(queue) is connected to finish it or to put it back"
    case .noWorker: return waiting + " in \(queue), and no worker of that queue is connected"
    case .queuePaused: return waiting + " in \(queue), which is paused"
    case .lostMarker: return jobs(("waits", "wait")) + " in \(queue), whose workers sleep: what wakes them is gone"
    case .backlog:
      if evidence.isInGroup {
        return jobs(("waits", "wait")) + " in a group of BullMQ Pro in \(queue), which is not looked into"
      }
      let place = evidence.ahead.map { $0 == 0 ? ", the next one" : ", behind \(Formatting.count($0, "job"))" } ?? ""
      return jobs(("waits", "wait")) + " for a turn in \(queue)\(place)"
    case .delayed: return jobs(("is", "are")) + " delayed"
    case .retrying: return jobs(("waits", "wait")) + " for the next try; the last one failed: \(reason)"
    case .rateLimited: return jobs(("waits", "wait")) + " in \(queue), whose rate limit is used up"
    case .concurrencyFull where cause.allowsNone:
      return waiting
        + " in \(queue), whose limit of active jobs (concurrency) is \(Formatting.count(evidence.limit ?? 0)): none may begin"
        + " until it is 1 or more, or gone (HDEL \(ShellLine.quoted(cause.job.queue[.meta])) \(MetaField.concurrency.rawValue))"
    case .concurrencyFull:
      let limit = evidence.limit.map { " (\(Formatting.count($0)))" } ?? ""
      return jobs(("waits", "wait")) + " in \(queue), where as many jobs are active as may be\(limit)"
    case .active:
      let isHeld = evidence.lock != nil || cause.until == nil
      return jobs(("is", "are"))
        + (isHeld ? " active" : " active, and nobody holds it: a worker of \(queue) puts it back")
    case .deferredFailure: return "\(name) fails as soon as a worker takes it: \(reason)"
    case .ignoredFailures:
      return "\(Formatting.count(evidence.count, "child")) of \(name) failed, and that is ignored"
        .replacing("childs", with: "children")
        + (evidence.reason.map { isOne ? ": \(Formatting.firstLine($0))" : ", such as by: \(Formatting.firstLine($0))" }
          ?? "")
    }
  }

  /// What else is known, in a few words each.
  ///
  /// - Parameter now: milliseconds since 1970.
  public func details(at now: Int) -> [String] {
    var details: [String] = []
    func span(_ from: Int, _ to: Int) -> String? {
      let (length, isOver) = to.subtractingReportingOverflow(from)
      return isOver || length < 0 ? nil : Formatting.duration(milliseconds: length, isRunning: true)
    }
    if let tries = evidence.attempts, tries.made > 0, tries.most > 1 {
      details.append("\(Formatting.count(tries.made)) of \(Formatting.count(tries.most)) tries")
    }
    if let worker = evidence.worker, !worker.isEmpty { details.append("worker \(worker)") }
    if let since = cause.since.flatMap({ span($0, now) }) { details.append("since \(since)") }
    if let until = cause.until {
      // How long others take that are still to come, nobody knows.
      let rate = cause.code == .backlog ? ", if all go as fast as those of the last minute" : ""
      details.append(span(now, until).map { "ends in about \($0)\(rate)" } ?? "due now")
    } else if cause.code == .delayed {
      details.append("until nobody knows when")
    }
    if let lock = evidence.lock, lock > 0 {
      details.append("its lock lasts \(Formatting.duration(milliseconds: lock, isRunning: true))")
    }
    if let ended = evidence.endedLastMinute, ended > 0 {
      details.append("\(Formatting.count(ended)) ended in the last minute")
    }
    if !evidence.holders.isEmpty {
      details.append("active now: " + evidence.holders.map { Self.name("", $0) }.joined(separator: " "))
    }
    return details
  }

  /// The way from the root to the job, where it is longer than one step.
  public var chain: String? {
    guard cause.chain.count > 1 else { return nil }
    var links = cause.chain.prefix(Self.mostLinks).map(\.description)
    if cause.chain.count > 2 * Self.mostLinks {
      links.append("… \(Formatting.count(cause.chain.count - 2 * Self.mostLinks)) in between")
      links += cause.chain.suffix(Self.mostLinks).map(\.description)
    } else {
      links += cause.chain.dropFirst(Self.mostLinks).map(\.description)
    }
    return links.joined(separator: " \(Glyphs.folded) ")
  }

  /// Of a longer way, so many links at each end are told.
  private static let mostLinks = 6
}

extension Cause.Fix {
  /// What it does, in a few words.
  public var words: String {
    if let action { return action.words }
    if case .startWorker(let queue) = self { return "start a worker of \(queue.name)" }
    return ""
  }

  /// The command line that does it, fit to be pasted into a shell.
  public var commandLine: String {
    if case .startWorker(let queue) = self { return ShellLine.queue("work", queue) + " -- YOUR-PROGRAM" }
    return action?.commandLines.first ?? ""
  }

  /// What the dashboard does for it; `nil` where that is nothing it can do.
  var action: JobAction? {
    switch self {
    case .retryFlow(let key): JobAction(.retryFlow, [.job(key)])
    case .releaseFlow(let key): JobAction(.releaseFlow, [.job(key)])
    case .removeDependency(let child, let parent):
      JobAction(.removeDependency, [.dependency(child: child, parent: parent)])
    case .cancelFlow(let key): JobAction(.cancelFlow, [.job(key)])
    case .resumeQueue(let queue): JobAction(.resume, [.queue(queue)])
    case .startWorker: nil
    case .moveToWait(let key): JobAction(.moveToWait, [.job(key)])
    case .promote(let key): JobAction(.promote, [.job(key)])
    case .remove(let key): JobAction(.remove, [.job(key)])
    }
  }
}
