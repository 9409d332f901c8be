import QueueClient
import Redis

/// Reads what queues' event streams tell of those jobs of a flow whose hashes do not tell enough, and of pauses.
struct HistoryReader: Sendable {
  let redis: RedisClient

  /// So many events of a queue are looked through: about what BullMQ keeps, by default, is twice as much.
  static let mostEvents = 5000
  /// So many at a time.
  static let portion = 500
  /// The streams of so many queues are looked into.
  static let mostQueues = 20
  /// Who waits in a queue for no longer than this is not asked why.
  static let shortWait = 1000

  /// What is wanted of a queue's stream.
  private struct Wish {
    var from = Int.max
    var to = Int.min
    var jobs: Set<JobKey> = []
  }

  /// What the streams tell.
  ///
  /// - Throws: `RedisError`; a key of a wrong type tells nothing.
  func history(for facts: TimelineFacts) async throws -> FlowHistory {
    var history = FlowHistory()
    for (queue, wish) in wishes(facts).sorted(by: { $0.key < $1.key }).prefix(Self.mostQueues) {
      try await read(queue, wish, isPaused: facts.pausedQueues.contains(queue), into: &history)
    }
    return history
  }

  /// Where the hashes leave something open: attempts before the last one, and long waits in a queue.
  private func wishes(_ facts: TimelineFacts) -> [QueueKey: Wish] {
    let rule = ReleaseRule(facts)
    var wishes: [QueueKey: Wish] = [:]
    for (key, job) in facts.jobs {
      let spans = SpanBuilder.spans(of: key, by: rule)
      let isUnclear = job.attemptsStarted > 1 && spans.contains { $0.kind == .unknown }
      let waits = spans.filter { $0.kind == .waiting && $0.duration(at: facts.now) > Self.shortWait }
      guard isUnclear || !waits.isEmpty, let begin = isUnclear ? spans.first?.start : waits.first?.start else {
        continue
      }
      var wish = wishes[key.queue] ?? Wish()
      wish.from = min(wish.from, begin)
      wish.to = max(wish.to, (isUnclear ? job.job.finishedOn : waits.last?.end) ?? facts.now)
      if isUnclear { wish.jobs.insert(key) }
      wishes[key.queue] = wish
    }
    return wishes
  }

  /// From the newest on: what is older than what is looked through is missing.
  private func read(
    _ queue: QueueKey, _ wish: Wish, isPaused: Bool, into history: inout FlowHistory
  ) async throws {
    var (upper, left) = ("\(max(0, wish.to.addingClamped(Self.slack)))", Self.mostEvents)
    let lower = "\(max(0, wish.from.subtractingClamped(Self.slack)))"
    var found: [(time: Int, name: EventName, job: JobKey?)] = []
    while left > 0 {
      let replies = try await redis.rawReplies(to: [
        ["XREVRANGE", .text(queue[.events]), .text(upper), .text(lower), "COUNT", .init(Self.portion)]
      ])
      let entries = replies.first?.array ?? []
      for entry in entries {
        guard let parts = entry.array, parts.count == 2, let id = parts[0].string else { continue }
        upper = "(" + id
        let values = Dictionary(parts[1].pairs.map { ($0.name, $0.value.string ?? "") }) { _, last in last }
        guard let name = values[.event].flatMap(EventName.init(rawValue:)) else { continue }
        let job = values[.jobID].map { JobKey(queue: queue, id: $0) }
        let isWanted = name == .paused || name == .resumed || job.map(wish.jobs.contains) ?? false
        if isWanted, let time = id.split(separator: "-").first.flatMap({ Int($0) }) { found.append((time, name, job)) }
      }
      left -= entries.count
      if entries.count < Self.portion { break }
    }
    for (time, name, job) in found.reversed() {
      switch name {
      case .paused: history.pauses[queue, default: []].append(.init(from: time, to: nil))
      case .resumed:
        guard var pauses = history.pauses[queue], let last = pauses.indices.last, pauses[last].end == nil else {
          // It was paused before the events begin that are left.
          history.pauses[queue, default: []].append(.init(from: wish.from, to: time))
          continue
        }
        pauses[last].end = time
        history.pauses[queue] = pauses
      default: if let job { history.events[job, default: []].append(.init(name, at: time)) }
      }
    }
  }

  /// Clocks of several machines differ by so much, in milliseconds.
  private static let slack = 2000
}
