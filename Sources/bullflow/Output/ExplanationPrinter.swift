import Dashboard
import FlowMonitor
import QueueClient

/// Why a flow is not done, as text or JSON.
struct ExplanationPrinter {
  let explanation: Explanation

  /// A paragraph for each cause.
  ///
  /// - Parameter now: seconds since 1970.
  func text(at now: Double) -> String {
    let job = explanation.job
    let flow = explanation.root == job ? "" : ", in the flow of \(explanation.root.queue.name)/\(explanation.root.id)"
    var lines = ["\(job.queue.name)/\(job.id) is \(explanation.state.rawValue)\(flow): \(verdict)"]
    for (number, cause) in explanation.causes.enumerated() {
      let words = CauseWords(cause)
      lines.append("")
      lines.append("\(number + 1). \(words.sentence)")
      let details = words.details(at: Int(clamping: now * 1000))
      if !details.isEmpty { lines.append("   " + details.joined(separator: ", ")) }
      if let chain = words.chain { lines.append("   " + chain) }
      for fix in cause.fixes { lines.append("   \(fix.words): \(fix.commandLine)") }
    }
    if !explanation.wrongTyped.isEmpty { lines.append("") }
    lines += explanation.wrongTyped.sorted().map { "\($0) \(CauseWords.wrongTyped)" }
    return lines.map { CleanText.line($0) }.joined(separator: "\n")
  }

  private var verdict: String {
    switch explanation.verdict {
    case .stuck: "it does not end unless somebody helps"
    case .waits where !explanation.wrongTyped.isEmpty:
      "whether it ends is not known"
    case .waits:
      explanation.causes.contains { $0.code.needsPerson } ? "it may end by itself" : "it ends by itself"
    case .done: "nothing keeps it"
    }
  }

  // MARK: JSON

  var json: JSON {
    [
      "job": .string(explanation.job.description), "state": .string(explanation.state.rawValue),
      "verdict": .string(explanation.verdict.rawValue), "causes": .array(explanation.causes.map(Self.json)),
      "wrongTyped": .array(explanation.wrongTyped.sorted().map { .string($0) }),
    ]
  }

  private static func json(of cause: Cause) -> JSON {
    [
      "code": .string(cause.code.rawValue), "job": .string(cause.job.description),
      "chain": .array(cause.chain.map { .string($0.description) }), "since": number(cause.since),
      "until": number(cause.until), "needsPerson": .bool(cause.needsPerson),
      "evidence": json(of: cause.evidence), "fixes": .array(cause.fixes.map { .string($0.commandLine) }),
    ]
  }

  private static func json(of evidence: Cause.Evidence) -> JSON {
    var members: [JSON.Member] = [.init("count", .int(evidence.count))]
    func add(_ name: String, _ value: JSON?) { if let value { members.append(.init(name, value)) } }
    add("name", evidence.name.isEmpty ? nil : .string(evidence.name))
    add("reason", evidence.reason.map { .string($0) })
    add("delayed", evidence.delayed > 0 ? .int(evidence.delayed) : nil)
    add("parent", evidence.parent.map { .string($0.description) })
    add("parentName", evidence.parentName.isEmpty ? nil : .string(evidence.parentName))
    add("attemptsMade", evidence.attempts.map { .int($0.made) })
    add("attempts", evidence.attempts.map { .int($0.most) })
    add("worker", evidence.worker.map { .string($0) })
    add("lock", evidence.lock.map { .int($0) })
    add("ahead", evidence.ahead.map { .int($0) })
    add("endedLastMinute", evidence.endedLastMinute.map { .int($0) })
    add("limit", evidence.limit.map { .int($0) })
    add("group", evidence.isInGroup ? true : nil)
    add("child", evidence.child.map { .string($0.description) })
    add("holders", evidence.holders.isEmpty ? nil : .array(evidence.holders.map { .string($0.description) }))
    return .object(members)
  }

  private static func number(_ value: Int?) -> JSON { value.map { .int($0) } ?? .null }
}
