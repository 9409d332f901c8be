import Foundation
import QueueClient
import Redis

/// The search for queues, of which BullMQ keeps no list: at once what can be known at once, then the keyspace in steps.
actor QueueDiscovery {
  private let redis: RedisClient
  private let prefix: String
  private let names: [String]
  private let cache: QueueCache?
  private var cursor: String? = "0"
  private var scannedKeys = 0
  private var keyCount = 0
  private var isComplete = false

  /// A search.
  ///
  /// - Parameters:
  ///   - names: the queues that are looked at; empty for all of the prefix.
  ///   - cacheFolder: where the queues found are remembered; `nil` remembers nothing.
  init(redis: RedisClient, prefix: String, names: [String], cacheFolder: URL?) {
    self.redis = redis
    self.prefix = prefix
    self.names = names
    cache = cacheFolder.map { QueueCache(folder: $0, endpoint: redis.configuration.endpoint, prefix: prefix) }
    isComplete = !names.isEmpty
  }

  /// So many keys the next step looks at: where the way to Redis takes most of the time, the steps are larger.
  ///
  /// - Parameter elapsed: how long the last step took.
  static func keys(after elapsed: Duration) -> Int { elapsed < .milliseconds(30) ? 1000 : 5000 }

  /// How long Redis is busy with so many keys, about.
  static func cost(ofKeys count: Int) -> Duration { .microseconds(2) * count }

  /// So many keys a step are looked at where somebody waits for the end of the search: some three milliseconds.
  static let keysOfSoleReader = 4000

  /// So many keys are drawn at random: a queue that holds a tenth of all keys is missed once in a thousand times.
  private static let draws = 64

  /// The queues that can be known at once: those named, those of worker connections, those found last time, and the
  /// large ones, which some keys drawn at random belong to (`RANDOMKEY`); as far as they exist.
  ///
  /// - Throws: `RedisError`; a server that forbids `CLIENT LIST` is none.
  func first() async throws -> [QueueKey] {
    if !names.isEmpty { return Set(names).sorted().map { QueueKey(prefix: prefix, name: $0) } }
    var found: Set<QueueKey> = []
    do {
      let list = try await redis.send(["CLIENT", "LIST"]).string ?? ""
      found.formUnion(ClientNames.queues(in: list, prefix: prefix))
    } catch let error as RedisError where !error.isConnectionFailure {
      // Forbidden: the scan finds them.
    }
    found.formUnion((cache?.read() ?? []).filter { $0.prefix == prefix })
    for key in try await redis.rawReplies(to: (0..<Self.draws).map { _ in ["RANDOMKEY"] }) {
      if let queue = key.string.flatMap({ QueueKey(ofAnyKey: $0, prefix: prefix) }) { found.insert(queue) }
    }
    let known = found.sorted()
    let replies = try await redis.rawReplies(to: known.map { ["EXISTS", .text($0[.meta])] })
    return zip(known, replies).filter { $1.int == 1 }.map(\.0)
  }

  /// One bounded step through the keyspace; after the last one it begins again, and stays complete.
  ///
  /// - Parameter keys: how many keys are looked at, about: a thousand take Redis about a millisecond.
  /// - Throws: `RedisError`.
  func step(keys count: Int) async throws -> (found: [QueueKey], progress: Progress) {
    guard names.isEmpty else { return ([], .complete) }
    if cursor == "0" {
      keyCount = try await redis.rawReplies(to: [["DBSIZE"]])[0].int ?? 0
      scannedKeys = 0
    }
    let step = try await redis.scan(QueueKey.metaPattern(prefix: prefix), from: cursor ?? "0", count: count)
    scannedKeys = scannedKeys.addingClamped(count)
    cursor = step.next ?? "0"
    if step.next == nil { isComplete = true }
    let fraction = keyCount > 0 ? min(0.99, Double(scannedKeys) / Double(keyCount)) : 0.5
    let found = step.keys.compactMap { QueueKey(metaKey: $0, prefix: prefix) }
    return (found, isComplete ? .complete : Progress(fraction))
  }

  /// Begins anew, for an emptied or replaced database.
  func restart() {
    cursor = "0"
    isComplete = !names.isEmpty
  }

  /// Keeps the queues for the next time.
  func remember(_ queues: [QueueKey]) {
    guard names.isEmpty else { return }
    cache?.write(queues)
  }
}
