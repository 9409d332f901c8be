import Dashboard
import FlowMonitor
import Foundation
import QueueClient

/// A flow as text or JSON, for people and scripts without a screen.
struct TreePrinter {
  let tree: FlowTree
  let depth: Int
  let maxChildren: Int
  var isASCII = false
  /// Why the flow does not end, where that needs somebody.
  var cause: Cause?

  // MARK: Text

  /// What is still to be printed: a job, or that so many more are not shown.
  private enum Pending {
    case job(JobKey, Family.Kind?, indent: String, branch: String, level: Int)
    case line(String)
  }

  var text: String {
    var lines: [String] = []
    // A stack of our own, and no job's children twice: trees may be deep, share children, and run in circles.
    var seen: Set<JobKey> = []
    var pending = [Pending.job(tree.root, nil, indent: "", branch: "", level: 1)]
    while let next = pending.popLast() {
      switch next {
      case .line(let line): lines.append(line)
      case .job(let key, let kind, let indent, let branch, let level):
        let isAgain = tree.children[key]?.isEmpty == false && seen.contains(key)
        lines.append(indent + branch + line(of: key, kind) + (isAgain ? "  (see above)" : ""))
        guard let job = tree.jobs[key], level < depth, seen.insert(key).inserted else { continue }
        pending += below(job, indent: indent, branch: branch, level: level).reversed()
      }
    }
    return lines.joined(separator: "\n")
  }

  private func below(_ job: FlowJob, indent: String, branch: String, level: Int) -> [Pending] {
    let children = (tree.children[job.key] ?? []).prefix(maxChildren)
    let next = indent + (branch.isEmpty ? "" : branch.hasPrefix(isASCII ? "`" : "└") ? "   " : isASCII ? "|  " : "│  ")
    let (middle, last) = isASCII ? ("|- ", "`- ") : ("├─ ", "└─ ")
    var pending = children.enumerated().map { index, child in
      let isLast = index == children.count - 1 && job.counts.total <= children.count
      return Pending.job(child.key, child.kind, indent: next, branch: isLast ? last : middle, level: level + 1)
    }
    if job.counts.total > children.count {
      pending.append(.line("\(next)\(last)\(job.counts.total - children.count) more"))
    }
    return pending
  }

  /// - Parameter kind: what the job's parent holds about it; `nil` for a root.
  private func line(of key: JobKey, _ kind: Family.Kind?) -> String {
    guard let job = tree.jobs[key] else { return line(ofGone: key, kind ?? .unprocessed) }
    let sign = CleanText.sign(of: job.state, isASCII: isASCII)
    var line =
      "\(sign) \(CleanText.line(job.name, isASCII: isASCII))  \(CleanText.line("\(key.queue.name)/\(key.id)", isASCII: isASCII))  \(job.state.rawValue)"
    if job.isParent { line += "  \(job.counts.processed) of \(job.counts.total) done" }
    if let value = job.returnvalue, job.state == .completed, value != .null {
      line += "  = \(CleanText.line(value.text, isASCII: isASCII))"
    } else if let sum = tree.sums[key], sum.isFinite {
      line += "  \(isASCII ? "sum" : "Σ") \(DecimalText.of(sum))"
    }
    if key == tree.root, let parent = tree.missingParent {
      line += "  its parent \(CleanText.line("\(parent.queue.name)/\(parent.id)", isASCII: isASCII)) is gone"
    }
    if key == tree.root, !job.isFinished, let cause {
      line += "  stuck: \(CleanText.line(CauseWords(cause, isBrief: true).sentence, isASCII: isASCII))"
    }
    if let reason = job.failedReason, job.state == .failed { line += "  \(CleanText.line(reason, isASCII: isASCII))" }
    return line
  }

  /// A job whose hash does not exist: its parent knows how it ended, and what it returned.
  private func line(ofGone key: JobKey, _ kind: Family.Kind) -> String {
    let state = tree.lastState(of: key, kind: kind)
    let name = CleanText.line("\(key.queue.name)/\(key.id)", isASCII: isASCII)
    guard kind != .unprocessed else { return "? \(name)  gone, its parent waits for it" }
    var line = "\(CleanText.sign(of: state, isASCII: isASCII)) \(name)  \(state.rawValue), removed"
    if let value = tree.values[key], value != .null { line += "  = \(CleanText.line(value.text, isASCII: isASCII))" }
    return line
  }

  // MARK: JSON

  var json: JSON {
    // Parents before their children, each with its parent's place; from the end on, each is whole when its parent
    // takes it.
    var nodes: [(key: JobKey, kind: Family.Kind, parent: Int?)] = []
    var seen: Set<JobKey> = []
    var pending: [(key: JobKey, kind: Family.Kind, parent: Int?, level: Int)] = [(tree.root, .unprocessed, nil, 1)]
    while let (key, kind, parent, level) = pending.popLast() {
      let isFirst = seen.insert(key).inserted
      let children = isFirst && level < depth ? (tree.children[key] ?? []).prefix(maxChildren) : []
      for child in children.reversed() { pending.append((child.key, child.kind, nodes.count, level + 1)) }
      nodes.append((key, kind, parent))
    }
    var below = [[JSON]](repeating: [], count: nodes.count)
    for index in nodes.indices.reversed() {
      let json = json(of: nodes[index].key, nodes[index].kind, children: below[index].reversed())
      below[index] = []
      guard let parent = nodes[index].parent else { return json }
      below[parent].append(json)
    }
    return .null
  }

  private func json(of key: JobKey, _ kind: Family.Kind, children: [JSON]) -> JSON {
    var job = tree.jobs[key] ?? FlowJob(key: key)
    if tree.jobs[key] == nil {
      job.state = tree.lastState(of: key, kind: kind)
      job.returnvalue = tree.values[key]
    }
    return [
      "key": .string(key.description), "id": .string(key.id), "name": .string(job.name),
      "queueName": .string(key.queue.name), "prefix": .string(key.queue.prefix), "state": .string(job.state.rawValue),
      "dependencies": [
        "processed": .int(job.counts.processed), "unprocessed": .int(job.counts.unprocessed),
        "ignored": .int(job.counts.ignored), "failed": .int(job.counts.failed),
      ],
      "progress": job.progress ?? .null, "returnvalue": job.returnvalue ?? .null,
      "failedReason": job.failedReason.map { .string($0) } ?? .null, "removed": .bool(tree.jobs[key] == nil),
      "missingParent": key == tree.root ? tree.missingParent.map { .string($0.description) } ?? .null : .null,
      "children": .array(children),
      "more": .int(job.counts.total - children.count),
    ]
  }
}
