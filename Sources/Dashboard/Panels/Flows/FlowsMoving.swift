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
    (wish, goal) = (nil, nil)
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

  mutating func page(by pages: Int) {
    let distance = pages * max(1, height - 1)
    top = clampTop(top + distance)
    move(to: cursor + distance)
  }

  /// Moves the list; the selection stays in sight.
  mutating func scroll(by distance: Int) {
    guard !rows.isEmpty else { return }
    top = clampTop(top + distance)
    move(to: max(top, min(cursor, top + height - 1)))
  }

  /// The list has another height now.
  mutating func resize(to height: Int) {
    guard window.height != height else { return }
    window.height = height
    bringIntoView()
  }

  /// Goes to an end of the list, loaded or not.
  mutating func goTo(_ end: Wish, in scene: Scene) {
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
