import FlowMonitor
import QueueClient

/// How the width of a row is shared out, by what the rows on the screen need: names and reasons before ids.
struct FlowColumns: Sendable, Equatable {
  /// The signs of the tree, names and hints.
  var flow: Range<Int>
  /// Queues and ids; empty where there is no room for them.
  var id: Range<Int> = 0..<0
  var state: Range<Int> = 0..<0
  /// A parent's bar and how many failed; empty where the bar stands in the state.
  var progress: Range<Int> = 0..<0
  var age: Range<Int> = 0..<0
  var value: Range<Int> = 0..<0

  /// From this width of a list on, bars have a column.
  static let wide = 96
  /// Room for `✗171` behind a bar.
  static let failedWidth = 6

  /// The columns of what is on the screen, within an area of some width.
  init(panel: FlowsPanel, width: Int, scene: Scene) {
    let needs = panel.visible.clamped(to: panel.rows.indices).map { index in
      let row = panel.rows[index]
      return Self.indent(of: row) + TextCleaner.width(
        RowName(row, parent: panel.rows.parents[index], scene: scene).whole, isASCII: scene.setup.isASCII, most: width)
    }
    self.init(width: width, need: needs.max() ?? 0, showsIDs: panel.showsIDs)
  }

  /// - Parameter need: the width that the longest name on the screen wants, with the signs before it.
  init(width: Int, need: Int, showsIDs: Bool) {
    var end = max(0, width - 1)
    func take(_ wanted: Int) -> Range<Int> {
      let range = max(0, end - wanted)..<end
      end = max(0, range.lowerBound - 2)
      return range
    }
    if width >= 50 { value = take(width >= Self.wide ? min(max(width / 7, 12), 26) : max(8, width / 8)) }
    if width >= 36 { age = take(6) }
    if width >= Self.wide { progress = take((width >= 130 ? 20 : 14) + Self.failedWidth) }
    guard width >= 30 else {
      flow = 1..<max(1, end)
      return
    }
    // In steps, so that nothing moves when one name comes or goes.
    let wanted = (need + 7) / 8 * 8
    let most = width >= Self.wide ? width * 2 / 5 : width / 2
    flow = 1..<(1 + min(max(wanted, 16), most, max(8, end - 14)))
    var start = flow.upperBound + 2
    let room = end - start
    if showsIDs ? room >= 30 : room >= 84 {
      id = start..<start + min(46, max(16, room - (showsIDs ? room / 2 : 56)))
      start = id.upperBound + 2
    }
    state = min(start, end)..<end
  }

  /// Where the sign of a row's fold stands, from the left edge of the list.
  func foldColumn(of row: Outline.Row) -> Int { flow.lowerBound + (row.depth == 0 ? 0 : Self.shown(row, in: flow.count) * 2 + 1) }

  /// How many cells the signs before a row's name take.
  static func indent(of row: Outline.Row) -> Int { row.depth * 2 + 4 }

  /// How many levels of a deep row are drawn: its name needs the rest.
  static func shown(_ row: Outline.Row, in width: Int) -> Int { min(row.depth, max(1, (width - 4) / 4)) }
}
