import QueueClient
import Redis

/// The words for actions: what they do, what they would change, and what became of them. What stands in Redis is not yet
/// safe for a terminal here.
extension JobAction {
  /// What it does, in a few words.
  var words: String {
    switch verb {
    case .retry: "run it again"
    case .promote: "run it now"
    case .moveToWait: "put it back"
    case .remove: "remove it"
    case .removeUnprocessed: "remove the children it still waits for"
    case .removeDependency: "let the parent go on without it"
    case .retryFlow: "run again what failed"
    case .releaseFlow: "give up what can never come"
    case .cancelFlow: "remove what has not started"
    case .cloneFlow: "add the flow again"
    case .pause: "pause \(queueWords)"
    case .resume: "let \(queueWords) go on"
    }
  }

  private var queueWords: String {
    targets.count == 1 ? targets.first?.queue.name ?? "" : Formatting.count(targets.count, "queue")
  }
}

extension ActionPreview {
  /// The name that is typed where profiles demand one: of several queues, the first that was chosen.
  var queueToName: String { action.targets.first?.queue.name ?? "" }

  /// What is asked, in a line.
  var question: String {
    let jobs = Formatting.count(jobs, "job")
    return switch action.verb {
    case .retry: "Run \(jobs) again?"
    case .promote: "Run \(jobs) now?"
    case .moveToWait: "Put \(jobs) back?"
    case .remove, .removeUnprocessed, .cancelFlow: "Remove \(jobs)?"
    case .removeDependency: action.targets.count == 1 ? "Go on without it?" : "Go on without them?"
    case .retryFlow: "Run again what failed: \(jobs)?"
    case .releaseFlow: "Give up what can never come, for \(jobs)?"
    case .cloneFlow: "Add \(jobs) again?"
    case .pause, .resume: action.words.prefix(1).uppercased() + action.words.dropFirst() + "?"
    }
  }

  /// What it would change, in a line.
  public var summary: String {
    let place = "\(Formatting.count(jobs, "job")) in \(Formatting.count(queues, "queue"))"
    return switch action.verb {
    case .retry, .retryFlow: "runs \(place) again"
    case .promote: "lets \(place) run now"
    case .moveToWait: "puts \(place) back to where workers find it"
    case .remove, .removeUnprocessed, .cancelFlow: "removes \(place)"
    case .removeDependency: "lets \(place) wait for \(action.targets.count == 1 ? "it" : "them") no longer"
    case .releaseFlow: "changes \(place)"
    case .cloneFlow: "adds \(place), under new ids"
    case .pause: "\(Formatting.count(jobs, "job")) wait there, and stay"
    case .resume: "\(Formatting.count(jobs, "job")) wait there, and run then"
    }
  }

  /// The one job that it is about, and what becomes of it.
  var subjectLine: String? {
    guard let subject, subject.exists else { return nil }
    let state = subject.evidence.state.state.rawValue
    var line = "\(subject.key.queue.name)/\(subject.key.id)  \(subject.name)  \(state)"
    guard [.retry, .promote, .moveToWait, .retryFlow].contains(action.verb) else { return line }
    line += " -> \(subject.counts.unprocessed > 0 ? JobState.waitingChildren.rawValue : JobState.waiting.rawValue)"
    if let ahead, ahead > 0 { line += "  (behind \(Formatting.count(ahead, "job")))" }
    return line
  }

  /// How the queue stands that the work goes to, and whether somebody should mind.
  var queueLine: (text: String, isWarning: Bool)? {
    guard let queue else { return nil }
    // How many there are, the connections do not tell: a worker in Python has two.
    let workers = queue.workers.map { $0 == 0 ? "no worker" : "workers" }
    if action.verb == .pause || action.verb == .resume {
      return workers.map { ("queue \(queue.key.name) has \($0)", queue.workers == 0) }
    }
    let has = workers.map { "has \($0) and " } ?? ""
    let paused = queue.isPaused ? "is paused" : "is not paused"
    return ("queue \(queue.key.name) \(has)\(paused)", queue.isPaused || queue.workers == 0)
  }

  /// What is not done, and why.
  var refusalLine: String? {
    guard let first = refusals.first else { return nil }
    let more = refusals.count > 1 ? "\(Formatting.count(refusals.count)) are refused, such as: " : "1 is refused: "
    return more + FlowWords.refusal(first)
  }

  /// Why there is nothing to do.
  public var nothingToDo: String {
    if let first = refusals.first {
      let more = refusals.count > 1 ? ", and \(Formatting.count(refusals.count - 1)) more" : ""
      return "not possible: \(FlowWords.refusal(first))\(more)"
    }
    return switch action.verb {
    case .pause: "\(queue?.key.name ?? "the queue") is paused already"
    case .resume: "\(queue?.key.name ?? "the queue") is not paused"
    case .retryFlow: "nothing of this flow has failed"
    case .releaseFlow: "nothing of this flow waits for what cannot come"
    case .cancelFlow: "nothing of this flow is still to start"
    default: "there is nothing to do"
    }
  }

  /// Whether what it does cannot be taken back.
  var cannotBeUndone: Bool {
    switch action.verb {
    case .remove, .removeUnprocessed, .removeDependency, .releaseFlow, .cancelFlow: true
    case .retry, .promote, .moveToWait, .retryFlow, .cloneFlow, .pause, .resume: false
    }
  }
}

extension ActionOutcome {
  /// What became of an action, in a line; whether that is a failure.
  func words(for preview: ActionPreview, milliseconds: Int) -> (text: String, isError: Bool) {
    let (text, isError) = plainWords(for: preview, milliseconds: milliseconds)
    return warning.map { ("\(text); \($0)", true) } ?? (text, isError)
  }

  private func plainWords(for preview: ActionPreview, milliseconds: Int) -> (text: String, isError: Bool) {
    let done = Self.done(preview.action, jobs: jobs)
    if let interruption {
      let why = Self.reason(interruption)
      // What was sent and not answered may have been done.
      if (interruption as? RedisError)?.leavesOutcomeOpen == true {
        let sure = subjects.isEmpty ? "" : "\(done), then "
        return ("\(sure)Redis did not answer: look whether the rest was done (\(why))", true)
      }
      return (subjects.isEmpty ? "nothing was changed: \(why)" : "\(done), then: \(why)", true)
    }
    guard let first = refusals.first else {
      let lines = preview.action.commandLines
      let more = lines.count > 1 ? " and \(Formatting.count(lines.count - 1)) more" : ""
      return (
        "\(Glyphs.state(.completed)) \(done) in \(Formatting.count(max(0, milliseconds))) ms   (\(lines.first ?? "")\(more))",
        false
      )
    }
    let count = refusals.count == 1 ? "1 was refused" : "\(Formatting.count(refusals.count)) were refused, such as"
    return ("\(subjects.isEmpty ? "nothing was changed" : done); \(count): \(FlowWords.refusal(first))", true)
  }

  private static func done(_ action: JobAction, jobs: Int) -> String {
    let jobs = Formatting.count(jobs, "job")
    return switch action.verb {
    case .retry, .retryFlow: "retried \(jobs)"
    case .promote: "let \(jobs) run"
    case .moveToWait: "put \(jobs) back"
    case .remove, .removeUnprocessed, .cancelFlow: "removed \(jobs)"
    case .removeDependency: "cut \(jobs) loose"
    case .releaseFlow: "released \(jobs)"
    case .cloneFlow: "added \(jobs)"
    case .pause: "paused the queue"
    case .resume: "resumed the queue"
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case is CancellationError: "it was stopped"
    case RedisError.readOnly: "--read-only forbids it"
    default: "\(error)"
    }
  }
}
