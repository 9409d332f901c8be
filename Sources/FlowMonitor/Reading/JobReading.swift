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
    case returnvalue, failedReason, progress, opts, data
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
    job.dueOn = job.state == .delayed ? scores[2].map { Int(clamping: $0 / 4096) } : nil
    job.attemptsMade = snapshot.attemptsMade
    job.parentKey = snapshot.parentKey
    job.failurePolicy = snapshot.failurePolicy
    job.counts = DependenciesCount(processed: counts[0], unprocessed: counts[1], ignored: counts[2], failed: counts[3])
    self.job = job
    texts = zip(Text.allCases, sizes).filter { $1 > 0 && $1 <= Loader.valueLimit }.map(\.0)
  }

  // MARK: The second step

  /// - Parameters:
  ///   - childLimit: how many children to name.
  ///   - suspects: children known to have failed, which a reading of part of a wide family may miss.
  func detailQuestions(childLimit: Int, suspects: [JobKey]) -> [RedisCommand] {
    guard let job else { return [] }
    var commands: [RedisCommand] = []
    if !texts.isEmpty { commands.append(RedisCommand("HMGET", [key.description] + texts.map(\.rawValue))) }
    guard childLimit > 0, job.counts.total > 0 else { return commands }
    commands.append(["ZRANGE", .text(key[.unsuccessful]), "0", .init(childLimit - 1)])
    commands.append(keys(of: .failed, count: job.counts.ignored))
    if !suspects.isEmpty {
      commands.append(RedisCommand("SMISMEMBER", [key[.dependencies]] + suspects.map(\.description)))
    }
    commands.append(
      job.counts.unprocessed <= Loader.familyLimit
        ? ["SMEMBERS", .text(key[.dependencies])]
        : ["SSCAN", .text(key[.dependencies]), "0", "COUNT", .init(Loader.familyLimit)])
    commands.append(keys(of: .processed, count: job.counts.processed))
    return commands
  }

  /// The fields of a hash of children: all of few; of many always the same part, so that no row flickers.
  private func keys(of suffix: JobKey.Suffix, count: Int) -> RedisCommand {
    if count <= Loader.familyLimit { return ["HKEYS", .text(key[suffix])] }
    // HSCAN brings the values along: only where those are small.
    let areSmall = suffix == .processed && (valuesSize ?? .max) / count <= 1024
    return ["HSCAN", .text(key[suffix]), "0", "COUNT", areSmall ? .init(Loader.familyLimit) : "20"]
  }

  mutating func takeDetails(_ answers: [RESPValue], childLimit: Int, suspects: [JobKey]) {
    guard var job else { return }
    var answers = answers[...]
    if !texts.isEmpty, let values = answers.popFirst()?.array { Self.take(values, of: texts, into: &job) }
    if !answers.isEmpty {
      var kinds: [(FlowJob.Child.Kind, [JobKey])] = []
      kinds.append((.failed, keys(answers.removeFirst())))
      kinds.append((.ignored, fields(answers.removeFirst())))
      if !suspects.isEmpty {
        let isPending = answers.removeFirst().array ?? []
        kinds.append((.unprocessed, zip(suspects, isPending).filter { $1.int == 1 }.map(\.0)))
      }
      kinds.append((.unprocessed, keys(answers.removeFirst())))
      kinds.append((.processed, fields(answers.removeFirst())))
      var seen: Set<JobKey> = []
      let children = kinds.flatMap { kind, keys in
        keys.sorted().filter { seen.insert($0).inserted }.map { FlowJob.Child(key: $0, kind: kind) }
      }
      // Sorted by place, a child keeps its row when it goes from one kind to another.
      job.children = children.prefix(childLimit).sorted { $0.key < $1.key }
    }
    self.job = job
  }

  private static func take(_ values: [RESPValue], of texts: [Text], into job: inout FlowJob) {
    for (text, value) in zip(texts, values) {
      guard let value = value.string else { continue }
      switch text {
      case .returnvalue: job.returnvalue = JSON(tolerating: value)
      case .failedReason: job.failedReason = value
      case .data: job.data = try? JSON(parsing: value)
      case .progress: job.progress = try? JSON(parsing: value)
      case .opts: job.attempts = max(1, (try? JSON(parsing: value))?["attempts"]?.int ?? 1)
      }
    }
  }

  /// Children from a list of keys, or from a step of SSCAN.
  private func keys(_ answer: RESPValue) -> [JobKey] {
    (Self.page(answer) ?? answer).strings.compactMap { JobKey($0, namedBy: key.queue) }
  }

  /// Children from a list of fields, or from a step of HSCAN.
  private func fields(_ answer: RESPValue) -> [JobKey] {
    Self.page(answer).map { $0.pairs.compactMap { JobKey($0.name, namedBy: key.queue) } } ?? keys(answer)
  }

  private static func page(_ answer: RESPValue) -> RESPValue? {
    guard let parts = answer.array, parts.count == 2, parts[1].array != nil else { return nil }
    return parts[1]
  }

  // MARK: The third step

  var hasReadableValues: Bool {
    guard let job, job.counts.processed > 0, job.counts.processed <= 1000 else { return false }
    return valuesSize.map { $0 <= Loader.valuesLimit } ?? (job.counts.processed <= 100)
  }

  mutating func takeValues(_ reply: RESPValue) {
    for (child, value) in reply.pairs {
      guard let child = JobKey(child, namedBy: key.queue), let text = value.string else { continue }
      job?.values[child] = JSON(tolerating: text)
    }
  }
}
