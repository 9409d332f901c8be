import FlowMonitor
import QueueClient

/// Everything the screen shows: a value, changed by `update` and drawn by `draw`.
public struct DashboardModel: Sendable {
  var scene: Scene
  var view = ViewID.flows
  var flows = FlowsPanel()
  var detail = DetailPanel()
  var actions = ActionsPanel()
  var finding = FindPanel()
  var timeline = TimelinePanel()
  var palette = PalettePanel()
  var lists = ListViews()
  /// The page of the help that is shown; `nil` for none.
  var helpPage: Int?
  var notice: Notice?
  /// What the person was told last of what cannot be had.
  var toldLimits: String?
  var themeNames: [String]
  var size: Frame.Size
  /// Whether somebody is to be called.
  var alarm = ProblemAlarm()
  /// What the monitor was told last.
  var toldWindow: Window?

  /// A word to the person, shown for a while.
  struct Notice: Sendable, Hashable {
    var text: String
    var role = Style.Role.text
    var until: Double
    /// Whether it answers a key: then the next key ends it.
    var answersKey = false
    /// Whether it tells what became of an action: then it stays until a key, and nothing takes its place.
    var isResult = false

    var isError: Bool { role == .error }

    mutating func becomeResult() { (isResult, answersKey) = (true, true) }
  }

  /// A screen before anything is known.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - themeNames: the themes to choose from; the first is in use.
  public init(setup: Scene.Setup, size: Frame.Size, now: Double, themeNames: [String] = ["dark"]) {
    scene = Scene(now: now, setup: setup)
    self.size = size
    self.themeNames = themeNames
    scene.themes = themeNames.sorted()
    flows.window.height = layout.listRows.height
  }

  /// Tells somebody who is here for the first time where to begin.
  public mutating func welcome() {
    notice = Notice(
      text: "\(scene.key("why")) says why a flow stands still, \(scene.key("filter-problems")) shows only problems, "
        + "\(scene.key("help")) shows all keys", until: scene.now + 20)
  }

  var layout: ScreenLayout { ScreenLayout(size: size, hasDetail: detail.tab != nil, isInDetail: detail.focus.isOn) }

  /// What stands in the place of the lists.
  enum Front { case timeline, found, list, flows }

  /// What lies in front: the timeline before what was found, and that before the view.
  var front: Front {
    if timeline.isOpen { return .timeline }
    if finding.isOpen { return .found }
    return view == .flows ? .flows : .list
  }

  /// What is looked at now.
  public var window: Window {
    var window = flows.window
    window.detail = detail.tab == nil ? nil : selection?.job
    return window
  }

  // MARK: Drawing

  /// The picture of this state. Pure: the same state gives the same picture.
  public func draw() -> Frame {
    var frame = Frame(size: size, isASCII: scene.setup.isASCII)
    guard size.rows >= ScreenLayout.least.rows, size.columns >= ScreenLayout.least.columns else {
      frame.put("needs 20x5", row: 0, column: 0, style: Style(.warning))
      return frame
    }
    if let helpPage {
      HelpView(lines: helpLines, page: helpPage).draw(into: &frame)
      return frame
    }
    let layout = layout
    Header(scene: scene).draw(into: &frame, row: layout.header)
    if let row = layout.viewBar { ViewBar(model: self).draw(into: &frame, row: row) }
    switch front {
    case .timeline: timeline.draw(into: &frame, area: layout.list, scene: scene)
    case .found: finding.draw(into: &frame, area: layout.list, scene: scene)
    case .list: list?.draw(into: &frame, layout: layout, scene: scene)
    case .flows: flows.draw(into: &frame, area: layout.list, scene: scene)
    }
    detail.draw(into: &frame, area: layout.detail, scene: scene)
    drawTimelinePage(into: &frame, area: layout.detail)
    Footer(model: self).draw(into: &frame, row: layout.footer)
    actions.draw(into: &frame, area: layout.list, scene: scene)
    return frame
  }

  /// All keys of the view that is shown.
  var help: [KeyHelp] { Self.help(in: view) }

  /// All keys of a view, its own first.
  static func help(in view: ViewID) -> [KeyHelp] {
    (ListViews.keys(of: view)?.help ?? FlowsPanel.keys.help) + DetailPanel.keys.help + DashboardModel.keys.help
  }
}
