import FlowMonitor
import QueueClient

/// A view that is a table: its rows are read by the monitor while it is looked at.
protocol ListPanel: Sendable {
  /// Its keys.
  static var keys: KeyTable<ListCommand> { get }

  var table: TableState { get set }
  /// Which rows are shown, by a text in them, and whether that is being typed.
  var filter: ListFilter { get set }
  /// Whether anything has been read, and why nothing could be.
  var reading: ListReading { get set }

  /// What is to be read now.
  var question: ViewQuestion? { get }
  /// What has been chosen within the view.
  var path: [String] { get }
  /// What the row of views says of it, at the right.
  var notes: [Line.Part] { get }
  /// Where the table stands among all rows.
  var position: String { get }
  /// A line above the table; `nil` for none.
  func bar(in scene: Scene) -> [Line.Part]?
  /// What stands where there are no rows.
  func emptyLines(in scene: Scene) -> [String]

  /// The columns, and how the rows are ordered.
  func columns(in scene: Scene) -> [TableColumn]
  /// The sign before a row.
  func sign(at index: Int, in scene: Scene) -> TableCell
  /// A row's texts, one for each column.
  func cells(at index: Int, in scene: Scene) -> [TableCell]

  /// The job that a row is about; `nil` where it is about none.
  func job(of row: RowID) -> JobKey?
  /// The queue that a row is about.
  func queue(of row: RowID) -> QueueKey?
  /// What the table of actions goes by; `nil` where no job can be acted upon.
  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts?

  /// The parent that waits for a job, where that is known.
  func parent(of job: JobKey, in scene: Scene) -> JobKey?
  /// Whether a queue is paused, as far as is known.
  func isPaused(_ queue: QueueKey, in scene: Scene) -> Bool

  /// Gives the table room for so many rows.
  mutating func resize(to height: Int)
  /// Takes what was read.
  mutating func take(_ answer: ViewAnswer, in scene: Scene)
  /// Works the rows out again.
  mutating func arrange(in scene: Scene)
  /// Does what a key asks for. Pure: what others are to do is returned, not done.
  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request]
}

/// Which rows of a list are shown.
struct ListFilter: Sendable, Equatable {
  var text = ""
  var isTyping = false

  func allows(_ texts: String?...) -> Bool {
    text.isEmpty || texts.contains { $0?.range(of: text, options: .caseInsensitive) != nil }
  }
}

/// How far the reading of a list has come.
struct ListReading: Sendable, Equatable {
  var isDone = false
  /// Why Redis does not let us read it.
  var refusal: String?

  /// Takes in that nothing could be read; where the server is away, the header says so, and the rows stay.
  mutating func fail(_ reason: String, isAway: Bool) { if !isAway { refusal = reason } }

  mutating func succeed() { (isDone, refusal) = (true, nil) }
}

extension ListPanel {
  var path: [String] { [] }
  var notes: [Line.Part] { [] }
  func bar(in scene: Scene) -> [Line.Part]? { nil }
  mutating func resize(to height: Int) { table.resize(to: height) }
  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request] { performCommon(command, in: scene) }
  func facts(of row: RowID, in scene: Scene) -> ActionTable.Facts? { nil }
  func parent(of job: JobKey, in scene: Scene) -> JobKey? { scene.picture.jobs[job]?.parentKey }
  func isPaused(_ queue: QueueKey, in scene: Scene) -> Bool { scene.isPaused(queue) }

  var position: String {
    let visible = table.visible
    guard !visible.isEmpty else { return "" }
    let count = Formatting.count(table.ids.count)
    return "\(Formatting.count(visible.lowerBound + 1))-\(Formatting.count(visible.upperBound)) of \(count)"
  }

  var selectedJob: JobKey? { table.selection.flatMap(job) }
  var selectedQueue: QueueKey? { table.selection.flatMap(queue) }

  /// Does what a key asks for that does the same in all views.
  mutating func performCommon(_ command: ListCommand, in scene: Scene) -> [Request] {
    switch command {
    case .up, .down, .pageUp, .pageDown, .first, .last: table.move(command)
    case .mark: table.mark()
    case .find: filter.isTyping = true
    case .why: return selectedJob == nil ? [.say("no job is selected")] : [.showDetail(.why)]
    case .open: return selectedJob == nil ? [.say("no job is selected")] : [.showDetail(nil)]
    case .copy:
      guard let key = selectedJob?.description ?? selectedQueue?.description else { return [] }
      return [.perform(.copy(key)), .say("copied \(key)")]
    case .actions: return openMenu(in: scene)
    case .act(let choice): return act(choice, in: scene)
    case .sort, .reverse, .nextState, .previousState, .pause: break
    }
    return []
  }

  /// Takes a key while a filter is typed.
  mutating func type(_ input: InputEvent, in scene: Scene) {
    switch TypedKey(input) {
    case .enter: filter.isTyping = false
    case .escape: filter = ListFilter()
    case .erase: if filter.text.isEmpty { filter.isTyping = false } else { filter.text.removeLast() }
    case .letter(let character): if filter.text.count < 200 { filter.text.append(character) }
    case nil: break
    }
    arrange(in: scene)
  }

  /// Esc: one step back within the view.
  ///
  /// - Returns: whether there was one.
  mutating func back(in scene: Scene) -> Bool {
    if !filter.text.isEmpty {
      filter = ListFilter()
      arrange(in: scene)
    } else if !table.marks.isEmpty {
      table.marks = []
    } else {
      return false
    }
    return true
  }
}
