import FlowMonitor
import QueueClient

extension FlowsPanel {
  mutating func fold(in scene: Scene) {
    guard let row = selectedRow else { return }
    if row.isOpen {
      setOpen(row.id, false, in: scene)
    } else if let parent = rows.parentIndex(of: cursor) {
      move(to: parent)
    }
  }

  mutating func unfold(in scene: Scene) {
    guard let row = selectedRow, row.hasChildren else { return }
    if row.isOpen { move(to: cursor + 1) } else { setOpen(row.id, true, in: scene) }
  }

  /// Enter: a job's detail, a group's members, more of them.
  mutating func open(in scene: Scene) -> [Request] {
    guard let row = selectedRow else { return [] }
    switch row.id {
    case .job: return [.showDetail(nil)]
    case .group where row.hasChildren: setOpen(row.id, !row.isOpen, in: scene)
    case .group: return [.say("nobody has looked at these yet")]
    case .more(let key): window.openGroups[key, default: 0] += Self.memberPage
    }
    return []
  }

  mutating func setOpen(_ id: Outline.ID, _ isOpen: Bool, in scene: Scene) {
    hasChosen = true
    switch id {
    case .job(let key): window.folds[key] = isOpen
    case .group(let key): window.openGroups[key] = isOpen ? max(Self.memberPage, window.height) : nil
    case .more: return
    }
    arrange(in: scene)
    bringIntoView()
  }

  mutating func setAllOpen(_ isOpen: Bool, in scene: Scene) {
    (window.folds, window.isAllOpen) = ([:], isOpen)
    if !isOpen { window.openGroups = [:] }
    if !isOpen, let root = selectedRow?.root {
      hasChosen = true
      selection = .job(root)
    }
    arrange(in: scene)
    bringIntoView()
  }

  mutating func mark() {
    guard let row = selectedRow else { return }
    if case .more = row.id { return }
    if marks.remove(row.id) == nil { marks.insert(row.id) }
    move(to: cursor + 1)
  }

  /// A click: on a fold's sign it opens, elsewhere it selects.
  mutating func click(row: Int, column: Int, area: Area, scene: Scene) -> [Request] {
    let index = top + row - area.rows.lowerBound
    guard area.rows.contains(row), rows.indices.contains(index) else { return [] }
    move(to: index)
    let clicked = rows[index]
    let sign = FlowColumns(panel: self, width: area.width, scene: scene).foldColumn(of: clicked)
    if clicked.hasChildren, abs(column - area.columns.lowerBound - sign) <= 1 {
      setOpen(clicked.id, !clicked.isOpen, in: scene)
    }
    return []
  }
}
