import QueueClient
import Redis

/// What is asked about one job, and what the answers make of it. Pure.
///
/// Small things come first, with the sizes of the large ones; these are fetched only where they are short,
/// so that a job with a 50 MB return value costs a screen nothing. No list is walked: the state comes from
/// the sorted sets and the lock.
struct JobReading {
  let key: JobKey
  private(set) var job: FlowJob?
  private var valuesSize: Int?
  private var texts: [Text] = []

  private enum Text: String, CaseIterable {
    case returnvalue, failedReason, progress, opts
  }

  private static let fields = [
    "name", "timestamp", "processedOn", "finishedOn", "atm", "parentKey", "parent", "delay",
  ]

  private static let states: [(QueueKey.Suffix, JobState)] = [
    (.completed, .completed), (.failed, .failed), (.delayed, .delayed), (.prioritized, .prioritized),
    (.waitingChildren, .waitingChildren),
  ]

  static let questionCount = questions(JobKey(queue: QueueKey(name: ""), id: "")).count

  static func questions(_ key: JobKey) -> [RedisCommand] {
    [RedisCommand("HMGET", [key.description] + fields)]
      + Text.allCases.map { ["HSTRLEN", .text(key.description), .text($0.rawValue)] }
      + states.map { ["ZSCORE", .text(key.queue[$0.0]), .text(key.id)] }
      + [
        ["EXISTS", .text(key[.lock])], ["HLEN", .text(key[.processed])], ["SCARD", .text(key[.dependencies])],
        ["HLEN", .text(key[.failed])], ["ZCARD", .text(key[.unsuccessful])],
        ["MEMORY", "USAGE", .text(key[.processed])],
      ]
  }

  init(key: JobKey, answers: [RESPValue]) {
    self.key = key
    var answers = answers[...]
    let values = answers.removeFirst().array ?? []
    let fields = Dictionary(zip(Self.fields, values.map(\.string))) { first, _ in first }.compactMapValues { $0 }
    let sizes = Text.allCases.map { _ in answers.removeFirst().int ?? 0 }
    let scores = Self.states.map { _ in answers.removeFirst().double }
    let isLocked = answers.removeFirst().int == 1
    let counts = answers.prefix(4).map { $0.int ?? 0 }
    valuesSize = answers.last?.int
    guard !fields.isEmpty else { return }

    let snapshot = JobSnapshot(key: key, fields: fields)
    let ended = snapshot.finishedOn != nil
    var state = zip(Self.states, scores).first { $1 != nil }?.0.1
    if state == nil { state = isLocked || (snapshot.processedOn != nil && !ended) ? .active : .waiting }
    var job = FlowJob(key: key, name: snapshot.name, state: state ?? .unknown)
    job.isWithoutLock = job.state == .active && !isLocked
    job.timestamp = snapshot.timestamp
    job.processedOn = snapshot.processedOn
    job.finishedOn = snapshot.finishedOn
    job.dueOn = job.state == .delayed ? scores[2].map { Int($0 / 4096) } : nil
    job.attemptsMade = snapshot.attemptsMade
    job.parentKey = snapshot.parentKey
    job.failurePolicy = snapshot.failurePolicy
    job.counts = DependenciesCount(processed: counts[0], unprocessed: counts[1], ignored: counts[2], failed: counts[3])
    self.job = job
    texts = zip(Text.allCases, sizes).filter { $1 > 0 && $1 <= Loader.valueLimit }.map(\.0)
  }

  // MARK: The second step

  func detailQuestions(childLimit: Int) -> [RedisCommand] {
    guard let job else { return [] }
    var commands: [RedisCommand] = []
    if !texts.isEmpty { commands.append(RedisCommand("HMGET", [key.description] + texts.map(\.rawValue))) }
    guard childLimit > 0, job.counts.total > 0 else { return commands }
    let limit = RedisCommand.Argument(childLimit)
    // Whole where it is small, so that the order is steady; a sample where it is not.
    commands.append(
      job.counts.processed <= childLimit
        ? ["HKEYS", .text(key[.processed])] : ["HRANDFIELD", .text(key[.processed]), limit]
    )
    commands.append(
      job.counts.unprocessed <= childLimit
        ? ["SMEMBERS", .text(key[.dependencies])] : ["SRANDMEMBER", .text(key[.dependencies]), limit]
    )
    commands.append(["HRANDFIELD", .text(key[.failed]), limit])
    commands.append(["ZRANGE", .text(key[.unsuccessful]), "0", .init(childLimit - 1)])
    return commands
  }

  mutating func takeDetails(_ answers: [RESPValue]) {
    guard var job else { return }
    var answers = answers[...]
    if !texts.isEmpty, let values = answers.popFirst()?.array {
      for (text, value) in zip(texts, values) {
        guard let value = value.string else { continue }
        switch text {
        case .returnvalue: job.returnvalue = (try? JSON(parsing: value)) ?? .string(value)
        case .failedReason: job.failedReason = value
        case .progress: job.progress = try? JSON(parsing: value)
        case .opts: job.attempts = max(1, (try? JSON(parsing: value))?["attempts"]?.int ?? 1)
        }
      }
    }
    let kinds: [FlowJob.Child.Kind] = [.processed, .unprocessed, .ignored, .failed]
    var children: [FlowJob.Child] = []
    for (kind, answer) in zip(kinds, answers) {
      children += answer.strings.compactMap { JobKey($0) }.map { FlowJob.Child(key: $0, kind: kind) }
    }
    // Sorted by place, a child keeps its row when it goes from one kind to another.
    job.children = children.sorted { $0.key < $1.key }
    self.job = job
  }

  // MARK: The third step

  var hasReadableValues: Bool {
    guard let job, job.counts.processed > 0, job.counts.processed <= 1000 else { return false }
    return valuesSize.map { $0 <= Loader.valuesLimit } ?? (job.counts.processed <= 100)
  }

  mutating func takeValues(_ reply: RESPValue) {
    for (child, value) in reply.pairs {
      guard let child = JobKey(child), let text = value.string else { continue }
      job?.values[child] = (try? JSON(parsing: text)) ?? .string(text)
    }
  }
}
