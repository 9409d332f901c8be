import FlowMonitor
import QueueClient

/// What is to be done with each job of a group; which these are is read first.
public struct GroupAction: Sendable, Hashable {
  /// The group.
  public var group: GroupKey
  /// What is done to each.
  public var verb: JobAction.Verb

  /// The same for the jobs that are in it.
  func action(on members: [JobKey]) -> JobAction? {
    JobAction(verb, to: members.map { ChosenJob(key: $0, parent: group.parent) })
  }

  /// What it does, in a few words.
  var words: String {
    switch verb {
    case .retry: "run each of them again"
    case .promote: "run each of them now"
    case .removeDependency: "let the parent go on without them"
    case .remove: "remove each of them"
    default: verb.rawValue
    }
  }
}

extension ActionTable {
  /// The verbs that make sense for all jobs of a group at once.
  static func verbs(of group: ChildGroup.ID) -> [JobAction.Verb] {
    var verbs: [JobAction.Verb] = []
    func offer(_ verb: JobAction.Verb, _ isValid: Bool) { if isValid { verbs.append(verb) } }
    offer(.retry, group.state.isFinished)
    offer(.promote, group.state == .delayed)
    offer(.removeDependency, group.kind == .unprocessed)
    offer(.remove, group.state != .active && group.state != .unknown)
    return verbs
  }
}

/// What can be done with the selected group.
extension FlowsPanel {
  private var selectedGroup: GroupKey? {
    if marks.isEmpty, case .group(let key) = selection { key } else { nil }
  }

  /// - Returns: `nil` where no group is selected.
  func actOnGroup(_ choice: ActionChoice, in scene: Scene) -> [Request]? {
    guard let key = selectedGroup else { return nil }
    let verbs = ActionTable.verbs(of: key.group)
    if case .verb(let verb) = choice, verbs.contains(verb) {
      return [.previewGroup(GroupAction(group: key, verb: verb))]
    }
    let valid = (verbs + [.retryFlow]).compactMap { $0.keyName.map(scene.key) }.joined(separator: " ")
    return [.say("a group: \(valid) act on all of it; Enter opens it, to choose jobs", isError: true)]
  }

  func openGroupMenu(in scene: Scene) -> [Request]? {
    guard let key = selectedGroup else { return nil }
    let group = scene.picture.families[key.parent]?.groups.first { $0.id == key.group }
    let count = group.map { Formatting.count($0.count) } ?? "?"
    let name = key.group.name.map { JobName.shown($0) } ?? "children"
    let items =
      ActionTable.verbs(of: key.group).map { ActionMenu.Item(GroupAction(group: key, verb: $0), count: count) }
      + (key.group.state == .failed ? [ActionMenu.Item(JobAction(.retryFlow, [.job(key.parent)]))] : [])
    return [.showGroupMenu(title: "\(count) \(Glyphs.times) \(name) of \(scene.picture.name(of: key.parent))", items)]
  }
}
