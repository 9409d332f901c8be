import QueueClient

/// One flow, or a part of it, as it was read at once: for whoever prints it. A value.
public struct FlowTree: Sendable, Equatable {
  /// The job on top.
  public var root: JobKey
  /// The jobs that exist.
  public var jobs: [JobKey: FlowJob] = [:]
  /// The children of each job that was gone into, in a steady order.
  public var children: [JobKey: [Family.Child]] = [:]
  /// What finished children returned, as their parents keep it; those of long values are left out.
  public var values: [JobKey: JSON] = [:]
  /// The sum of a job's children's values, where all of them are known and are numbers.
  public var sums: [JobKey: Double] = [:]
  /// The job that the one on top counts for, where that does not exist.
  public var missingParent: JobKey?
  /// The jobs that are named by a parent and do not exist.
  public var gone: Set<JobKey> = []

  /// A tree of which nothing was read yet.
  public init(root: JobKey) { self.root = root }

  /// A child that is gone, which its parent knows to have ended: its state then.
  public func lastState(of key: JobKey, kind: Family.Kind) -> JobState {
    if let job = jobs[key], job.state != .unknown { return job.state }
    switch kind {
    case .processed: return .completed
    case .ignored, .failed: return .failed
    case .unprocessed: return .unknown
    }
  }

  /// Why the flow does not end, as far as it was read.
  ///
  /// - Parameter isPaused: whether a queue is paused.
  public func diagnosis(isPaused: (QueueKey) -> Bool = { _ in false }) -> Diagnosis {
    Diagnosis(of: root, jobs: jobs, gone: gone, children: { children[$0] ?? [] }, isPaused: isPaused)
  }
}
