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
  static let wide = 110
  /// Room for `✗171` behind a bar.
  static let failedWidth = 5

  /// The columns of what is on the screen, within an area of some width.
  init(panel: FlowsPanel, width: Int, scene: Scene) {
    let isASCII = scene.setup.isASCII
    var need = Need()
    for index in panel.visible.clamped(to: panel.rows.indices) {
      let row = panel.rows[index]
      let name = RowName(row, parent: panel.rows.parents[index], scene: scene).whole
      need.flow = max(need.flow, Self.indent(of: row) + TextCleaner.width(name, isASCII: isASCII, most: width))
      guard let job = row.id.job.flatMap({ scene.picture.jobs[$0] }) else { continue }
      let state = StateText(of: job, scene: scene).main
      need.state = max(need.state, TextCleaner.width(state, isASCII: isASCII, most: width))
      let value = RowValue.text(of: job, scene.picture).map { TextCleaner.width($0, isASCII: isASCII, most: width) }
      need.value = max(need.value ?? 0, value ?? 0)
    }
    self.init(width: width, need: need, showsIDs: panel.showsIDs, chosen: scene.setup.columns)
  }

  /// How wide the longest text of a column on the screen is.
  struct Need: Sendable, Equatable {
    /// A name with its hint and the signs before it.
    var flow = 0
    /// A state.
    var state = 0
    /// A value; `nil` where that is not known.
    var value: Int?
  }

  /// - Parameter chosen: the columns that the person wants, in order; `nil` for the usual ones.
  init(width: Int, need: Need, showsIDs: Bool, chosen: [FlowColumn]? = nil) {
    let isShown = { (column: FlowColumn) in chosen?.contains(column) ?? true }
    self.init(width: width, need: need, showsIDs: showsIDs || chosen?.contains(.id) == true, isShown: isShown)
    if let chosen { arrange(chosen) }
  }

  /// Puts the columns next to each other in another order.
  private mutating func arrange(_ order: [FlowColumn]) {
    var start = flow.lowerBound
    for place in order.map(\.place) where !self[keyPath: place].isEmpty {
      let width = self[keyPath: place].count
      self[keyPath: place] = start..<start + width
      start += width + 2
    }
  }

  private init(width: Int, need: Need, showsIDs: Bool, isShown: (FlowColumn) -> Bool) {
    var end = max(0, width - 1)
    func take(_ wanted: Int) -> Range<Int> {
      let range = max(0, end - wanted)..<end
      end = max(0, range.lowerBound - 2)
      return range
    }
    if width >= 50, isShown(.value) {
      let most = width >= Self.wide ? min(max(width / 8, 12), 26) : max(8, width / 7)
      // What values leave free, reasons have.
      value = take(need.value.map { min(most, max(8, ($0 + 3) / 4 * 4)) } ?? most)
    }
    if width >= 36, isShown(.age) { age = take(width >= 60 ? Age.width : 6) }
    if width >= Self.wide, isShown(.progress) {
      progress = take((width >= 130 && !showsIDs ? 20 : 12) + Self.failedWidth)
    }
    guard width >= 30 else {
      flow = 1..<max(1, end)
      return
    }
    // In steps, so that nothing moves when one name comes or goes. Where names and states both want more than there is,
    // states, which hold the reasons, get the larger part.
    func stepped(_ need: Int) -> Int { (need + 7) / 8 * 8 }
    let most = min(width / 2, 60, max(end * 2 / 5, 24, end - 3 - stepped(need.state)))
    flow = 1..<(1 + min(max(stepped(need.flow), 16), most, max(8, end - 14)))
    var start = flow.upperBound + 2
    let room = end - start
    if isShown(.id), showsIDs ? room >= 30 : room >= 68 {
      id = start..<start + min(46, max(16, room - (showsIDs ? room * 3 / 5 : 56)))
      start = id.upperBound + 2
    }
    if isShown(.state) { state = min(start, end)..<end }
  }

  /// Where the sign of a row's fold stands, from the left edge of the list.
  func foldColumn(of row: Outline.Row) -> Int {
    guard row.depth > 0 else { return flow.lowerBound }
    let shown = Self.shown(row, in: flow.count)
    let before = shown < row.depth ? Self.depthMark(row).count : 2
    return flow.lowerBound + before + (shown - 1) * 2 + 1
  }

  /// What stands before a row of which not all levels are drawn: how deep it is.
  static func depthMark(_ row: Outline.Row) -> String {
    let depth = "\(row.depth)…"
    return depth + String(repeating: " ", count: max(1, 5 - depth.count))
  }

  /// How many cells the signs before a row's name take.
  static func indent(of row: Outline.Row) -> Int { row.depth * 2 + 4 }

  /// How many levels of a deep row are drawn: its name needs the rest.
  static func shown(_ row: Outline.Row, in width: Int) -> Int { min(row.depth, max(1, (width - 4) / 4)) }
}
