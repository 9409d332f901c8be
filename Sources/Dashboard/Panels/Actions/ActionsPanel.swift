import FlowMonitor
import QueueClient

/// What can be done with the chosen jobs: the menu, the preview that asks, and what runs.
struct ActionsPanel: Panel {
  /// How far somebody has come.
  enum Stage: Sendable, Hashable {
    case closed
    case menu(ActionMenu)
    /// The jobs of a group are looked for.
    case gathering(GroupAction)
    /// Redis is asked what an action would change.
    case reading(JobAction)
    case asking(ActionPreview)
    /// The queue's name is to be typed before it is done.
    case naming(ActionPreview, typed: String)
  }

  var stage = Stage.closed
  /// What is being done, and how many of its steps have been.
  private(set) var running: (preview: ActionPreview, done: Int)?

  enum Command: KeyCommand { case up, down, choose, confirm, copyCommand }

  /// The keys of the menu and of the question; any other key leaves them.
  static let keys = KeyTable<Command>([
    .init(.up, "Actions", "↑ k", "up", .key(.up), .character("k")),
    .init(.down, "Actions", "↓ j", "down", .key(.down), .character("j")),
    .init(.choose, "Actions", "Enter", "show what it would change", .key(.enter), .character("\r"), .character("\n")),
    .init(.confirm, "Actions", "y", "do it", .character("y")),
    .init(.copyCommand, "Actions", "c", "copy the command", .character("c")),
  ])

  /// Whether it takes the keys.
  var isOpen: Bool { stage != .closed }

  // MARK: What happens

  mutating func open(_ menu: ActionMenu) { stage = .menu(menu) }

  /// Fills the menu of a job with what the explanation of its flow proposes.
  mutating func propose(_ fixes: (JobKey) -> [Cause.Fix]) {
    guard case .menu(let menu) = stage, let subject = menu.subject else { return }
    stage = .menu(menu.proposing(fixes(subject)))
  }

  /// Has Redis asked what an action would change.
  mutating func preview(_ action: JobAction, in scene: Scene) -> [Request] {
    if let refusal = refusal(in: scene) { return refusal }
    stage = .reading(action)
    return [.perform(.preview(action))]
  }

  /// Has the jobs of a group looked for, and then what an action would change of them.
  mutating func preview(_ group: GroupAction, in scene: Scene) -> [Request] {
    if let refusal = refusal(in: scene) { return refusal }
    stage = .gathering(group)
    return [.perform(.gather(group))]
  }

  private mutating func refusal(in scene: Scene) -> [Request]? {
    stage = .closed
    if scene.setup.isReadOnly { return [.say("\(ActionMenu.readOnly): nothing can be changed", isError: true)] }
    return running == nil ? nil : [.say("one change still runs; Esc stops it", isError: true)]
  }

  /// Takes the jobs of a group.
  mutating func take(_ members: [JobKey], of group: GroupAction) -> [Request] {
    guard stage == .gathering(group) else { return [] }
    stage = .closed
    guard let action = group.action(on: members) else { return [.say("the group is empty by now", isError: true)] }
    stage = .reading(action)
    return [.perform(.preview(action))]
  }

  /// The jobs of a group cannot be told.
  mutating func fail(_ group: GroupAction, _ reason: String) -> [Request] {
    guard stage == .gathering(group) else { return [] }
    stage = .closed
    return [.say(reason, isError: true)]
  }

  /// Takes what an action would change.
  mutating func take(_ preview: ActionPreview) -> [Request] {
    guard stage == .reading(preview.action) else { return [] }
    guard !preview.isEmpty else {
      stage = .closed
      return [.say(preview.nothingToDo, isError: true)]
    }
    stage = .asking(preview)
    return []
  }

  /// What an action would change cannot be told.
  mutating func fail(_ action: JobAction, _ reason: String) -> [Request] {
    guard stage == .reading(action) else { return [] }
    stage = .closed
    return [.say(reason, isError: true)]
  }

  mutating func progress(_ preview: ActionPreview, _ done: Int) {
    if running?.preview == preview { running?.done = done }
  }

  /// Takes what became of an action.
  mutating func take(_ outcome: ActionOutcome, of preview: ActionPreview, milliseconds: Int) -> [Request] {
    guard running?.preview == preview else { return [] }
    running = nil
    let (text, isError) = outcome.words(for: preview, milliseconds: milliseconds)
    return [.say(text, isError: isError)]
  }

  // MARK: Keys

