import QueueClient

/// What a row of a table is: a queue, a job, or something with a name of its own.
enum RowID: Sendable, Hashable {
  case queue(QueueKey)
  case job(JobKey)
  case named(QueueKey, String)
  case event(Int)
}

/// Where a table stands: its rows, what is selected and marked, and how far it is scrolled. A value.
struct TableState: Sendable, Equatable {
  private(set) var ids: [RowID] = []
  /// Which row is selected, whatever rows come and go around it.
  private(set) var cursor = 0
  private(set) var selection: RowID?
  /// Whether the person has chosen a row; until then the first one is selected, whichever that is.
  private(set) var hasChosen = false
  /// The first row on the screen.
  private(set) var top = 0
  /// How many rows there is room for.
  private(set) var height = 20
  var marks: Set<RowID> = []

  var visible: Range<Int> { min(top, ids.count)..<min(top + height, ids.count) }
  var isAtEnd: Bool { cursor >= ids.count - 1 }

  /// Takes the rows as they are now; the selection stays on its row, or where that stood.
  mutating func arrange(_ ids: [RowID]) {
    self.ids = ids
    if hasChosen, let selection {
      if !(ids.indices.contains(cursor) && ids[cursor] == selection) {
        cursor = ids.firstIndex(of: selection) ?? cursor
      }
    } else if !hasChosen {
      cursor = 0
    }
    show()
  }

  /// Selects a row, and scrolls as far as it needs.
  mutating func move(to index: Int) {
    hasChosen = true
    cursor = index
    show()
  }

  /// Whoever asks for something about the selected row has chosen it.
  mutating func choose() { hasChosen = hasChosen || selection != nil }

  /// Moves as a key asks.
  mutating func move(_ command: some MovingCommand) {
    switch command {
    case .up: move(to: cursor - 1)
    case .down: move(to: cursor + 1)
    case .pageUp: page(by: -1)
    case .pageDown: page(by: 1)
    case .first: move(to: 0)
    case .last: move(to: ids.count - 1)
    default: break
    }
  }

  mutating func page(by pages: Int) {
    let distance = pages * max(1, height - 1)
    top += distance
    move(to: cursor + distance)
  }

  /// Moves the list; the selection stays in sight.
  mutating func scroll(by distance: Int) {
    top = max(0, min(top + distance, ids.count - height))
    move(to: max(top, min(cursor, top + height - 1)))
  }

  mutating func resize(to height: Int) {
    guard self.height != max(1, height) else { return }
    self.height = max(1, height)
    show()
  }

  /// Begins anew at the first row.
  mutating func restart() {
    (cursor, top, hasChosen, marks) = (0, 0, false, [])
    show()
  }

  /// Marks the selected row, or takes its mark away, and goes on to the next.
  mutating func mark() {
    guard let selection else { return }
    if marks.remove(selection) == nil { marks.insert(selection) }
    move(to: cursor + 1)
  }

  /// Keeps everything within its bounds, and the selected row on the screen.
  private mutating func show() {
    cursor = max(0, min(cursor, ids.count - 1))
    selection = ids.isEmpty ? nil : ids[cursor]
    if cursor < top { top = cursor }
    if cursor >= top + height { top = cursor - height + 1 }
    top = max(0, min(top, ids.count - height))
  }
}
