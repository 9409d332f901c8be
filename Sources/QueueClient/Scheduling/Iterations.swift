import Foundation

/// What a job scheduler's next job is. Pure.
enum Iterations {
  /// One job that is to be made.
  struct Iteration: Equatable {
    /// When it is due, in milliseconds since 1970.
    var due: Int
    /// Its options, as they are stored.
    var opts: JSON
  }

  /// The job after one that a worker has just taken; `nil` where it was the last.
  ///
  /// - Parameters:
  ///   - opts: the options of the job that was taken, as they are stored.
  ///   - record: what is known of the scheduler itself; it counts for `every` and `offset`, and for all that the job
  ///     does not say.
  ///   - previous: when the job was due, as the scheduler has it.
  ///   - now: milliseconds since 1970.
  /// - Throws: what cannot be read; the chain ends then.
  static func next(
    after opts: JSON, of scheduler: String, record: JSON, previous: Int, now: Int
  ) throws(CronFault) -> Iteration? {
    let given = opts["repeat"]?.members ?? record.members ?? []
    var options = RepeatOptions(.object(given))
    if let every = RepeatOptions(record).every, options.pattern == nil { options.every = every }
    if let fault = options.fault { throw fault }
    let count = clamped(RepeatOptions.number(opts["repeat"]?["count"]) ?? 0) + 1
    if let limit = options.limit, count > limit { return nil }
    if let end = options.endDate, now > end { return nil }
    let due: Int
    if let every = options.every {
      let offset = RepeatOptions(record).offset ?? options.offset ?? 0
      due = next(every: every, after: clamped(previous), offset: offset, now: now)
    } else {
      let after = max(now, clamped(RepeatOptions.number(opts["prevMillis"]) ?? 0))
      guard let next = try first(of: options, after: after) else { return nil }
      due = max(next, after)
      if let end = options.endDate, due > end { return nil }
    }
    return Iteration(
      due: due,
      opts: self.opts(worked(opts), of: scheduler, given: given, options, count: count, due: due, now: now))
  }

  /// A job's options as workers hold them, and hand them on.
  private static func worked(_ opts: JSON) -> [JSON.Member] {
    var all = (JobOptions(opts) ?? [:]).members
    if opts["attempts"] == nil { all.append(.init("attempts", 0)) }
    return all.map { member in
      guard member.name == "backoff", let backoff = BackoffOptions(member.value) else { return member }
      return JSON.Member("backoff", backoff.json)
    }
  }

  /// The first time of a pattern after another.
  ///
  /// - Returns: `nil` where the pattern fits no day.
  static func first(of options: RepeatOptions, after time: Int) throws(CronFault) -> Int? {
    guard let text = options.pattern else { return nil }
    let zone = options.tz.flatMap { TimeZone(identifier: $0) } ?? .current
    return try CronPattern(text).next(after: max(time, options.startDate ?? time), in: zone)
  }

  /// When the next job of a steady beat is due: one beat after the last, or at the next one where some were missed.
  static func next(every: Int, after previous: Int, offset: Int, now: Int) -> Int {
    let next = previous + every
    if next >= now { return next }
    let aligned = floor(now, every) + offset
    return aligned <= now ? aligned + every : aligned
  }

  /// When the first job of a steady beat is due.
  static func first(every: Int, offset: Int, startDate: Int?, now: Int) -> Int {
    if let startDate { return max(startDate, now) }
    guard offset > 0 else { return now }
    let next = floor(now, every) + offset
    return next <= now ? next + every : next
  }

  /// How much later than the multiples of `every` a time is.
  static func offset(of time: Int, every: Int) -> Int { time - floor(time, every) }

  /// The options of a scheduler's job, from those of its template or of the job before.
  static func opts(
    _ template: [JSON.Member], of scheduler: String, given: [JSON.Member], _ options: RepeatOptions, count: Int,
    due: Int, now: Int
  ) -> JSON {
    let reckoned: Set = ["immediately", "offset", "count", "startDate", "endDate"]
    var repeats = given.filter { !reckoned.contains($0.name) }
    if options.every != nil, let offset = options.offset, offset != 0 { repeats.append(.init("offset", .int(offset))) }
    repeats.append(.init("count", .int(count)))
    if let start = options.startDate { repeats.append(.init("startDate", .int(start))) }
    if let end = options.endDate { repeats.append(.init("endDate", .int(end))) }
    let own: Set = ["repeat", "jobId", "delay", "timestamp", "prevMillis", "repeatJobKey"]
    var members = template.filter { !own.contains($0.name) }
    members += [
      .init("repeat", .object(repeats)), .init("jobId", .string(id(of: scheduler, due: due))),
      .init("delay", .int(max(0, due - now))), .init("timestamp", .int(now)),
      .init("prevMillis", .int(options.every == nil ? due : now)), .init("repeatJobKey", .string(scheduler)),
    ]
    return .object(members)
  }

  /// The id of a scheduler's job.
  static func id(of scheduler: String, due: Int) -> String { StoredText.scheduledID.rawValue + "\(scheduler):\(due)" }

  private static func floor(_ time: Int, _ every: Int) -> Int {
    let rest = time % every
    return time - (rest < 0 ? rest + every : rest)
  }

  private static func clamped(_ time: Int) -> Int { min(max(time, -Epoch.limit), Epoch.limit) }
}
