/// A job of a flow, and those below it.
public struct JobNode: Sendable {
  /// The job.
  public var job: Job
  /// The jobs that must finish first, as far as they were asked for.
  public var children: [JobNode]

  /// A node from its parts.
  public init(job: Job, children: [JobNode] = []) {
    self.job = job
    self.children = children
  }
}
