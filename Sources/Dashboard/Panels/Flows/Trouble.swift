import FlowMonitor
import QueueClient

extension Picture {
  /// Why a job is not done: what the monitor has found, else what was read of it and of the jobs below it shows.
  func trouble(of key: JobKey) -> Diagnosis? {
    let found =
      diagnoses[key]
      ?? Diagnosis(
        of: key, jobs: jobs, gone: gone, children: { families[$0]?.children ?? [] },
        isPaused: { queues[$0]?.isPaused == true })
    return found == .fine ? nil : found
  }

  /// What people call a job: its name, where it is known and not empty, else its id.
  func name(of key: JobKey) -> String {
    guard let name = jobs[key]?.name, !name.isEmpty else { return key.id }
    return name
  }
}
