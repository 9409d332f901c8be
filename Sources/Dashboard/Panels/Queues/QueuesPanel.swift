import FlowMonitor
import QueueClient

/// The queues: how many jobs are in each state, how fast they end, the oldest, workers, limits.
struct QueuesPanel: ListPanel {
  var table = TableState()
  var filter = ListFilter()
  var reading = ListReading()
  /// What was read last.
  private(set) var overview = QueueOverview()
  private(set) var order = QueueOrder(column: .name, isReversed: false)

  static let keys = KeyTable<ListCommand>(
    ofList: [
      .open("Queues", "the queue's jobs", hint: "jobs"), .find("only queues with a text in their name"),
      .init(.sort, "Finding", "s", "sort by the next column", hint: "sort", .character("s")),
      .init(.reverse, "Finding", "S", "sort the other way round", .character("S")),
      .mark(), .copy(), .actions, .pauseQueue(hint: "pause"),
    ])

  /// Those on the screen, and a few around it: scrolling by a row asks nothing new.
  var question: ViewQuestion? {
    let step = 16
    let first = table.visible.lowerBound / step * step
    let end = min(table.ids.count, (table.visible.upperBound / step + 1) * step)
    return .queues(onScreen: first < end ? table.ids[first..<end].compactMap(queue).sorted() : [])
  }

  var notes: [Line.Part] {
    [Line.Part("sort \(order.column.rawValue)\(order.isReversed ? " reversed" : "")", .faint, weight: 3)]
  }

  func job(of row: RowID) -> JobKey? { nil }

  func queue(of row: RowID) -> QueueKey? { if case .queue(let key) = row { key } else { nil } }

  func isPaused(_ queue: QueueKey, in scene: Scene) -> Bool {
    overview.lines[queue]?.status.isPaused ?? scene.picture.queues[queue]?.isPaused ?? false
  }

  func emptyLines(in scene: Scene) -> [String] {
    if let lines = waitingLines(in: scene) { return lines }
    guard scene.picture.discovery.isComplete else {
      return ["looking for queues: \(Formatting.percent(scene.picture.discovery.fraction)) of the keys seen"]
    }
    return ["no queues with the prefix '\(scene.setup.prefix)' in \(scene.setup.server)"]
  }

  // MARK: What happens

  mutating func take(_ answer: ViewAnswer, in scene: Scene) {
    switch answer {
    case .queues(let overview):
      self.overview = overview
      reading.succeed()
      arrange(in: scene)
    case .failed(let reason, let isAway): reading.fail(reason, isAway: isAway)
    default: break
    }
  }

  mutating func arrange(in scene: Scene) {
    let shown = overview.known.filter { filter.allows($0.name) }
    table.arrange(order.sorted(shown, overview).map { .queue($0) })
  }

  mutating func perform(_ command: ListCommand, in scene: Scene) -> [Request] {
    switch command {
    case .open:
      guard let queue = selectedQueue else { return [.say("no queue is selected")] }
      return [.showJobs(queue, nil)]
    case .sort: sort(by: order.column.next, in: scene)
    case .reverse:
      order.isReversed.toggle()
      arrange(in: scene)
    default: return performCommon(command, in: scene)
    }
    return []
  }

  /// Sorts by a column; by the one that it is sorted by, the other way round.
  mutating func sort(by column: QueueOrder.Column, in scene: Scene) {
    order = QueueOrder(column: column, isReversed: column == order.column ? !order.isReversed : false)
    arrange(in: scene)
  }
}
