import Dashboard
import Foundation
import QueueClient
import Redis

/// One run of `bullflow flow VERB`: plans, tells or asks, and does it.
struct FlowChangeRun {
  let verb: FlowVerb
  let place: FlowCommand.Place
  var only: String?

  private var what: String { "flow \(verb.rawValue)" }

  func run() async throws {
    let settings = try place.common.resolved()
    if !place.dryRun { try settings.allowChange(what) }
    let client = settings.client()
    defer { client.close() }
    let key = JobKey(queue: QueueKey(prefix: settings.prefix, name: place.queue), id: place.id)
    let only = try only.map { try Given.jobKey($0, prefix: settings.prefix) }
    let changer = FlowChanger(connection: client)
    let plan: FlowChangePlan
    do {
      plan = try await changer.plan(verb, of: key, only: only)
    } catch let error as JobError {
      throw Failure(what: what, why: error.description, code: .refused)
    }
    if place.dryRun { for step in plan.steps { try tell(step, nil) } }
    if plan.isEmpty { throw Failure(what: what, why: FlowWords.nothingToDo(plan), code: .refused) }
    if place.dryRun { return }
    if !verb.canBeUndone { try place.change.confirm(what, CleanText.line("\(FlowWords.summary(plan)) Do it?")) }
    for step in plan.steps where !step.changesSomething { warn(FlowWords.line(step)) }
    try await apply(plan, changer, settings)
  }

  private func apply(_ plan: FlowChangePlan, _ changer: FlowChanger, _ settings: Settings) async throws {
    let outcome: FlowChangeOutcome
    do {
      outcome = try await changer.apply(plan)
    } catch {
      settings.record(what, refused: plan.changes.changedJobs.map(\.description), error)
      if let error = error as? FlowError {
        throw Failure(what: what, why: error.description, code: error.isFault ? .badInput : .refused)
      }
      throw error
    }
    var result = ActionOutcome()
    result.subjects = outcome.added.map { [$0.job.key.description] } ?? outcome.done.changedJobs.map(\.description)
    result.refusals = outcome.refused
    settings.keep(result.record(of: what, to: [plan.job.description]))
    if let added = outcome.added {
      print(added.added.printed)
    } else {
      for step in outcome.done { try tell(step, "done") }
      for step in outcome.refused { try tell(step, "refused") }
    }
    guard let first = outcome.refused.first else { return }
    let count = outcome.refused.count
    let all = count + outcome.done.count
    throw Failure(
      what: what, why: "\(count) of \(all) steps were not done (\(FlowWords.line(first))); run it again to go on",
      code: .refused)
  }

  /// A step on standard output.
  private func tell(_ step: FlowStep, _ result: String?) throws {
    try StandardStreams.writeLine(
      place.json ? step.json(result: result).text : CleanText.line(FlowWords.line(step)))
  }

  /// What is left, on standard error: standard output is for what was done.
  private func warn(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((CleanText.line(line) + "\n").utf8))
  }
}

extension FlowStep {
  /// `{action, job, parent, reason, detail, result}`; without what there is none of.
  func json(result: String?) -> JSON {
    var members = [JSON.Member("action", .string(action.rawValue)), JSON.Member("job", .string(job.description))]
    if let parent { members.append(JSON.Member("parent", .string(parent.description))) }
    members.append(JSON.Member("reason", .string(reason.rawValue)))
    if let detail { members.append(JSON.Member("detail", .string(detail))) }
    if let result { members.append(JSON.Member("result", .string(result))) }
    return .object(members)
  }
}
