import QueueClient
import Redis

/// Looks once more, at one time, at whatever seems to be in vain: parts that were read one after the other may be of two
/// times.
struct DoubtChecker: Sendable {
  private let check: PendingCheck

  /// So many jobs that seem to be in no list, or in two, are looked for in the lists again.
  private static let mostSought = 200

  init(redis: RedisClient) { check = PendingCheck(connection: redis) }

  /// Corrects the facts by a second look; what moves meanwhile is called moving.
  ///
  /// - Throws: `RedisError`.
  func settle(_ facts: inout FlowFacts) async throws {
    let questions = Self.questions(facts)
    guard !questions.isEmpty else {
      facts.isSettled = true
      return
    }
    guard let answers = try await check.ask(questions) else { return }
    facts.isSettled = true
    var over: [JobKey: Set<JobKey>] = [:]
    for (question, answer) in zip(questions, answers) {
      if answer.isOver, let parent = question.parent {
        over[parent, default: []].insert(question.job)
      } else {
        Self.take(answer, question, &facts)
      }
    }
    for (parent, gone) in over {
      let left = (facts.pending[parent] ?? []).filter { !gone.contains($0) }
      facts.pending[parent] = left
      if left.isEmpty, facts.jobs[parent]?.state == .waitingChildren { facts.jobs[parent]?.isMoving = true }
    }
  }

  private static func take(_ answer: PendingCheck.Answer, _ question: PendingCheck.Question, _ facts: inout FlowFacts) {
    guard var fact = facts.jobs[question.job] else { return }
    let before = fact.state
    fact.exists = answer.exists
    if let state = answer.states.first {
      fact.state = state
    } else if question.seeksLists {
      fact.state = answer.isUnsure ? .waiting : .unknown
    }
    if question.seeksLists { fact.places = max(1, answer.states.count) }
    // What is somewhere else now has ended, or begun, in between; where its new place is a trouble, the next look tells.
    if fact.state != before, answer.exists { fact.isMoving = true }
    if fact.state == .waitingChildren, facts.pending[question.job]?.isEmpty == true, !answer.hasNoPending {
      fact.isMoving = true
    }
    facts.jobs[question.job] = fact
  }

  /// What seems to be in vain.
  private static func questions(_ facts: FlowFacts) -> [PendingCheck.Question] {
    var questions: [PendingCheck.Question] = []
    var sought = 0
    func ask(_ job: JobKey, _ parent: JobKey?) {
      guard let fact = facts.jobs[job] else { return }
      let isAstray = fact.exists && (fact.state == .unknown || fact.places > 1)
      let isInVain = fact.hasEnded
      let waitsForNothing = fact.state == .waitingChildren && facts.pending[job]?.isEmpty == true
      guard isAstray || (isInVain && parent != nil) || waitsForNothing else { return }
      let seeks = isAstray && sought < Self.mostSought
      if seeks { sought += 1 }
      questions.append(.init(job: job, parent: parent, seeksLists: seeks))
    }
    for root in facts.roots { ask(root, nil) }
    for (parent, children) in facts.pending.sorted(by: { $0.key < $1.key }) {
      for child in children { ask(child, parent) }
    }
    return questions
  }
}
