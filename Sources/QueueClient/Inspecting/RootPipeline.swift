import Redis

/// What the scripts of `RootLister` do, as pipelines: for servers that let us run none. Slower, and without care for
/// circles of more than two.
struct RootPipeline {
  let redis: RedisClient

  func list(_ calls: [RootLister.Call]) async throws -> [RootLister.Listing] {
    var listings: [RootLister.Listing] = []
    for call in calls { listings.append(try await list(call)) }
    return listings
  }

  private func list(_ call: RootLister.Call) async throws -> RootLister.Listing {
    let key = RedisCommand.Argument.text(call.queue[call.place])
    var listing = RootLister.Listing()
    let size = try await redis.rawReplies(to: [["ZCARD", key]])[0].int ?? 0
    listing.size = size
    let (before, upTo) = try await around(call, size: size)
    var rank = call.direction == .down ? before - 1 : upTo
    while rank >= 0, rank < size, listing.flows.count < call.wanted, listing.looked < call.budget {
      let portion = min(64, max(8, call.wanted))
      let (from, to) =
        call.direction == .down ? (max(0, rank - portion + 1), rank) : (rank, min(size - 1, rank + portion - 1))
      let reply = try await redis.rawReplies(to: [["ZRANGE", key, .init(from), .init(to), "WITHSCORES"]])[0]
      var members = reply.pairs.map { RootLister.Member(id: $0.name, score: $0.value.double ?? 0) }
      if call.direction == .down { members.reverse() }
      if members.isEmpty { break }
      let areRoots = try await areRoots(
        members.map { JobKey(queue: call.queue, id: $0.id) }, areParents: call.place == .waitingChildren)
      for (member, isRoot) in zip(members, areRoots) where listing.flows.count < call.wanted {
        listing.first = listing.first ?? member
        listing.last = member
        listing.looked += 1
        rank += call.direction == .down ? -1 : 1
        if isRoot { listing.flows.append(member) }
      }
    }
    listing.isEnd = rank < 0 || rank >= size
    return listing
  }

  /// How many members come before the point, and how many up to it.
  private func around(_ call: RootLister.Call, size: Int) async throws -> (before: Int, upTo: Int) {
    guard let from = call.from else { return call.direction == .down ? (size, size) : (0, 0) }
    let key = RedisCommand.Argument.text(call.queue[call.place])
    let replies = try await redis.rawReplies(to: [
      ["ZCOUNT", key, "-inf", "(\(from.score)"], ["ZCOUNT", key, "-inf", "\(from.score)"],
    ])
    var (low, high) = (replies[0].int ?? 0, replies[1].int ?? 0)
    switch from.place {
    case .low: return (low, low)
    case .high: return (high, high)
    case .at(let id):
      let own = try await redis.rawReplies(to: [["ZSCORE", key, .text(id)], ["ZRANK", key, .text(id)]])
      if own[0].double == from.score, let rank = own[1].int { return (rank, rank + 1) }
      while low < high {
        let middle = (low + high) / 2
        let member = try await redis.rawReplies(to: [["ZRANGE", key, .init(middle), .init(middle)]])[0].strings.first
        if let member, member.utf8.lexicographicallyPrecedes(id.utf8) { low = middle + 1 } else { high = middle }
      }
      return (low, low)
    }
  }

  /// Which jobs are roots of flows.
  private func areRoots(_ jobs: [JobKey], areParents: Bool, orphansToo: Bool = false) async throws -> [Bool] {
    let answers = try await redis.rawReplies(
      to: jobs.flatMap { job -> [RedisCommand] in
        [
          [
            "EXISTS", .text(job[.dependencies]), .text(job[.processed]), .text(job[.failed]), .text(job[.unsuccessful]),
          ], ["HMGET", .text(job.description), .text(JobField.parent.rawValue), .text(JobField.parentKey.rawValue)],
        ]
      })
    let parents = jobs.indices.map { Self.parent(answers[$0 * 2 + 1]) }
    let asked = parents.compactMap { $0 }
    var exist = try await redis.rawReplies(to: asked.map { ["EXISTS", .text($0.description)] })[...]
    return jobs.indices.map { index in
      let isParent = areParents || answers[index * 2].int ?? 0 > 0
      guard let parent = parents[index] else { return isParent }
      let isAlive = exist.popFirst()?.int == 1
      return (isParent || orphansToo) && (!isAlive || parent == jobs[index])
    }
  }

