import Foundation
import Redis

/// Why a job scheduler cannot be made; nothing was changed.
public enum JobSchedulerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Its options break a rule.
  case invalid(scheduler: String, reason: String)
  /// The place of its next job is taken by one that has run or runs now.
  case placeTaken(scheduler: String, job: String)

  /// One line: which scheduler, and why.
  public var description: String {
    switch self {
    case .invalid(let scheduler, let reason): "scheduler '\(scheduler)': \(reason)"
    case .placeTaken(let scheduler, let job):
      "scheduler '\(scheduler)': its next job would be \(job), which exists already"
    }
  }
}

extension Queue {
  // MARK: Job schedulers

  /// Makes a job scheduler, or changes it (`upsertJobScheduler`): its next job is added, in the place of the one that
  /// waits.
  ///
  /// - Parameters:
  ///   - id: the scheduler's own.
  ///   - options: when its jobs are due.
  ///   - name: what its jobs are called; without one, as the scheduler.
  ///   - data: what its jobs are given.
  ///   - opts: the options of its jobs.
  /// - Returns: the next job; `nil` where its limit or its end has come.
  /// - Throws: `JobSchedulerError`, `RedisError`.
  @discardableResult
  public func upsertJobScheduler(
    _ id: String, repeating options: RepeatOptions, name: String? = nil, data: JSON = .object([]),
    opts: JobOptions = [:]
  ) async throws -> Job? {
    func invalid(_ reason: String) -> JobSchedulerError { .invalid(scheduler: id, reason: reason) }
    if id.isEmpty { throw invalid("its id is empty") }
    if let fault = options.fault { throw invalid(fault.description) }
    let node = FlowNode(name: name ?? id, queueName: key.name, data: data, opts: opts)
    for option in ["repeat", "jobId", "delay", "parent"] where opts[option] != nil {
      throw invalid("its jobs cannot have opts.\(option)")
    }
    if let fault = FlowRules.fault(in: node, opts: opts, data: data.text, isChild: false) { throw invalid(fault) }
    let now = milliseconds(of: Date())
    if let limit = options.limit, limit < 1 { return nil }
    if let end = options.endDate, now > end { return nil }
    var wanted: Int?
    if options.every == nil {
      wanted = options.immediately ? now : try Iterations.first(of: options, after: now)
      guard wanted != nil else { return nil }
    }
    return try await place(SchedulerUpsert(id: id, options: options, node: node, now: now), wanted: wanted)
  }

  /// Another may change the scheduler between our look and our step: then we look again.
  private func place(_ upsert: SchedulerUpsert, wanted: Int?) async throws -> Job? {
    var beats = 0
    while true {
      let newest = try await redis.send(["ZSCORE", .text(key[.schedulers]), .text(upsert.id)]).string
      let previous = RepeatOptions.number(newest.map { .string($0) })
      let waiting = Iterations.id(of: upsert.id, due: previous ?? 0)
      let answers = try await redis.pipeline([
        ["HGET", .text(key.scheduler(upsert.id)), "every"], ["ZSCORE", .text(key[.delayed]), .text(waiting)],
        ["ZSCORE", .text(key[.prioritized]), .text(waiting)], ["LPOS", .text(key[.wait]), .text(waiting)],
      ])
      let waits = previous != nil && answers.dropFirst().contains { !$0.isNull }
      let step = upsert.step(
        wanted: wanted, previous: previous, previousEvery: RepeatOptions.number(answers[0].string.map { .string($0) }),
        replaces: waits, beatsLater: beats)
      let arguments: [RedisCommand.Argument] =
        [
          .text(upsert.id), .text(newest ?? ""), waits ? "1" : "0", .init(step.due), .text(step.opts.text),
          .init(upsert.now),
        ] + step.record.map { .text($0) }
      let code = try await redis.run(
        Scripts.upsertScheduler, keys: [key.description], arguments: arguments
      ).int
      let job = JobKey(queue: key, id: Iterations.id(of: upsert.id, due: step.due))
      switch code {
      case 0: return try await Job.read(job, from: redis)
      case -1: continue
      case -2 where upsert.options.every != nil && beats < 32: beats += 1
      case -2: throw JobSchedulerError.placeTaken(scheduler: upsert.id, job: job.description)
      default: throw RedisError.unexpectedReply(command: Scripts.upsertScheduler.name)
      }
    }
  }

  /// Removes a job scheduler and its next job (`removeJobScheduler`).
  ///
  /// - Returns: whether there was one.
  /// - Throws: `RedisError`.
  @discardableResult
  public func removeJobScheduler(_ id: String) async throws -> Bool {
    try await redis.run(Scripts.removeScheduler, keys: [key.description], arguments: [.text(id)]).int == 1
  }
}

/// A job scheduler that is to be made or changed. Pure.
struct SchedulerUpsert {
  let id: String
  let options: RepeatOptions
  let node: FlowNode
  let now: Int

  /// The next job, and what will be known of the scheduler.
  struct Step: Equatable {
    var due: Int
    var opts: JSON
    /// Names and values by turns.
    var record: [String]
  }

  /// - Parameters:
  ///   - wanted: when the next job of a pattern is due.
  ///   - previous: when the newest job that is there now is due.
  ///   - previousEvery: the beat of the scheduler as it is now.
  ///   - replaces: whether that job waits, and is replaced.
  ///   - beatsLater: how many places were found to be taken.
  func step(wanted: Int?, previous: Int?, previousEvery: Int?, replaces: Bool, beatsLater: Int) -> Step {
    var due = wanted ?? now
    var offset = options.offset ?? 0
    if let every = options.every {
      if let previous, previousEvery == every {
        // A beat that stays as it is keeps its time.
        due = replaces ? previous : Iterations.next(every: every, after: previous, offset: offset, now: now)
      } else {
        due = Iterations.first(every: every, offset: offset, startDate: options.startDate, now: now)
      }
      if offset == 0, !replaces { offset = Iterations.offset(of: due, every: every) }
      due += every * beatsLater
    } else {
      offset = 0
    }
    let template = JSON.object(node.opts.storedAsGiven)
    let opts = Iterations.opts(
      template.members ?? [], of: id, given: options.stored, options, count: 1, due: due, now: now)
    var record = ["name", node.name]
    func note(_ name: String, _ value: Int?) { if let value { record += [name, String(value)] } }
    if let tz = options.tz { record += ["tz", tz] }
    note("limit", options.limit)
    if let pattern = options.pattern { record += ["pattern", pattern] }
    note("startDate", options.startDate)
    note("endDate", options.endDate)
    note("every", options.every)
    if offset != 0 || !replaces { note("offset", offset) }
    if template != .object([]) { record += ["opts", template.text] }
    if node.data != .object([]) { record += ["data", node.data.text] }
    return Step(due: due, opts: opts, record: record)
  }
}
