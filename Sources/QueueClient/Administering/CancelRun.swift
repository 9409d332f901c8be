import Redis

/// Carries out a cancellation: job by job, from the bottom up. A parent that still waits for something that was not to
/// be removed stays, and so do those above it.
struct CancelRun {
  let plan: FlowChangePlan
  let redis: RedisClient

  func run() async throws -> FlowChangeOutcome {
    let steps = plan.changes
    var outcome = FlowChangeOutcome()
    try await StepCalls(redis: redis, script: Scripts.cancelJob).run(steps.map(call)) { place, reply in
      let step = steps[place]
      if let line = reply.errorLine {
        outcome.refused.append(step.refused(.refused, detail: line))
        return
      }
      switch reply.int {
      case 1: outcome.done.append(step)
      case 0: outcome.refused.append(step.refused(.notPending))
      case let code: outcome.refused.append(step.refused(ErrorCode.reason(code ?? 0)))
      }
    }
    return outcome
  }

  private func call(_ step: FlowStep) -> ScriptCall {
    if step.action == .detach, let parent = step.parent {
      return ScriptCall(
        keys: [parent.queue.description],
        arguments: [
          "detach", .text(parent.id), .text(step.job.description), .text(step.job.queue.description),
          .text(step.job.id), .text(step.reason.rawValue),
        ])
    }
    let state = plan.notes.states[step.job] ?? .unknown
    let parentGoes = step.parent.map(plan.notes.going.contains) == true
    return ScriptCall(
      keys: [step.job.queue.description],
      arguments: ["remove", .text(step.job.id), .text(state.rawValue), parentGoes ? "1" : "0"])
  }
}
