import FlowMonitor
import QueueClient

/// A timeline for scripts: all times in milliseconds, those of day since 1970.
struct TimelineJSON {
  let timeline: Timeline
  /// How many levels.
  let depth: Int

  var json: JSON {
    let earlier = timeline.facts.earlier
    return [
      "root": .string(timeline.facts.root.description), "job": .string(timeline.facts.job.description),
      "start": .int(timeline.start), "end": number(timeline.end), "now": .int(timeline.now),
      "criticalPath": [
        "steps": .array(timeline.path.steps.map(json)), "isCertain": .bool(timeline.path.isCertain),
      ],
      "earlierFlows": ["count": .int(earlier.flows), "medianMs": number(earlier.total)],
      "jobs": .array(jobs), "jobsLookedAt": .int(timeline.jobCount), "isComplete": .bool(!timeline.facts.isCut),
    ]
  }

  private func json(of step: CriticalPath.Step) -> JSON {
    [
      "job": .string(step.job.description), "start": number(step.start), "end": number(step.end),
      "ms": number(step.part(at: timeline.now)),
    ]
  }

  private var jobs: [JSON] {
    // The last row met at each depth.
    var above: [String] = []
    return timeline.rows.filter { $0.depth < depth }.map { row in
      above.removeLast(max(0, above.count - row.depth))
      let key = Self.key(of: row)
      defer { above.append(key) }
      return json(of: row, key: key, parent: above.last)
    }
  }

  private static func key(of row: Timeline.Row) -> String {
    switch row.id {
    case .job(let key), .unread(let key, _): key.description
    case .group(let id), .more(let id, _): id.parent.description
    }
  }

  private func json(of row: Timeline.Row, key: String, parent: String?) -> JSON {
    var members: [JSON.Member] = []
    func add(_ name: String, _ value: JSON) { members.append(.init(name, value)) }
    if case .unread(_, let count) = row.id {
      add("parent", .string(key))
      add("notLookedAt", .int(count))
      return .object(members)
    }
    if case .job = row.id { add("key", .string(key)) }
    add("parent", parent.map { .string($0) } ?? .null)
    add("depth", .int(row.depth))
    if let job = row.job?.job {
      add("name", .string(job.name))
      add("state", .string(job.state.rawValue))
      add("attemptsMade", .int(job.attemptsMade))
      add("attempts", .int(job.attempts))
    } else if let group = row.group {
      add("group", json(of: group))
    } else {
      add("removed", .bool(row.isGone))
    }
    add("critical", .bool(row.isCritical))
    add("blocked", row.block.map { .string(Self.code(of: $0)) } ?? .null)
    add("usualMs", number(row.usual?.median))
    add("usualOf", .int(row.usual?.count ?? 0))
    add("spans", .array(row.spans.map(json)))
    return .object(members)
  }

  private func json(of group: TimelineGroup) -> JSON {
    [
      "name": .string(group.id.name), "queueName": .string(group.id.queue.name), "count": .int(group.members.count),
      "states": .object(
        JobState.allCases.compactMap { state in group.states[state].map { .init(state.rawValue, .int($0)) } }),
      "firstStart": number(group.firstStart), "lastEnd": number(group.lastEnd),
      "slowest": group.slowest.map { ["job": .string($0.job.description), "ms": .int($0.runTime)] } ?? .null,
    ]
  }

  private func json(of span: JobSpan) -> JSON {
    var members: [JSON.Member] = [
      .init("kind", .string(span.kind.rawValue)), .init("start", .int(span.start)), .init("end", number(span.end)),
      .init("ms", .int(span.duration(at: timeline.now))),
    ]
    if let attempt = span.attempt { members.append(.init("attempt", .int(attempt))) }
    if span.kind == .active { members.append(.init("failed", .bool(span.isFailure))) }
    if let block = span.block { members.append(.init("reason", .string(Self.code(of: block)))) }
    if let gap = span.gap { members.append(.init("notTold", .string(Self.code(of: gap)))) }
    return .object(members)
  }

  private static func code(of block: JobSpan.Block) -> String {
    switch block {
    case .pausedQueue: "queue-paused"
    case .failedChild: "failed-child"
    case .missingChild: "missing-child"
    case .noLock: "stalled"
    }
  }

  private static func code(of gap: JobSpan.Gap) -> String {
    switch gap {
    case .earlierAttempts: "earlier-attempts"
    case .runBeforeChildren: "run-before-children"
    case .missingChildren: "removed-children"
    case .lostAttempt: "lost-attempt"
    case .nothing: "nothing-known"
    }
  }

  private func number(_ value: Int?) -> JSON { value.map { .int($0) } ?? .null }
}
