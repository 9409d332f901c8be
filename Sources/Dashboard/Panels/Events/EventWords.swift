import FlowMonitor
import QueueClient

/// The words for an event of a queue's stream.
enum EventWords {
  /// The state that a job is in after an event; `nil` for an event that says nothing of it.
  static func state(of event: LoggedEvent) -> JobState? {
    switch EventName(rawValue: event.name) {
    case .waiting, .stalled: .waiting
    case .active, .progress: .active
    case .completed: .completed
    case .failed, .retriesExhausted: .failed
    case .delayed: .delayed
    case .waitingChildren: .waitingChildren
    case .removed: .unknown
    case .added, .duplicated, .deduplicated, .paused, .resumed, .drained, .cleaned, nil: nil
    }
  }

  /// What else it tells, in a line.
  static func text(of event: LoggedEvent) -> String {
    let fields = event.fields
    func from(_ words: String = "") -> String {
      let before = fields[.previous].map { "from \($0)" } ?? ""
      return words.isEmpty ? before : before.isEmpty ? words : "\(words)  \(before)"
    }
    switch EventName(rawValue: event.name) {
    case .added: return fields[.name] ?? ""
    case .completed: return from(fields[.returnvalue].map(Formatting.firstLine) ?? "")
    case .failed: return from(fields[.failedReason].map(Formatting.firstLine) ?? "")
    case .progress: return fields[.data].map(Formatting.firstLine) ?? ""
    case .delayed:
      return fields[.delay].flatMap { Int(clamping: $0) }.map { "due \(Formatting.clock(Double($0) / 1000))" } ?? ""
    case .retriesExhausted:
      return fields[.attemptsMade].flatMap { Int(clamping: $0) }.map { "after \(Formatting.count($0, "attempt"))" }
        ?? ""
    case .deduplicated: return fields[.deduplicatedJobID].map { "\($0) was not added" } ?? ""
    case .cleaned:
      return fields[.count].flatMap { Int(clamping: $0) }.map { "\(Formatting.count($0, "job")) removed" } ?? ""
    case .waiting, .waitingChildren, .active, .removed, .stalled, .duplicated, .paused, .resumed, .drained:
      return from()
    case nil: return fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "  ")
    }
  }
}
