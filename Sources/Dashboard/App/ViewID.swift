/// The views, by their numbers.
enum ViewID: Int, Sendable, Hashable, CaseIterable {
  case flows = 1
  case queues, jobs, workers, schedulers, events

  var title: String {
    switch self {
    case .flows: "Flows"
    case .queues: "Queues"
    case .jobs: "Jobs"
    case .workers: "Workers"
    case .schedulers: "Schedulers"
    case .events: "Events"
    }
  }
}
