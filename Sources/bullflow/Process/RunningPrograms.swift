import Foundation
import QueueClient
import Synchronization

/// The process groups of the programs that run now.
final class RunningPrograms: Sendable {
  private let groups = Mutex<[JobKey: pid_t]>([:])

  func add(_ group: pid_t, for job: JobKey) { groups.withLock { $0[job] = group } }
  func remove(_ job: JobKey) { groups.withLock { _ = $0.removeValue(forKey: job) } }
  func killAll() { groups.withLock { for group in $0.values { kill(-group, SIGKILL) } } }
}
