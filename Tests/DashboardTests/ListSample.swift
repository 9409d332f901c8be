import QueueClient

@testable import Dashboard
@testable import FlowMonitor

/// What the views beside the flows may be told.
enum ListSample {
  static let steps = QueueKey(name: "steps")
  static let invoices = QueueKey(name: "invoices")
  static let evil = QueueKey(name: "evil\u{1B}[2J\u{202E}")

  static var overview: QueueOverview {
    var overview = QueueOverview()
    overview.known = [evil, invoices, steps]
    var busy = QueueStatus(key: steps, counts: [.waiting: 184, .active: 8, .delayed: 12, .failed: 171])
    busy.limit = .init(jobs: 50, milliseconds: 1000)
    var inspected = InspectedQueue(key: steps)
    (inspected.nextAddedOn, inspected.completed, inspected.failed) = (850_000, [1, 2, 8, 1240, 7], [0, 0, 0, 0, 1])
    overview.lines[steps] = QueueOverview.Line(status: busy, inspected: inspected, workers: 4)
    let paused = QueueStatus(key: invoices, counts: [.waiting: 12], isPaused: true)
    var held = QueueOverview.Line(status: paused, inspected: InspectedQueue(key: invoices), workers: 0)
    held.sampled = [.init(completed: 3, failed: 0, milliseconds: 3000)]
    overview.lines[invoices] = held
    return overview
  }

  static func page(_ place: JobPage.Place, of total: Int) -> JobPage {
    var page = JobPage(place: place)
    page.counts = [place.state: total, .waiting: 3]
    page.jobs = (place.first..<max(place.first, min(place.first + place.count, total))).map { number in
      Sample.job(JobKey(queue: place.queue, id: "\(number)"), "paint\u{1B}[31m", place.state) {
        $0.failedReason = "no paint left"
        $0.data = ["place": "wall"]
      }
    }
    return page
  }

  static var workers: WorkerList {
    var list = WorkerList()
    let job = WorkerList.Job(key: JobKey(queue: steps, id: "7"), name: "paint", since: 1_000_000, lock: 20_000)
    let lost = WorkerList.Job(key: JobKey(queue: steps, id: "8"), name: "paint", since: 900_000, lock: nil)
    list.lines = [
      .init(queue: steps, name: "w-9", job: lost),
      .init(queue: steps, name: "w-1", address: "10.0.0.7:4411", idle: 0, job: job),
      .init(queue: evil, name: "", address: "10.0.0.8:1", idle: 3),
    ]
    return list
  }

  static var schedulers: SchedulerLister.Listing {
    var listing = SchedulerLister.Listing()
    var late = ListedScheduler(queue: steps, id: "late", next: 1_000_000)
    (late.every, late.nextAddedOn, late.count) = (60_000, 940_000, 12)
    var daily = ListedScheduler(queue: steps, id: "daily", next: 4_630_000)
    (daily.pattern, daily.timeZone, daily.nextAddedOn) = ("0 9 * * *", "Europe/Berlin", 1_000_000)
    listing.schedulers = [late, daily, ListedScheduler(queue: invoices, id: "gone", next: 2_000_000)]
    listing.total = 3
    return listing
  }

  static func events(_ count: Int) -> EventLog {
    var log = EventLog()
    log.add(
      (0..<count).map { number in
        LoggedEvent(
          queue: steps, time: 1_000_000 + number, name: number.isMultiple(of: 2) ? "completed" : "failed",
          job: JobKey(queue: steps, id: "\(number)"),
          fields: ["failedReason": "bad\u{1B}[2J", "returnvalue": "2500", "prev": "active"])
      })
    return log
  }

  /// A dashboard in a view that has been told all that it asks for.
  static func model(
    _ view: ViewID, rows: Int = 24, columns: Int = 120, isASCII: Bool = false, isReadOnly: Bool = false
  ) -> DashboardModel {
    var model = Sample.model(rows: rows, columns: columns, isASCII: isASCII, isReadOnly: isReadOnly)
    model.lists.jobs.show(steps, .failed, counts: [:])
    model.press("\(view.rawValue)")
    model.answer()
    return model
  }
}

extension DashboardModel {
  /// Gives the view what it asks for.
  ///
  /// - Parameter total: how many jobs, or events, there are.
  mutating func answer(of total: Int = 1000) {
    guard let question = lists.asked else { return }
    let answer: ViewAnswer =
      switch question {
      case .queues: .queues(ListSample.overview)
      case .jobs(let place): .jobs(ListSample.page(place, of: total))
      case .workers: .workers(ListSample.workers)
      case .schedulers: .schedulers(ListSample.schedulers)
      case .events: .events(ListSample.events(total))
      }
    _ = update(.view(question, answer))
  }
}
