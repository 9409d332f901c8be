import QueueClient

extension Diagnosis {
  /// Looks at a job and the jobs below it.
  public init(of key: JobKey, in forest: FlowForest) {
    self.init(
      of: key, jobs: forest.jobs, gone: [],
      children: { forest.jobs[$0]?.children.map { Family.Child(key: $0.key, kind: Family.Kind($0.kind)) } ?? [] },
      isPaused: { forest.queues[$0]?.isPaused == true })
  }
}

extension Family.Kind {
  fileprivate init(_ kind: FlowJob.Child.Kind) {
    self =
      switch kind {
      case .unprocessed: .unprocessed
      case .processed: .processed
      case .ignored: .ignored
      case .failed: .failed
      }
  }
}
