import Redis

extension Queue {
  /// Jobs in some states (`getJobs`), those of each state together.
  ///
  /// Ids whose jobs are gone fill no page: where a page is asked for by its first and its last, those behind it move up.
  ///
  /// - Parameters:
  ///   - states: in the order wanted; without any, all.
  ///   - start: the first of each state, from 0; negative numbers count from the end.
  ///   - end: the last of each state, included; -1 is the end.
  ///   - ascending: the oldest first; else the newest.
  /// - Throws: `RedisError`.
  public func getJobs(
    _ states: [JobState] = [], start: Int = 0, end: Int = -1, ascending: Bool = false
  ) async throws -> [Job] {
    var windows = places(of: states).map { Window(place: $0, first: start, last: end, isAscending: ascending) }
    for _ in 0..<Window.limit {
      let open = windows.indices.filter { !windows[$0].isDone }
      if open.isEmpty { break }
      let pages = try await redis.pipeline(open.map { windows[$0].question(key) })
      let ids = zip(open, pages).map { windows[$0].order($1.strings) }
      let keys = ids.joined().map { JobKey(queue: key, id: $0) }
      let hashes = try await redis.pipeline(keys.map { ["HGETALL", .text($0.description)] })
      var found = zip(keys, hashes).map { key, hash in JobSnapshot(key: key, reply: hash) }[...]
      for (index, ids) in zip(open, ids) {
        windows[index].take(found.prefix(ids.count))
        found = found.dropFirst(ids.count)
      }
    }
    var seen: Set<JobKey> = []
    return windows.flatMap(\.jobs).filter { seen.insert($0.key).inserted }.map { Job($0, redis: redis) }
  }

  /// How many jobs are in some states together (`getJobCountByTypes`); without any, in all.
  ///
  /// - Throws: `RedisError`.
  public func getJobCountByTypes(_ states: JobState...) async throws -> Int {
    let counts = try await getJobCounts()
    return states.isEmpty ? counts.values.reduce(0, +) : Set(states).reduce(0) { $0 + (counts[$1] ?? 0) }
  }

  /// How many jobs have yet to be done (`count`): ready, delayed, or waiting for children.
  ///
  /// - Throws: `RedisError`.
  public func count() async throws -> Int {
    try await getJobCountByTypes(.waiting, .prioritized, .delayed, .waitingChildren)
  }

  /// How many jobs of each priority are ready to run (`getCountsPerPriority`); priority 0 is none.
  ///
  /// - Throws: `RedisError`.
  public func getCountsPerPriority(_ priorities: [Int]) async throws -> [Int: Int] {
    let wanted = Set(priorities).filter { JobOptions.priorities.contains($0) }.sorted()
    let replies = try await redis.pipeline(
      wanted.map { priority -> RedisCommand in
        if priority == 0 { return ["LLEN", .text(key[.wait])] }
        return ["ZCOUNT", .text(key[.prioritized]), .init(priority << 32), .init((priority + 1) << 32 - 1)]
      })
    return Dictionary(uniqueKeysWithValues: zip(wanted, replies.map { $0.int ?? 0 }))
  }

  private func places(of states: [JobState]) -> [Place] {
    guard !states.isEmpty else { return Place.all }
    var seen: Set<JobState> = []
    return states.filter { seen.insert($0).inserted }.flatMap { state in Place.all.filter { $0.state == state } }
  }
}

/// A page of a place, as it is read: what is missing in it comes from behind it. Pure.
private struct Window {
  /// How far behind its end a page is filled from, in pages.
  static let limit = 100

  let place: Queue.Place
  let first: Int
  let last: Int
  let isAscending: Bool
  private(set) var jobs: [JobSnapshot] = []
  private(set) var isDone = false
  /// How many ids have been looked at.
  private var passed = 0

  init(place: Queue.Place, first: Int, last: Int, isAscending: Bool) {
    self.place = place
    self.first = first
    self.last = last
    self.isAscending = isAscending
  }

  /// Whether the page has a first and a last that do not move with the place's end.
  private var isBounded: Bool { first >= 0 && last >= 0 }

  /// How many jobs the page may have.
  private var size: Int { isBounded ? max(0, min(last, Int.max - 1) - first + 1) : .max }

  func question(_ queue: QueueKey) -> RedisCommand {
    let range = isBounded ? (first.addingClamped(passed), last.addingClamped(passed)) : (first, last)
    let name: RedisCommand.Argument = place.isList ? "LRANGE" : isAscending ? "ZRANGE" : "ZREVRANGE"
    // Lists have their oldest at the tail: -1 is the first from there.
    let (from, to) = place.isList && isAscending ? (~range.1, ~range.0) : range
    return [name, .text(queue[place.suffix]), .init(from), .init(to)]
  }

  /// The ids of an answer, in the order wanted.
  func order(_ ids: [String]) -> [String] { place.isList && isAscending ? ids.reversed() : ids }

  /// Takes the jobs of one answer in, `nil` for those that are gone.
  mutating func take(_ found: some Collection<JobSnapshot?>) {
    jobs += found.compactMap { $0 }.prefix(size - jobs.count)
    passed += found.count
    isDone = !isBounded || found.count < size || jobs.count == size
  }
}
