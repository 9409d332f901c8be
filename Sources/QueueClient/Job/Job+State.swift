import Redis

extension Job {
  /// Where the job is in its life, asked in BullMQ's order (`getState`).
  ///
  /// Walks the lists of waiting and active jobs, as BullMQ does: for one job, not for thousands.
  ///
  /// - Returns: `.unknown` for a job that was removed.
  /// - Throws: `RedisError`.
  public func getState() async throws -> JobState {
    let queue = key.queue
    func score(_ suffix: QueueKey.Suffix) -> RedisCommand { ["ZSCORE", .text(queue[suffix]), .text(key.id)] }
    func place(_ suffix: QueueKey.Suffix) -> RedisCommand { ["LPOS", .text(queue[suffix]), .text(key.id)] }
    let questions: [(JobState, RedisCommand)] = [
      (.completed, score(.completed)), (.failed, score(.failed)), (.delayed, score(.delayed)),
      (.prioritized, score(.prioritized)), (.active, place(.active)), (.waiting, place(.wait)),
      (.waiting, place(.paused)), (.waitingChildren, score(.waitingChildren)),
    ]
    let answers = try await redis.pipeline(questions.map(\.1))
    return zip(questions, answers).first { $1.double != nil }?.0.0 ?? .unknown
  }

  /// Whether it is done.
  public func isCompleted() async throws -> Bool { try await getState() == .completed }

  /// Whether it failed for good.
  public func isFailed() async throws -> Bool { try await getState() == .failed }

  /// Whether it is due later.
  public func isDelayed() async throws -> Bool { try await getState() == .delayed }

  /// Whether a worker has it.
  public func isActive() async throws -> Bool { try await getState() == .active }

  /// Whether it is ready to run; one that is by its priority is `prioritized` instead, as in BullMQ.
  public func isWaiting() async throws -> Bool { try await getState() == .waiting }

  /// Whether it waits for its children.
  public func isWaitingChildren() async throws -> Bool { try await getState() == .waitingChildren }
}
