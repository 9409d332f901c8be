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

  /// One line: which node, what, and why.
  public var description: String {
    switch self {
    case .invalid(let node, let reason): "\(node): \(reason)"
    case .missingParent(let node, let parent): "\(node): its parent \(parent) does not exist"
    case .parentCannotBeReplaced(let node, let job, let parent):
      "\(node): job \(job) already has the parent \(parent), which cannot be replaced"
    }
  }
}
