/// Why a flow cannot be added; nothing was written.
///
/// A node is named by its path, as in `flow.children[1]`, or `flows[2].children[0]` in a bulk.
public enum FlowError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A node breaks a rule of BullMQ's.
  case invalid(node: String, reason: String)
  /// The parent named in `opts.parent` does not exist.
  case missingParent(node: String, parent: String)
  /// The job exists already and has another parent that is alive.
  case parentCannotBeReplaced(node: String, job: String, parent: String)

  /// The job stands above that parent already: it would wait for itself, and so for ever.
  case circular(node: String, job: String, parent: String)
  /// What was written ahead of a large flow is gone: Redis was emptied, or throws keys away.
  case lost

  /// Whether the flow itself is at fault, as against what stands in Redis.
  public var isFault: Bool {
    if case .invalid = self { true } else { false }
  }

  /// One line: which node, what, and why.
  public var description: String {
    switch self {
    case .invalid(let node, let reason): "\(node): \(reason)"
    case .missingParent(let node, let parent): "\(node): its parent \(parent) does not exist"
    case .parentCannotBeReplaced(let node, let job, let parent):
      "\(node): job \(job) already has the parent \(parent), which cannot be replaced"
    case .circular(let node, let job, let parent):
      "\(node): job \(job) would wait for itself: it stands above \(parent) already"
    case .lost: "Redis lost jobs of the flow while it was being added (emptied, or evicting); nothing was added"
    }
  }
}
