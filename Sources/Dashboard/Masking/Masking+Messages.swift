import FlowMonitor
import QueueClient

/// The one gate for what the monitor tells: no row, reason, hint or value comes by it with a secret in it. A job's detail
/// comes whole, since a key shows what is hidden of it; it is masked where its pages are made.
extension Masking {
  func masked(_ message: Message) -> Message {
    switch message {
    case .picture(let picture): return .picture(masked(picture))
    case .view(let question, let answer): return .view(question, masked(answer))
    case .explanation(let key, let explanation): return .explanation(key, explanation.map(masked))
    case .find(let message): return .find(masked(message))
    case .preview(var preview):
      preview.refusals = preview.refusals.map(masked)
      return .preview(preview)
    // Where it is shown, the detail hides what is to be hidden.
    case .detail, .part: return message
    // What these hold is no job's.
    case .input, .tick, .detailFailed, .partFailed, .members, .membersFailed, .previewFailed, .progress, .outcome,
      .switched,
      .timeline, .notice:
      return message
    }
  }

  /// A failure's reason. One that names a child by its key is left: it is read as such.
  func masked(reason: String) -> String { FlowJob.failedChild(in: reason) == nil ? masked(reason) : reason }

  /// A job without its secrets.
  public func masked(_ job: FlowJob) -> FlowJob {
    var job = job
    job.data = job.data.map(masked)
    job.returnvalue = job.returnvalue.map(masked)
    job.progress = job.progress.map(masked)
    job.failedReason = job.failedReason.map(masked(reason:))
    job.deferredFailure = job.deferredFailure.map(masked(reason:))
    return job
  }

  private func masked(_ picture: Picture) -> Picture {
    var picture = picture
    picture.jobs = picture.jobs.mapValues(masked)
    for (key, family) in picture.families where !family.values.isEmpty {
      picture.families[key]?.values = family.values.mapValues(masked)
    }
    picture.diagnoses = picture.diagnoses.mapValues(masked)
    return picture
  }

  private func masked(_ diagnosis: Diagnosis) -> Diagnosis {
    switch diagnosis {
    case .failed(let reason): .failed(reason: masked(reason: reason))
    case .blockedByFailedChild(let child, let name, let reason):
      .blockedByFailedChild(child, name: name, reason: masked(reason: reason))
    case .held(let cause): .held(masked(cause))
    default: diagnosis
    }
  }

  private func masked(_ cause: Cause) -> Cause {
    var cause = cause
    cause.evidence.reason = cause.evidence.reason.map(masked(reason:))
    return cause
  }

  private func masked(_ explanation: Explanation) -> Explanation {
    var explanation = explanation
    explanation.causes = explanation.causes.map(masked)
    return explanation
  }

  private func masked(_ step: FlowStep) -> FlowStep {
    var step = step
    step.detail = step.detail.map(masked(reason:))
    return step
  }

  private func masked(_ answer: ViewAnswer) -> ViewAnswer {
    switch answer {
    case .jobs(var page):
      page.jobs = page.jobs.map(masked)
      return .jobs(page)
    case .events(let log): return .events(log.mappingValues(masked(reason:)))
    case .queues, .workers, .schedulers, .failed: return answer
    }
  }

  private func masked(_ message: FindMessage) -> FindMessage {
    switch message {
    case .step(let number, var step):
      step.found = step.found.map(masked)
      return .step(number, step)
    case .read(let keys, let jobs): return .read(keys, jobs.mapValues(masked))
    case .ended, .chain: return message
    }
  }
}

extension ChildGroup {
  /// The group as it is shown: its identity is the monitor's, and stays.
  func shown(by masking: Masking) -> ChildGroup {
    var group = self
    group.id.reason = id.reason.map(masking.masked(reason:))
    return group
  }
}
