import Dashboard
import QueueClient

/// Says what would be done to the jobs of a flow, or was.
struct FlowActionPrinter {
  let isJSON: Bool

  /// A plan that is not carried out.
  func tell(plan: [FlowAction]) {
    if isJSON { return print(JSON.array(plan.map(Self.json)).text) }
    if plan.isEmpty { print("nothing to do") }
    for action in plan {
      say(action, action.kind == .keep ? Self.kept(action.reason) : "would be \(Self.done(action))")
    }
  }

  /// What stays as it is.
  func tell(kept: [FlowAction]) {
    guard !isJSON else { return }
    for action in kept where action.kind == .keep { say(action, Self.kept(action.reason)) }
  }

  /// What was done, what was refused, and what was kept.
  func tell(_ report: FlowReport, kept: [FlowAction]) {
    if isJSON {
      let refused = report.refused.map { refusal in
        JSON.object((Self.json(refusal.action).members ?? []) + [.init("refused", .string(Self.words(refusal.code)))])
      }
      return print(JSON.array(report.done.map(Self.json) + refused + kept.map(Self.json)).text)
    }
    for action in report.done { say(action, Self.done(action)) }
    for refusal in report.refused {
      say(refusal.action, "not \(Self.done(refusal.action)): \(Self.words(refusal.code))")
    }
    tell(kept: kept)
  }

  private func say(_ action: FlowAction, _ words: String) { print(CleanText.line("\(action.job)  \(words)")) }

  private static func json(_ action: FlowAction) -> JSON {
    var members: [JSON.Member] = [
      .init("action", .string(action.kind.rawValue)), .init("job", .string(action.job.description)),
      .init("because", .string(action.reason.rawValue)),
    ]
    if let parent = action.parent { members.append(.init("parent", .string(parent.description))) }
    return .object(members)
  }

  private static func done(_ action: FlowAction) -> String {
    switch action.kind {
    case .dropDependency: "given up by \(action.parent?.description ?? "its parent"): \(because(action.reason))"
    case .release: "let go: \(because(action.reason))"
    case .retry: "run again"
    case .revive: "put back to wait for its children"
    case .remove: "removed"
    case .keep: "kept"
    }
  }

  private static func kept(_ reason: FlowAction.Reason) -> String { "stays: \(because(reason))" }

  private static func because(_ reason: FlowAction.Reason) -> String {
    switch reason {
    case .missing: "it does not exist"
    case .failed: "it failed for good"
    case .completed: "it has completed"
    case .any: "it was named"
    case .waitsForNothing: "it waits for nothing"
    case .failedChild: "it failed through a child"
    case .notStarted: "it has not started"
    case .active: "a worker is at it"
    case .waitsForActive: "it waits for a job that a worker is at"
    case .ended: "it has ended"
    }
  }

  private static func words(_ code: ErrorCode) -> String {
    switch code {
    case .missingJob: "there is no such job, or nobody waits for it, any more"
    case .notInState: "it is in another state by now"
    case .pendingChildren: "it waits for a job that may still run"
    case .foreignLock: "a worker is at it"
    case .failedChildren: "a child that failed was not retried"
    default: "Redis answered \(code)"
    }
  }
}
