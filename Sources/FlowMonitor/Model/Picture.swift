import QueueClient

/// What is true now of a window: everything that a screen needs to draw it. A value.
public struct Picture: Sendable, Equatable {
  /// The window that it answers.
  public var window = Window()
  /// The flows around the window's anchor.
  public var flows = FlowPage()
  /// The jobs that were read; one that is looked for and gone is in `gone`.
  public var jobs: [JobKey: FlowJob] = [:]
  /// Jobs that are listed somewhere and whose hash does not exist.
  public var gone: Set<JobKey> = []
  /// The children of the jobs that are open.
  public var families: [JobKey: Family] = [:]
  /// Why each loaded flow does not end, where something is wrong with it; by root.
  public var diagnoses: [JobKey: Diagnosis] = [:]
  /// The queues that are known.
  public var queues: [QueueKey: QueueStatus] = [:]
  /// How many flows there are.
  public var flowCount = KnownCount(0, isExact: false)
  /// The flows that need somebody, as far as they were found, in a steady order.
  public var problems: [FlowProblem] = []
  /// How many flows need somebody.
  public var problemCount = KnownCount(0, isExact: false)
  /// How far the search for problems has come.
  public var sweep = Progress.none
  /// How far the search for queues has come.
  public var discovery = Progress.none
  /// Why the queues cannot be looked for, in words, and what to do; those that are known otherwise are shown.
  public var discoveryRefusal: String?
  /// Jobs that ended in each of the last seconds, the newest last (at most 16), of the queues that are known.
  public var throughput: [Int] = []
  /// How true all this is.
  public var status = MonitorStatus.connecting
  /// Whether the server's notifications are off and, as far as is known, may be turned on.
  public var mayEnableNotifications = false
  /// What was found broken in Redis, such as keys of a wrong type, in words; at most a few.
  public var warnings: [String] = []

  /// Nothing is known yet.
  public init() {}
}

/// Flows in the order of a window, around its anchor.
public struct FlowPage: Sendable, Equatable {
  /// The roots, in order.
  public var roots: [JobKey] = []
  /// Whether no flow comes before these.
  public var isFirst = true
  /// Whether no flow comes behind these.
  public var isLast = true
  /// How many flows come before these, where that is known.
  public var before: KnownCount?

  /// A page without flows.
  public init() {}
}

/// A flow that needs somebody, and where in it.
public struct FlowProblem: Sendable, Hashable {
  /// The root of the flow.
  public let root: JobKey
  /// The way from the root to the job that is to blame, both included.
  public let chain: [JobKey]

  /// - Parameter chain: the way from the root; where it begins elsewhere, it is the root's alone.
  public init(root: JobKey, chain: [JobKey] = []) {
    self.root = root
    self.chain = chain.first == root ? chain : [root]
  }
}
