import QueueClient
import Redis

/// Reads how queues stand: counts, whether they are paused, and their limits.
struct QueueReader: Sendable {
  let redis: RedisClient

  init(redis: RedisClient) { self.redis = redis }

  /// Reads queues; a key of a wrong type counts nothing.
  ///
  /// - Throws: `RedisError`.
  func read(_ keys: [QueueKey]) async throws -> [QueueStatus] {
    let width = Self.questions(QueueKey(name: "")).count
    var statuses: [QueueStatus] = []
    for first in stride(from: 0, to: keys.count, by: Self.batch) {
      let portion = Array(keys[first..<min(first + Self.batch, keys.count)])
      let replies = try await redis.rawReplies(to: portion.flatMap(Self.questions))
      for (index, key) in portion.enumerated() {
        statuses.append(Self.status(of: key, Array(replies[index * width..<(index + 1) * width])))
      }
    }
    return statuses
  }

  /// How many queues one pipeline asks about.
  private static let batch = 50

  private static let counted: [QueueKey.Suffix] = [
    .active, .prioritized, .delayed, .waitingChildren, .completed, .failed,
  ]

  private static let settings: [MetaField] = [.paused, .concurrency, .max, .duration]

  private static func questions(_ key: QueueKey) -> [RedisCommand] {
    let (wait, paused) = (RedisCommand.Argument.text(key[.wait]), RedisCommand.Argument.text(key[.paused]))
    return [
      RedisCommand("HMGET", [key[.meta]] + settings.map(\.rawValue)),
      ["LLEN", wait], ["LINDEX", wait, "0"], ["LINDEX", wait, "-1"],
      ["LLEN", paused], ["LINDEX", paused, "0"], ["LINDEX", paused, "-1"],
    ] + counted.map { [$0 == .active ? "LLEN" : "ZCARD", .text(key[$0])] }
  }

  /// What the answers say. Pure.
  static func status(of key: QueueKey, _ answers: [RESPValue]) -> QueueStatus {
    let settings = answers[0].array ?? []
    func setting(_ index: Int) -> RESPValue { settings.indices.contains(index) ? settings[index] : .null }
    let (wait, paused) = (jobs(answers[1...3]), jobs(answers[4...6]))
    var status = QueueStatus(key: key, isPaused: setting(0).string != nil || paused > 0)
    let numbers = answers[7...].map { $0.int ?? 0 }
    status.counts = [
      .waiting: wait.addingClamped(paused), .active: numbers[0], .prioritized: numbers[1], .delayed: numbers[2],
      .waitingChildren: numbers[3], .completed: numbers[4], .failed: numbers[5],
    ]
    status.concurrency = setting(1).int
    if let most = setting(2).int, let duration = setting(3).int {
      status.limit = QueueStatus.Limit(jobs: most, milliseconds: duration)
    }
    return status
  }

  /// How many jobs a list holds: BullMQ 3 and 4 put markers, `0:…`, at its ends, which are none.
  private static func jobs(_ answers: ArraySlice<RESPValue>) -> Int {
    let answers = Array(answers)
    let length = answers[0].int ?? 0
    let markers = answers[1...].prefix(length == 1 ? 1 : 2).filter { $0.string.map(QueueKey.isMarker) == true }.count
    return max(0, length - markers)
  }
}
