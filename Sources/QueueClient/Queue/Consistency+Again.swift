import Redis

extension ConsistencyCheck {
  /// Looks at each job with which something did not fit once more, and where it is, all at one time: lists and sets that
  /// are read page by page move meanwhile.
  ///
  /// - Throws: `RedisError`.
  func lookAgain(_ look: inout Look) async throws {
    let doubted = look.doubted.sorted()
    let names = Set(doubted.map(\.description))
    var findings = look.findings.filter { !names.contains($0.key) }
    for first in stride(from: 0, to: doubted.count, by: Self.portion) {
      let jobs = Array(doubted[first..<min(first + Self.portion, doubted.count)])
      // Of children it matters whether they have completed; of the jobs themselves, where they are.
      let pending = try await ChildLister(connection: redis).pending(of: jobs).children.flatMap(\.self)
      let questions =
        jobs.map { PendingCheck.Question(job: $0, parent: nil, seeksLists: true) }
        + Set(pending).subtracting(jobs).map { PendingCheck.Question(job: $0, parent: nil) }
      guard let answers = try await PendingCheck(connection: redis).ask(questions) else { return }
      var again = Look()
      for (question, answer) in zip(questions, answers) { again.place(question.job, by: answer, before: look) }
      try await check(jobs, &again)
      findings.formUnion(again.findings)
    }
    look.findings = findings
  }

  private static let portion = 100

  /// The queues that have groups of BullMQ Pro; jobs that wait in these are not looked at.
  ///
  /// - Throws: `RedisError`.
  public func groupedQueues() async throws -> [QueueKey] {
    var queues: [QueueKey] = []
    for prefix in prefixes { queues += try await Queue.list(connection: redis, prefix: prefix) }
    let replies = try await redis.rawReplies(
      to: queues.map { queue in RedisCommand("EXISTS", ProGroupKey.allCases.map { queue[group: $0] }) })
    return zip(queues, replies).filter { $1.int ?? 0 > 0 }.map(\.0).sorted()
  }
}

extension ConsistencyCheck.Look {
  /// Notes where a job was found.
  fileprivate mutating func place(_ job: JobKey, by answer: PendingCheck.Answer, before: Self) {
    for state in answer.states { place(job, in: Self.suffix(of: state)) }
    // Of what may lie in the middle of a long list, the pages that were read before tell.
    guard answer.isUnsure else { return }
    for suffix in before.places[job] ?? [] where [.active, .wait, .paused].contains(suffix) { place(job, in: suffix) }
  }

  private static func suffix(of state: JobState) -> QueueKey.Suffix {
    switch state {
    case .waiting, .unknown: .wait
    case .prioritized: .prioritized
    case .delayed: .delayed
    case .waitingChildren: .waitingChildren
    case .active: .active
    case .completed: .completed
    case .failed: .failed
    }
  }
}
