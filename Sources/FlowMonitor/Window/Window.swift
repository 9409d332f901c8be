import QueueClient

/// What somebody looks at: which flows, in which order, where the list stands, and what of it is open.
///
/// Only what a window shows, and a screenful each way, is read in detail and followed.
public struct Window: Sendable, Hashable {
  /// The order of the flows.
  public var order = FlowOrder.attention
  /// Which flows are listed.
  public var filter = FlowFilter.all
  /// The flow that the top of the screen stands in.
  public var anchor = FlowAnchor.first
  /// How many rows of the anchor's flow lie above the top of the screen.
  public var offset = 0
  /// How many rows the list has on the screen.
  public var height = 24
  /// What the person has folded (`false`) or opened (`true`); others are as `isAllOpen` says.
  public var folds: [JobKey: Bool] = [:]
  /// Whether all are open, or none; `nil` where those open by themselves that are unfinished and not too deep.
  public var isAllOpen: Bool?
  /// Groups that are open, and how many of their members are wanted.
  public var openGroups: [GroupKey: Int] = [:]
  /// Children that somebody has gone to, by their parents: of a wide family, such a child is a row of its own.
  public var revealed: [JobKey: JobKey] = [:]
  /// The job whose detail is shown, followed wherever it is.
  public var detail: JobKey?

  /// The window of a screen that has just been opened.
  public init() {}
}

/// The order of the flows.
public enum FlowOrder: String, Sendable, Hashable, CaseIterable {
  /// Those that need somebody first, then unfinished ones, the oldest first, then finished ones, the newest first.
  case attention
  /// What happened last first.
  case newest
  /// What happened first first.
  case oldest
  /// By name, within what is loaded.
  case name
}

/// Which flows are listed.
public enum FlowFilter: Sendable, Hashable {
  /// All.
  case all
  /// Those that need somebody.
  case problems
  /// Those whose root is in a state.
  case state(JobState)
}

/// Where a list of flows stands.
public enum FlowAnchor: Sendable, Hashable {
  /// At its beginning.
  case first
  /// At its end: the last flow is the last one on the screen.
  case last
  /// At a flow, which is the first one on the screen.
  case flow(JobKey)
}
