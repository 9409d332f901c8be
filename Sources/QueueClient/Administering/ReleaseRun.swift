import Foundation
import Redis

/// Carries out a release: parent by parent, a hundred children a step.
struct ReleaseRun {
  let plan: FlowChangePlan
  let redis: RedisClient

  private static let childrenAtOnce = 100

  /// A parent and the children that it waits for no longer.
  private struct Family {
    var parent: JobKey
    var children: [FlowStep] = []
    var release: FlowStep?
  }

  private struct Portion {
    var children: [FlowStep]
    var release: FlowStep?
  }

  func run() async throws -> FlowChangeOutcome {
    let now = milliseconds(of: Date())
    var portions: [Portion] = []
    var calls: [ScriptCall] = []
    for family in families {
      let waits = plan.notes.states[family.parent] == .waitingChildren
      for first in stride(from: 0, to: max(1, family.children.count), by: Self.childrenAtOnce) {
        let children = Array(family.children.dropFirst(first).prefix(Self.childrenAtOnce))
        let isLast = first + Self.childrenAtOnce >= family.children.count
        portions.append(Portion(children: children, release: isLast ? family.release : nil))
        calls.append(
          ScriptCall(
            keys: [family.parent.queue.description],
            arguments: [.text(family.parent.id), .init(now), waits ? "1" : "0"] + children.flatMap(arguments)))
      }
    }
    var outcome = FlowChangeOutcome()
    try await StepCalls(redis: redis, script: Scripts.dropDependencies).run(calls) { place, reply in
      take(reply, portions[place], into: &outcome)
    }
    return outcome
  }

  private func arguments(_ step: FlowStep) -> [RedisCommand.Argument] {
    let circle = plan.notes.circles[step].map { JSON.array($0.map { .string($0.description) }).text } ?? ""
    return [
      .text(step.job.description), .text(step.job.queue.description), .text(step.job.id), .text(step.reason.rawValue),
      .text(circle),
    ]
  }

  private var families: [Family] {
    var families: [Family] = []
    var places: [JobKey: Int] = [:]
    for step in plan.changes {
      let parent = step.action == .release ? step.job : step.parent ?? step.job
      let place = places[parent] ?? families.count
      if place == families.count {
        places[parent] = place
        families.append(Family(parent: parent))
      }
      if step.action == .release { families[place].release = step } else { families[place].children.append(step) }
    }
    return families
  }

  private func take(_ reply: RESPValue, _ portion: Portion, into outcome: inout FlowChangeOutcome) {
    let all = portion.children + (portion.release.map { [$0] } ?? [])
    if let line = reply.errorLine {
      outcome.refused += all.map { $0.refused(.refused, detail: line) }
      return
    }
    let parts = reply.array ?? []
    guard parts.count == portion.children.count + 2 else {
      outcome.refused += all.map { $0.refused(ErrorCode.reason(reply.int ?? 0)) }
      return
    }
    for (step, code) in zip(portion.children, parts.dropFirst(2)) {
      switch code.int {
      case 1: outcome.done.append(step)
      case 0: outcome.refused.append(step.refused(.notPending))
      default: outcome.refused.append(step.refused(.changed))
      }
    }
    guard let release = portion.release else { return }
    if parts[1].int == 1 {
      outcome.done.append(release)
    } else {
      outcome.refused.append(release.refused(.pendingChildren))
    }
  }
}
