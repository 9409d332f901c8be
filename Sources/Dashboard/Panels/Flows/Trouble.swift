import FlowMonitor
import QueueClient

extension Picture {
  /// Why a job is not done: what the monitor has found; of a job without children, what its own row shows.
  func trouble(of key: JobKey) -> Diagnosis? {
    if let found = diagnoses[key] { return found == .fine ? nil : found }
    guard let job = jobs[key], job.state != .waitingChildren else { return nil }
    let found = Diagnosis(
      of: key, jobs: [key: job], gone: [], children: { _ in [] }, isPaused: { queues[$0]?.isPaused == true })
    return found == .fine ? nil : found
  }

  /// What people call a job: its name, where it is known and not empty, else its id.
  func name(of key: JobKey) -> String {
    JobName.shown(jobs[key]?.name ?? "", of: key)
  }
}
