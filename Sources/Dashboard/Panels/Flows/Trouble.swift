import FlowMonitor
import QueueClient

extension Picture {
  /// Why a job is not done: what the monitor has found, else what its own row and its children's show.
  func trouble(of key: JobKey) -> Diagnosis? {
    if let found = diagnoses[key] { return found == .fine ? nil : found }
    guard let job = jobs[key] else { return nil }
    switch job.state {
    case .failed: return .failed(reason: job.failedReason ?? "no reason given")
    case .active: return job.isWithoutLock ? .withoutLock : nil
    case .waiting, .prioritized, .delayed: return queues[key.queue]?.isPaused == true ? .queuePaused : nil
    case .waitingChildren: return troubleBelow(key)
    case .completed, .unknown: return nil
    }
  }

  private func troubleBelow(_ key: JobKey) -> Diagnosis? {
    for child in families[key]?.children ?? [] where child.kind == .unprocessed {
      if gone.contains(child.key) { return .missingChild(child.key) }
      guard let below = jobs[child.key], below.state == .failed, below.failurePolicy == nil else { continue }
      return .blockedByFailedChild(child.key, reason: below.failedReason ?? "no reason given")
    }
    return nil
  }

  /// What people call a job: its name, where it is known and not empty, else its id.
  func name(of key: JobKey) -> String {
    guard let name = jobs[key]?.name, !name.isEmpty else { return key.id }
    return name
  }
}
