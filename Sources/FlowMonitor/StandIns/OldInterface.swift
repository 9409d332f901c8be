// What the old dashboard and commands call, until they are replaced.
import QueueClient
import Redis

extension FlowMonitor {
  public struct Update: Sendable {
    public var forest: FlowForest
    public var status: MonitorStatus
    public var isComplete: Bool
    public init(forest: FlowForest, status: MonitorStatus, isComplete: Bool) {
      (self.forest, self.status, self.isComplete) = (forest, status, isComplete)
    }
  }

  public nonisolated var updates: AsyncStream<Update> {
    let (updates, sink) = AsyncStream<Update>.makeStream(bufferingPolicy: .bufferingNewest(1))
    Task {
      for await picture in pictures {
        sink.yield(
          Update(
            forest: FlowForest(of: picture), status: picture.status, isComplete: picture.discovery.isComplete))
      }
      sink.finish()
    }
    return updates
  }

  public func open(_ keys: Set<JobKey>) {
    var window = window
    for key in keys { window.folds[key] = true }
    look(through: window)
  }

  public func readOnce() async throws -> FlowForest {
    var window = Window()
    window.height = 1000
    return FlowForest(of: try await picture(of: window))
  }

  public func readFlow(_ key: JobKey) async throws -> FlowForest {
    var forest = FlowForest()
    var level: Set<JobKey> = [key]
    while !level.isEmpty {
      var reading = FlowForest.Reading()
      reading.roots = [key]
      reading.jobs = try await Loader(redis: redis).jobs(level.sorted(), childLimit: { _ in 1000 })
      forest.apply(reading)
      let below = reading.jobs.values.compactMap { $0 }.flatMap(\.children).map(\.key)
      level = Set(below.filter { forest.jobs[$0] == nil }).subtracting(reading.jobs.keys)
    }
    return forest
  }
}

extension FlowForest {
  init(of picture: Picture) {
    self.init()
    let kinds: [Family.Kind: FlowJob.Child.Kind] = [
      .unprocessed: .unprocessed, .processed: .processed, .ignored: .ignored, .failed: .failed,
    ]
    var reading = Reading()
    for (key, job) in picture.jobs {
      var job = job
      job.children = (picture.families[key]?.children ?? []).map {
        FlowJob.Child(key: $0.key, kind: kinds[$0.kind] ?? .unprocessed)
      }
      job.values = picture.families[key]?.values ?? [:]
      reading.jobs[key] = job
    }
    reading.roots = Set(picture.flows.roots)
    reading.queues = Array(picture.queues.values)
    apply(reading)
  }
}
