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

  /// Jobs as the trees they are.
  ///
  /// - Parameters:
  ///   - jobs: parents before their children.
  ///   - parents: the place of each one's parent among them; `nil` for roots.
  static func trees(of jobs: [Job], parents: [Int?]) -> [JobNode] {
    var children = [[JobNode]](repeating: [], count: jobs.count)
    var roots: [JobNode] = []
    // From the end on, each is whole when its parent takes it.
    for index in jobs.indices.reversed() {
      let node = JobNode(job: jobs[index], children: children[index].reversed())
      children[index] = []
      if let parent = parents[index] { children[parent].append(node) } else { roots.append(node) }
    }
    return roots.reversed()
  }
}
