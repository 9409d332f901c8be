import Dashboard
import FlowMonitor
import Foundation
import QueueClient

/// A flow as text or JSON, for people and scripts without a screen.
struct TreePrinter {
  let forest: FlowForest
  let depth: Int
  let maxChildren: Int
  var isASCII = false

  // MARK: Text

  func text(of root: JobKey) -> String {
    var lines: [String] = []
    add(root, to: &lines, indent: "", branch: "", level: 1, above: [])
    return lines.joined(separator: "\n")
  }

  private func add(
    _ key: JobKey, to lines: inout [String], indent: String, branch: String, level: Int, above: Set<JobKey>
  ) {
    guard let job = forest.jobs[key] else {
      lines.append(CleanText.line("\(indent)\(branch)? \(key) (gone)"))
      return
    }
    let sign = CleanText.sign(of: job.state, isASCII: isASCII)
    var line =
      "\(sign) \(CleanText.line(job.name, isASCII: isASCII))  \(CleanText.line("\(key.queue.name)/\(key.id)", isASCII: isASCII))  \(job.state.rawValue)"
    if job.isParent { line += "  \(job.counts.processed) of \(job.counts.total) done" }
    if let value = job.returnvalue, job.state == .completed, value != .null {
      line += "  = \(CleanText.line(value.text, isASCII: isASCII))"
    } else if let sum = job.sumOfValues {
      line += "  \(isASCII ? "sum" : "Σ") \(DecimalText.of(sum))"
    }
    if let reason = job.failedReason, job.state == .failed { line += "  \(CleanText.line(reason, isASCII: isASCII))" }
    lines.append(indent + branch + line)
    let children = shownChildren(of: job, level: level, above: above)
    let next = indent + (branch.isEmpty ? "" : branch.hasPrefix(isASCII ? "`" : "└") ? "   " : isASCII ? "|  " : "│  ")
    for (index, child) in children.enumerated() {
      let isLast = index == children.count - 1 && job.counts.total <= children.count
      let sign = isLast ? (isASCII ? "`- " : "└─ ") : (isASCII ? "|- " : "├─ ")
      add(child.key, to: &lines, indent: next, branch: sign, level: level + 1, above: above.union([key]))
    }
    if level < depth, job.counts.total > children.count {
      lines.append("\(next)\(isASCII ? "`- " : "└─ ")\(job.counts.total - children.count) more")
    }
  }

  private func shownChildren(of job: FlowJob, level: Int, above: Set<JobKey>) -> ArraySlice<FlowJob.Child> {
    level < depth && !above.contains(job.key) ? job.children.prefix(maxChildren) : []
  }

  // MARK: JSON

  func json(of root: JobKey) -> JSON { json(of: root, level: 1, above: []) }

  private func json(of key: JobKey, level: Int, above: Set<JobKey>) -> JSON {
    let job = forest.jobs[key] ?? FlowJob(key: key)
    let children = shownChildren(of: job, level: level, above: above)
    return [
      "key": .string(key.description), "id": .string(key.id), "name": .string(job.name),
      "queueName": .string(key.queue.name), "prefix": .string(key.queue.prefix), "state": .string(job.state.rawValue),
      "dependencies": [
        "processed": .int(job.counts.processed), "unprocessed": .int(job.counts.unprocessed),
        "ignored": .int(job.counts.ignored), "failed": .int(job.counts.failed),
      ],
      "progress": job.progress ?? .null, "returnvalue": job.returnvalue ?? .null,
      "failedReason": job.failedReason.map { .string($0) } ?? .null,
      "children": .array(children.map { json(of: $0.key, level: level + 1, above: above.union([key])) }),
      "more": .int(job.counts.total - children.count),
    ]
  }
}
