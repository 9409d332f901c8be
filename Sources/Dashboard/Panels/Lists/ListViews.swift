import FlowMonitor
import QueueClient

/// The views that are tables, each with where it stands, and the way that led to the one that is shown.
struct ListViews: Sendable {
  var queues = QueuesPanel()
  var jobs = JobsPanel()
  var workers = WorkersPanel()
  var schedulers = SchedulersPanel()
  var events = EventsPanel()
  /// The views that Esc goes back to, the nearest last.
  var trail: [ViewID] = []
  /// What is read for the view that is shown.
  var asked: ViewQuestion?

  /// A view's panel; `nil` for the flows, which are no table.
  subscript(view: ViewID) -> (any ListPanel)? {
    get {
      switch view {
      case .flows: nil
      case .queues: queues
      case .jobs: jobs
      case .workers: workers
      case .schedulers: schedulers
      case .events: events
      }
    }
    set {
      switch newValue {
      case let panel as QueuesPanel: queues = panel
      case let panel as JobsPanel: jobs = panel
      case let panel as WorkersPanel: workers = panel
      case let panel as SchedulersPanel: schedulers = panel
      case let panel as EventsPanel: events = panel
      default: break
      }
    }
  }

  /// The keys of a view.
  static func keys(of view: ViewID) -> KeyTable<ListCommand>? {
    switch view {
    case .flows: return nil
    case .queues: return QueuesPanel.keys
    case .jobs: return JobsPanel.keys
    case .workers: return WorkersPanel.keys
    case .schedulers: return SchedulersPanel.keys
    case .events: return EventsPanel.keys
    }
  }

  /// The words of the way here: the views before, and what has been chosen in the one that is shown.
  func path(to view: ViewID) -> [String] {
    trail.map(\.title) + (self[view]?.path ?? [])
  }
}