  /// The parent that the fields `parent` and `parentKey` name.
  private static func parent(_ fields: RESPValue) -> JobKey? {
    let texts = fields.array ?? []
    let exact = texts.first?.string.flatMap { try? JSON(parsing: $0) }.flatMap(JobKey.init(parent:))
    return exact ?? texts.last?.string.flatMap { JobKey($0) }
  }

  func loose(_ queues: [(queue: QueueKey, counts: [Int])]) async throws -> [RootLister.LooseListing] {
    var listings: [RootLister.LooseListing] = []
    for (queue, counts) in queues {
      var listing = RootLister.LooseListing()
      for ((place, state), count) in zip(RootLister.loosePlaces, counts) {
        let isList = place == .active || place == .wait || place == .paused
        let (key, range) = (RedisCommand.Argument.text(queue[place]), isList ? "LRANGE" : "ZRANGE")
        let replies = try await redis.rawReplies(to: [
          [isList ? "LLEN" : "ZCARD", key], [.text(range), key, "0", .init(max(0, count - 1))],
          [.text(range), key, .init(-max(1, count)), "-1"],
        ])
        let size = replies[0].int ?? 0
        var seen: Set<String> = []
        let ids = (replies[1].strings + replies[2].strings).filter { seen.insert($0).inserted }
        let jobs = ids.map { JobKey(queue: queue, id: $0) }
        let roots = zip(jobs, try await areRoots(jobs, areParents: false, orphansToo: true)).filter(\.1).map(\.0)
        let times = try await redis.rawReplies(
          to: roots.map { ["HGET", .text($0.description), .text(JobField.timestamp.rawValue)] })
        listing.flows += zip(roots, times).map { RootLister.Loose(key: $0, state: state, timestamp: $1.double ?? 0) }
        listing.looks.append(RootLister.Look(looked: ids.count, size: size))
      }
      listings.append(listing)
    }
    return listings
  }

  func sample(
    _ places: [(queue: QueueKey, place: QueueKey.Suffix)], count: Int, least: Int
  ) async throws -> [RootLister.Sample] {
    var samples: [RootLister.Sample] = []
    for (queue, place) in places {
      let key = RedisCommand.Argument.text(queue[place])
      let replies = try await redis.rawReplies(to: [
        ["ZCARD", key], ["ZRANGE", key, "0", .init(count - 1)], ["ZRANGE", key, .init(-count), "-1"],
        ["ZRANDMEMBER", key, .init(count)],
      ])
      guard replies[0].int ?? 0 >= least else {
        samples.append(RootLister.Sample(size: replies[0].int ?? 0, looked: 0, flows: 0))
        continue
      }
      let ids = Set(replies.dropFirst().flatMap(\.strings)).sorted()
      let roots = try await areRoots(ids.map { JobKey(queue: queue, id: $0) }, areParents: false).filter { $0 }
      samples.append(RootLister.Sample(size: replies[0].int ?? 0, looked: ids.count, flows: roots.count))
    }
    return samples
  }

  func roots(of jobs: [JobKey]) async throws -> [RootLister.Root] {
    var at = jobs
    var paths = jobs.map { [$0] }
    var open = Array(jobs.indices)
    while !open.isEmpty {
      let fields = try await redis.rawReplies(
        to: open.map {
          ["HMGET", .text(at[$0].description), .text(JobField.parent.rawValue), .text(JobField.parentKey.rawValue)]
        })
      let climbing = zip(open, fields).compactMap { index, reply in Self.parent(reply).map { (index, $0) } }
      let exist = try await redis.rawReplies(to: climbing.map { ["EXISTS", .text($0.1.description)] })
      open = []
      for ((index, parent), answer) in zip(climbing, exist) where answer.int == 1 {
        if let start = paths[index].firstIndex(of: parent) {
          at[index] = paths[index][start...].min { $0.description < $1.description } ?? parent
        } else {
          at[index] = parent
          paths[index].append(parent)
          open.append(index)
        }
      }
    }
    let parents = try await redis.rawReplies(
      to: at.map {
        ["EXISTS", .text($0[.dependencies]), .text($0[.processed]), .text($0[.failed]), .text($0[.unsuccessful])]
      })
    return zip(at, parents).map { RootLister.Root(key: $0, isParent: $1.int ?? 0 > 0) }
  }
}
