import FlowMonitor
import QueueClient

extension FlowsPanel {
  /// The rows on the screen.
  var visible: Range<Int> { top..<top + height }

  /// How many rows there is room for; on a screen without any, one, so that the selection has a place.
  var height: Int { max(1, window.height) }

  func clamp(_ index: Int) -> Int { max(0, min(index, rows.count - 1)) }

  func clampTop(_ index: Int) -> Int { max(0, min(index, rows.count - height)) }

  /// Selects a row, and scrolls as far as it needs.
  mutating func move(to index: Int) {
    guard !rows.isEmpty else { return }
    hasChosen = true
    (wish, goal, owed) = (nil, nil, 0)
    cursor = clamp(index)
    selection = rows[cursor].id
    bringIntoView()
  }

  mutating func bringIntoView() {
    if cursor < top { top = cursor }
    if cursor >= top + height { top = cursor - height + 1 }
    top = clampTop(top)
    dropAnchor()
  }

  /// Goes so many rows down or up. Where they are not loaded yet, it is remembered how many are left: the selection goes on
  /// as they come.
  mutating func step(by distance: Int, in scene: Scene) {
    guard !rows.isEmpty else { return }
    let wanted = cursor + max(-Self.mostOwed, min(owed + distance, Self.mostOwed))
    let target = target(wanted, in: scene)
    move(to: target)
    if wanted != target, comesMore(behind: target, isDown: wanted > target, in: scene) { owed = wanted - target }
  }

  /// More rows than this are gone by other keys.
  private static let mostOwed = 100_000

  /// Whether there are rows behind, or before, one at which a step ended, which are on their way.
  private func comesMore(behind index: Int, isDown: Bool, in scene: Scene) -> Bool {
    // A group is loaded from its beginning: what lies above its last members does not come next.
    if isLoading(index, in: scene) { return isDown }
    let shown = scene.picture.window
    guard index == (isDown ? rows.count - 1 : 0), window.order != .name else { return false }
    let isOther = shown.filter != window.filter || shown.order != window.order
    if !isOther, isDown ? scene.picture.flows.isLast : scene.picture.flows.isFirst { return false }
    // Beyond what was read for this very place there is nothing more.
    return isOther || shown.anchor != window.anchor || shown.offset != window.offset || shown.height != window.height
  }

  /// How far a step leads: not over members of a group that are not loaded yet. They are asked for, and the next step
  /// goes on through them.
  func target(_ wanted: Int, in scene: Scene) -> Int {
    let wanted = clamp(wanted)
    if wanted > cursor { return (cursor..<wanted).first { isLoading($0, in: scene) } ?? wanted }
    return (wanted..<max(wanted, cursor)).last { isLoading($0, in: scene) } ?? wanted
  }

  /// Whether a row stands for members of a group that are on their way.
  private func isLoading(_ index: Int, in scene: Scene) -> Bool {
    guard rows.indices.contains(index), case .more(let key) = rows[index].id else { return false }
    guard let family = scene.picture.families[key.parent],
      let loaded = family.groups.first(where: { $0.id == key.group })?.members.count
    else { return true }
    let wanted = window.openGroups[key] ?? 0
    let isAnswered = scene.picture.window.openGroups[key] == wanted
    // Fewer than were asked for, and nothing is being read any more: there are none.
    return !(isAnswered && family.progress.isComplete && loaded < wanted)
  }

  mutating func page(by pages: Int, in scene: Scene) {
    let distance = pages * max(1, height - 1)
    top = clampTop(top + target(cursor + distance, in: scene) - cursor)
    step(by: distance, in: scene)
  }

  /// Moves the list; the selection stays in sight.
  mutating func scroll(by distance: Int, in scene: Scene) {
    guard !rows.isEmpty else { return }
    let wanted = clampTop(top + distance)
    let target = target(max(wanted, min(cursor, wanted + height - 1)), in: scene)
    top = max(min(wanted, target), target - height + 1)
    move(to: target)
  }

  /// The list has another height now.
  mutating func resize(to height: Int) {
    guard window.height != height else { return }
    window.height = height
    bringIntoView()
  }

  /// The last member of the open group that a row belongs to.
  private func lastOfGroup(at index: Int) -> Int? {
    var place = index
    while let parent = rows.parentIndex(of: place) {
      if case .group = rows[parent].id {
        return rows.indices[parent...].dropFirst().prefix { rows[$0].depth > rows[parent].depth }.last
      }
      place = parent
    }
    return nil
  }

  /// Goes to an end of the list, loaded or not; from within an open group, to the end of that first.
  mutating func goTo(_ end: Wish, in scene: Scene) {
    if end == .last, let last = lastOfGroup(at: cursor), cursor < last { return move(to: last) }
    move(to: end == .first ? 0 : rows.count - 1)
    hasChosen = end == .last
    window.anchor = end == .first ? .first : .last
    window.offset = 0
    let isThere = end == .first ? scene.picture.flows.isFirst : scene.picture.flows.isLast
    wish = isThere ? nil : end
  }

  /// Names the flow that the top of the screen stands in, so that it stays there whatever comes before it.
  func anchor(for top: Int) -> (anchor: FlowAnchor, offset: Int) {
    guard rows.indices.contains(top) else { return (.first, 0) }
    let root = rows[top].root
    guard let start = rows.index(of: .job(root), near: top) else { return (.first, 0) }
    return (.flow(root), max(0, top - start))
  }

  private mutating func dropAnchor() {
    // At the very top, what is new is to be seen as it comes.
    (window.anchor, window.offset) = top == 0 && hasFirst ? (.first, 0) : anchor(for: top)
  }
}
