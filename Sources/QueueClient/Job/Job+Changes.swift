import Foundation
import Redis

extension Job {
  /// Puts a job that has ended back to where workers find it; its parent waits for it again (`retry`).
  ///
  /// - Parameters:
  ///   - state: the state it is in, `.failed` or `.completed`.
  ///   - lifo: whether it goes to the front of the queue; without it, as its own options say.
  ///   - resetAttemptsMade: gives it all its attempts again.
  ///   - resetAttemptsStarted: counts the attempts started from 0 again.
  /// - Throws: `JobError.missing`, `.notInState`; `RedisError`.
  public func retry(
    _ state: JobState = .failed, lifo: Bool? = nil, resetAttemptsMade: Bool = false, resetAttemptsStarted: Bool = false
  ) async throws {
    guard state.isFinished else { throw JobError.notInState(key, .failed) }
    let lifo = lifo ?? snapshot.opts["lifo"]?.isTruthy ?? false
    let reply = try await redis.run(
      Scripts.retryJob, keys: [key.queue.description],
      arguments: [
        .text(key.id), .text(state.rawValue), lifo ? "1" : "0", resetAttemptsMade ? "1" : "0",
        resetAttemptsStarted ? "1" : "0",
      ])
    try check(reply, state: state)
  }

  /// Puts a job that is in no list or set of its queue back: to where workers find it, or, where children are pending, to
  /// the parents that wait for theirs.
  ///
  /// - Parameter isDry: says what would be done, and changes nothing.
  /// - Returns: the state that it is in then, `.waiting` or `.waitingChildren`.
  /// - Throws: `JobError.missing`; `.notInState`, for one that is in some place, or that a worker holds; `RedisError`.
  @discardableResult
  public func moveToWait(isDry: Bool = false) async throws -> JobState {
    let reply = try await redis.run(
      Scripts.placeLost, keys: [key.queue.description],
      arguments: [.text(key.id), .init(milliseconds(of: Date())), isDry ? "1" : "0"])
    return try check(reply, state: .unknown) == 2 ? .waitingChildren : .waiting
  }

  /// Lets a delayed job run now (`promote`).
  ///
  /// - Throws: `JobError.missing`, `.notInState`; `RedisError`.
  public func promote() async throws { try await change("promote", state: .delayed) }

  /// Lets a delayed job run after another time (`changeDelay`).
  ///
  /// - Parameter delay: milliseconds from now.
  /// - Throws: `JobError.missing`, `.notInState`, `.invalid`; `RedisError`.
  public func changeDelay(_ delay: Int) async throws {
    guard delay >= 0 else { throw JobError.invalid(key, reason: "delay \(delay) is negative") }
    try await change("delay", .init(delay), state: .delayed)
  }

  /// Changes the job's place among those ready to run (`changePriority`).
  ///
  /// - Parameters:
  ///   - priority: 0 is none, 1 the most urgent, 2,097,151 the least.
  ///   - lifo: to the front of those without a priority.
  /// - Throws: `JobError.missing`, `.invalid`; `RedisError`.
  public func changePriority(_ priority: Int, lifo: Bool = false) async throws {
    guard JobOptions.priorities.contains(priority) else {
      throw JobError.invalid(key, reason: "priority \(priority) is not in \(JobOptions.priorities)")
    }
    try await change("priority", .init(priority), lifo ? "1" : "0")
  }

  /// Replaces the job's data (`updateData`).
  ///
  /// - Throws: `JobError.missing`; `EncodingError`; `RedisError`.
  public func updateData(_ data: some Encodable) async throws {
    try await change("data", .text(JSON(encoding: data).text))
  }

  /// Tells how far the job is, for everybody to see (`updateProgress`).
  ///
  /// - Parameter progress: a number, or an object of one's own.
  /// - Throws: `JobError.missing`; `EncodingError`; `RedisError`.
  public func updateProgress(_ progress: some Encodable) async throws {
    try await change("progress", .text(JSON(encoding: progress).text))
  }

  /// Adds a row to the job's log (`log`); the option `keepLogs` says how many are kept.
  ///
  /// - Returns: how many rows there are now.
  /// - Throws: `JobError.missing`; `RedisError`.
  @discardableResult
  public func log(_ row: String) async throws -> Int {
    try await log(row, keep: (snapshot.opts["kl"] ?? snapshot.opts["keepLogs"])?.int)
  }

  /// Adds a row, of which so many are kept; `nil` keeps all.
  func log(_ row: String, keep: Int?) async throws -> Int {
    try await change("log", .text(row), .text(keep.flatMap { $0 < 0 ? nil : "\($0)" } ?? ""))
  }

  /// Takes rows off the job's log, the oldest first (`clearLogs`).
  ///
  /// - Parameter count: how many rows stay; `nil` and 0 are none.
  /// - Throws: `RedisError`.
  public func clearLogs(keeping count: Int? = nil) async throws {
    guard let count, count > 0 else {
      try await redis.send(["DEL", .text(key[.logs])])
      return
    }
    try await redis.send(["LTRIM", .text(key[.logs]), .init(-count), "-1"])
  }

  /// Rows of the job's log (`getJobLogs`).
  ///
  /// - Parameters:
  ///   - start: the first row; negative numbers count from the end.
  ///   - end: the last row, included.
  ///   - ascending: the oldest first, and counted from there; else the newest.
  /// - Returns: the rows, and how many there are in all.
  /// - Throws: `RedisError`.
  public func getLogs(
    start: Int = 0, end: Int = -1, ascending: Bool = true
  ) async throws -> (logs: [String], count: Int) {
    // From the end on, the first is -1, the next -2.
    let (first, last) = ascending ? (start, end) : (~end, ~start)
    let replies = try await redis.pipeline([
      ["LRANGE", .text(key[.logs]), .init(first), .init(last)], ["LLEN", .text(key[.logs])],
    ])
    let rows = replies[0].strings
    return (ascending ? rows : rows.reversed(), replies[1].int ?? 0)
  }

  @discardableResult
  private func change(
    _ what: RedisCommand.Argument, _ first: RedisCommand.Argument = "", _ second: RedisCommand.Argument = "",
    state: JobState? = nil
  ) async throws -> Int {
    let reply = try await redis.run(
      Scripts.changeJob, keys: [key.queue.description],
      arguments: [what, .text(key.id), .init(milliseconds(of: Date())), first, second])
    return try check(reply, state: state ?? .unknown)
  }

  @discardableResult
  private func check(_ reply: RESPValue, state: JobState) throws -> Int {
    switch reply.int {
    case -1: throw JobError.missing(key)
    case -3: throw JobError.notInState(key, state)
    case let count?: return count
    case nil: throw RedisError.unexpectedReply(command: Scripts.changeJob.name)
    }
  }
}
