import FlowMonitor
import QueueClient

/// The page that says why, as a place for keys and clicks.
extension DetailPanel {
  /// Whether keys choose on the page.
  var hasWhyFocus: Bool { tab == .why && why.isOn && !why.items.isEmpty }

  /// Opens the page with the focus in it; where it has that already, closes it.
  mutating func toggleWhy() {
    if tab == .why, why.isOn { return close() }
    if tab != .why { show(.why) }
    why.isOn = true
  }

  mutating func performWhy(_ command: WhyFocus.Command, key: InputEvent, area: Area) -> [Request]? {
    let requests = why.perform(command, key: key)
    showChosen(area: area)
    return requests
  }

  /// Scrolls so that what is chosen is seen.
  mutating func showChosen(area: Area) {
    guard let first = page.lines.firstIndex(where: { $0.item == why.cursor }),
      let last = page.lines.lastIndex(where: { $0.item == why.cursor })
    else { return }
    let room = max(1, room(in: area))
    if why.cursor == 0, last < room { top = 0 }
    if last >= top + room { top = last - room + 1 }
    if first < top { top = first }
  }

  /// A click on a line of the page: what it stands for is chosen and done.
  mutating func clickWhy(row: Int, area: Area) -> [Request] {
    let index = top + row - area.rows.lowerBound - 1
    guard tab == .why, page.lines.indices.contains(index), let item = page.lines[index].item else { return [] }
    why.isOn = true
    why.choose(item)
    return why.selected?.requests ?? []
  }

  /// Takes in what became of an action: the flow is looked at again.
  mutating func note(_ outcome: (text: String, isError: Bool)) {
    why.note(outcome.text, isError: outcome.isError, root: explainedRoot)
    lookAgain()
  }
}
