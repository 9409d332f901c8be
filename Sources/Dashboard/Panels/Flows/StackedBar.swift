import FlowMonitor
import QueueClient
import Redis

/// How far the children of a job are: done, active, waiting, failed.
struct StackedBar: Sendable, Equatable {
  var done = 0
  var active = 0
  var waiting = 0
  var failed = 0
  /// Those that have not ended, or of whose failure nobody has been told: nobody has looked at them.
  var unknown = 0

  var total: Int { done + active + waiting + failed + unknown }

  /// By what the parent holds; which of those not finished are active or have failed, by the children that were read.
  init(job: FlowJob, picture: Picture) {
    let counts = job.counts
    done = max(0, counts.processed)
    failed = max(0, counts.failed) + max(0, counts.ignored)
    waiting = max(0, counts.unprocessed)
    guard let family = picture.families[job.key] else {
      (unknown, waiting) = (waiting, 0)
      // Of a folded one, what the search for problems found is known.
      if case .held(let cause)? = picture.diagnoses[job.key], cause.code == .failedChild,
        cause.evidence.parent == job.key
      {
        let found = min(unknown, max(0, cause.evidence.count))
        failed += found
        unknown -= found
      }
      return
    }
    var states: [JobState: Int] = [:]
    for child in family.children where child.kind == .unprocessed {
      if let state = picture.jobs[child.key]?.state { states[state, default: 0] += 1 }
    }
    for group in family.groups where group.id.kind == .unprocessed {
      states[group.id.state, default: 0] += max(0, group.count.value)
    }
    active = min(waiting, states[.active] ?? 0)
    waiting -= active
    let failedPending = min(waiting, states[.failed] ?? 0)
    waiting -= failedPending
    failed += failedPending
  }

  init(done: Int = 0, active: Int = 0, waiting: Int = 0, failed: Int = 0, unknown: Int = 0) {
    (self.done, self.active, self.waiting, self.failed, self.unknown) = (done, active, waiting, failed, unknown)
  }

  /// A part of the bar.
  struct Part: Sendable, Equatable {
    var glyph: String
    var role: Style.Role
    var cells: Int
  }

  /// The parts at a width: to scale, but what there is of active and failed always shows.
  func parts(width: Int) -> [Part] {
    guard width > 0, total > 0 else { return [] }
    let counts = [done, active, waiting, failed, unknown]
    var cells = counts.map { Int(clamping: Double($0) / Double(total) * Double(width)) }
    for index in [1, 3, 2, 4, 0] where counts[index] > 0 && cells[index] == 0 { cells[index] = 1 }
    // What rounding has left over or taken too much of, the largest part bears.
    while cells.reduce(0, +) < width {
      let index = counts.indices.max { deficit($0, counts, cells, width) < deficit($1, counts, cells, width) } ?? 0
      cells[index] += 1
    }
    while cells.reduce(0, +) > width, let index = cells.indices.max(by: { cells[$0] < cells[$1] }), cells[index] > 0 {
      cells[index] -= 1
    }
    let looks: [(String, Style.Role)] = [
      (Glyphs.done, .completed), (Glyphs.active, .active), (Glyphs.waiting, .waiting), (Glyphs.failed, .failed),
      (Glyphs.unknown, .faint),
    ]
    return zip(looks, cells).filter { $1 > 0 }.map { Part(glyph: $0.0, role: $0.1, cells: $1) }
  }

  private func deficit(_ index: Int, _ counts: [Int], _ cells: [Int], _ width: Int) -> Double {
    Double(counts[index]) / Double(total) * Double(width) - Double(cells[index])
  }

  /// Draws it.
  ///
  /// - Returns: the column behind it.
  @discardableResult
  func draw(into frame: inout Frame, row: Int, column: Int, width: Int) -> Int {
    var column = column
    for part in parts(width: width) {
      frame.fill(part.glyph, row: row, columns: column..<column + part.cells, style: Style(part.role))
      column += part.cells
    }
    return column
  }
}
