import Foundation
import Redis

/// Carries out a retry: job by job, from the bottom up.
struct RetryRun {
  let plan: FlowChangePlan
  let redis: RedisClient

  func run() async throws -> FlowChangeOutcome {
    let now = milliseconds(of: Date())
    let retries = plan.changes.filter { $0.action == .retry }
    var outcome = FlowChangeOutcome()
    var moved: Set<JobKey> = []
    // A job among whose children many are gone is asked again: a thousand of them are forgotten at once.
    var left = retries
    while !left.isEmpty {
      var again: [FlowStep] = []
      let calls = left.map { step in
        ScriptCall(
          keys: [step.job.queue.description],
          arguments: [.text(step.job.id), .init(now), plan.notes.lifo.contains(step.job) ? "1" : "0"])
      }
      try await StepCalls(redis: redis, script: Scripts.retryFailed).run(calls) { place, reply in
        let step = left[place]
        let parts = reply.array ?? []
        switch parts.first?.int {
        case 1, 2:
          moved.insert(step.job)
          outcome.done.append(step)
        case 3: again.append(step)
        default: outcome.refused.append(Self.refusal(of: step, reply))
        }
      }
      left = again
    }
    settleFollowers(moved, &outcome)
    return outcome
  }

  /// What is done along with the retry of another job has become of it what became of that.
  private func settleFollowers(_ moved: Set<JobKey>, _ outcome: inout FlowChangeOutcome) {
    let parents = Set(outcome.done.compactMap(\.parent))
    for step in plan.changes where step.action != .retry {
      let isDone = step.action == .hold ? parents.contains(step.job) : step.parent.map(moved.contains) == true
      if isDone { outcome.done.append(step) } else { outcome.refused.append(step.refused(.changed)) }
    }
  }

  private static func refusal(of step: FlowStep, _ reply: RESPValue) -> FlowStep {
    if let line = reply.errorLine { return step.refused(.refused, detail: line) }
    let parts = reply.array ?? []
    return step.refused(ErrorCode.reason(parts.first?.int ?? 0), detail: parts.dropFirst().first?.string)
  }
}
