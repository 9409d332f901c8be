import FlowMonitor
import QueueClient

/// Everything the screen shows: a value, changed by `update` and drawn by `layout`.
public struct DashboardState: Sendable {
  // What is true.
  var forest = FlowForest()
  var status = MonitorStatus.connecting
  var isComplete = false
  var details: [JobKey: JobDetail] = [:]

  // What the person has chosen.
  var selection: TreeRowID?
  /// Whether the person has chosen a row; until then, the first is selected, whichever that is.
  var hasChosenRow = false
  var folded: Set<JobKey> = []
  var opened: Set<JobKey> = []
  var top = 0
  var mode = Mode.tree
  var detailTab: DetailTab?
  var detailTop = 0
  var searchText = ""
  var stateFilter: JobState?
  var problemsOnly = false
  var sort = Sort.need
  var themeName: String
  var themeNames: [String]

  // Where it is shown.
  var size: Frame.Size
  var now: Double
  var message: Message?
  /// Whether nothing in Redis may be changed.
  public var isReadOnly = false
  let server: String
  let prefix: String
  let isASCII: Bool

  /// The rows as the choices above make them; worked out when one of those changes, not for each picture.
  var rows: [TreeRow] = []

  /// What the keys mean now.
  enum Mode: Sendable, Hashable {
    case tree, search, help
  }

  /// The order of the flows.
  enum Sort: String, Sendable, Hashable, CaseIterable {
    case need, newest, name
  }

  /// The pages of the detail pane.
  enum DetailTab: String, Sendable, Hashable, CaseIterable {
    case data = "Data"
    case result = "Result"
    case children = "Children"
    case error = "Error"
    case logs = "Logs"
    case timeline = "Timeline"
    case why = "Why?"
  }

  /// A word to the person, shown for a while.
  struct Message: Sendable, Hashable {
    var text: String
    var isError = false
    var until: Double
  }

  /// Which row, whatever rows come and go around it.
  struct TreeRowID: Sendable, Hashable {
    var key: JobKey
    var isMore: Bool

    init(_ row: TreeRow) {
      key = row.key
      if case .more = row.kind { isMore = true } else { isMore = false }
    }
  }

  /// A screen before anything is known.
  ///
  /// - Parameters:
  ///   - server: what the header calls the server; without secrets.
  ///   - prefix: the watched prefix.
  ///   - size: rows and columns.
  ///   - now: seconds since 1970.
  ///   - themeNames: the themes to choose from; the first is in use.
  ///   - isASCII: whether only ASCII may be shown.
  public init(
    server: String, prefix: String, size: Frame.Size, now: Double, themeNames: [String] = ["dark"],
    isASCII: Bool = false
  ) {
    self.server = server
    self.prefix = prefix
    self.size = size
    self.now = now
    self.themeNames = themeNames
    themeName = themeNames.first ?? "dark"
    self.isASCII = isASCII
  }

  // MARK: Derived

  var glyphs: Glyphs { Glyphs(isASCII: isASCII) }

  var selectedIndex: Int? {
    guard let selection else { return nil }
    return rows.firstIndex { TreeRowID($0) == selection }
  }

  var selectedJob: FlowJob? { selection.flatMap { forest.jobs[$0.key] } }

  /// How the height is shared out.
  var areas: Areas { Areas(size: size, hasDetail: detailTab != nil) }

  /// Rows of the screen, from top to bottom: header, queues, tree, detail, footer.
  struct Areas: Sendable, Equatable {
    var tree: Range<Int>
    /// The rule above the detail and its rows.
    var detail: Range<Int>
    var footer: Int

    init(size: Frame.Size, hasDetail: Bool) {
      footer = max(0, size.rows - 1)
      let first = min(2, footer)
      let room = footer - first
      let detailRows = hasDetail ? min(max(room / 2, 4), room) : 0
      tree = first..<(footer - detailRows)
      detail = tree.upperBound..<footer
    }
  }
}