  mutating func type(_ input: InputEvent, in scene: Scene) -> [Request] {
    if case .naming(let preview, let typed) = stage { return type(input, behind: typed, for: preview) }
    if let command = Self.keys[input, scene.setup.keys] { return perform(command, in: scene) }
    if case .character(let digit) = input, case .menu(let menu) = stage, let number = digit.wholeNumberValue,
      menu.items.indices.contains(number - 1)
    {
      return choose(menu.items[number - 1], in: scene)
    }
    return leave()
  }

  mutating func perform(_ command: Command, in scene: Scene) -> [Request] {
    switch (stage, command) {
    case (.menu(var menu), .up), (.menu(var menu), .down):
      menu.move(by: command == .up ? -1 : 1)
      stage = .menu(menu)
      return []
    case (.menu(let menu), .choose):
      guard let item = menu.selected else { return leave() }
      return choose(item, in: scene)
    case (.menu(let menu), .copyCommand): return menu.selected.map { copy($0.commandLines) } ?? leave()
    case (.asking(let preview), .confirm):
      if scene.setup.confirmsQueue {
        stage = .naming(preview, typed: "")
        return []
      }
      return begin(preview)
    case (.asking(let preview), .copyCommand): return copy(preview.action.commandLines)
    default: return leave()
    }
  }

  private mutating func begin(_ preview: ActionPreview) -> [Request] {
    stage = .closed
    running = (preview, 0)
    return [.perform(.change(preview))]
  }

  /// Takes a letter of the queue's name.
  private mutating func type(_ input: InputEvent, behind typed: String, for preview: ActionPreview) -> [Request] {
    switch TypedKey(input) {
    case .letter(let letter) where typed.count < 500: stage = .naming(preview, typed: typed + String(letter))
    case .erase where !typed.isEmpty: stage = .naming(preview, typed: String(typed.dropLast()))
    case .enter where typed == preview.queueToName: return begin(preview)
    case .enter:
      stage = .closed
      return [.say("nothing was changed: '\(typed)' is not the queue's name", isError: true)]
    case .letter, nil: break
    case .escape, .erase: return leave()
    }
    return []
  }

  private mutating func choose(_ item: ActionMenu.Item, in scene: Scene) -> [Request] {
    if scene.setup.isReadOnly { return copy(item.commandLines) }
    if let group = item.group { return preview(group, in: scene) }
    guard let action = item.action else { return copy(item.commandLines) }
    return preview(action, in: scene)
  }

  private mutating func copy(_ lines: [String]) -> [Request] {
    stage = .closed
    guard !lines.isEmpty else { return [.say("no command line does that for a group")] }
    let words = lines.count == 1 ? lines[0] : "\(Formatting.count(lines.count)) command lines"
    return [.perform(.copy(lines.joined(separator: "\n"))), .say("copied: \(words)")]
  }

  /// Goes away without doing anything.
  mutating func leave() -> [Request] {
    defer { stage = .closed }
    switch stage {
    case .reading, .gathering: return [.perform(.stopPreview)]
    case .closed, .menu, .asking, .naming: return []
    }
  }

  /// A click: on a line of the menu it chooses, elsewhere it leaves.
  mutating func click(row: Int, size: Frame.Size, scene: Scene) -> [Request] {
    guard case .menu(let menu) = stage else { return leave() }
    let line = row - ActionBox(lines: menu.lines(by: scene.setup.keys)).area(in: size).rows.lowerBound - 1
    guard menu.items.indices.contains(line) else { return leave() }
    return choose(menu.items[line], in: scene)
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, area: Area, scene: Scene) {
    switch stage {
    case .closed: return
    case .menu(let menu):
      ActionBox(
        title: menu.title, lines: menu.lines(by: scene.setup.keys), selected: menu.items.isEmpty ? nil : menu.cursor
      ).draw(
        into: &frame)
    case .gathering(let group): waiting(group.words).draw(into: &frame)
    case .reading(let action): waiting(action.words).draw(into: &frame)
    case .asking(let preview): ActionBox(preview, keys: scene.setup.keys).draw(into: &frame)
    case .naming(let preview, let typed): ActionBox(preview, typed: typed).draw(into: &frame)
    }
  }

  private func waiting(_ words: String) -> ActionBox {
    ActionBox(title: words, lines: [.init("asking Redis what it would change … Esc stops", .faint)])
  }

  /// What runs, in a line; `nil` for nothing.
  var runningLine: String? {
    running.map { running in
      let steps = running.preview.stepCount
      let part = steps > 1 ? " \(Formatting.count(running.done)) of \(Formatting.count(steps))" : ""
      return "\(running.preview.action.words) …\(part)   Esc stops"
    }
  }
}
