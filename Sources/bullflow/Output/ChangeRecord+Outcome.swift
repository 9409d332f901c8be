import Dashboard
import Foundation
import QueueClient
import Redis

extension ActionOutcome {
  /// What was really changed, and what came of the rest.
  ///
  /// - Parameters:
  ///   - verb: what was to be done, as the command line says it.
  ///   - wanted: the keys of the jobs or queues that it was to be done to.
  func record(of verb: String, to wanted: [String]) -> ChangeRecord {
    let when = Int(clamping: Date().timeIntervalSince1970 * 1000)
    if let interruption {
      let why = Failure(interruption)?.line ?? "not done"
      // What was sent and not answered may have been done.
      let isOpen = (interruption as? RedisError)?.leavesOutcomeOpen == true
      guard isOpen || !subjects.isEmpty else {
        return ChangeRecord(when: when, verb: verb, refused: wanted, reason: why)
      }
      let rest = "\(isOpen ? "not known whether done" : "not done to all"): \(why)"
      let place = subjects.isEmpty ? wanted.first.map { " (\($0))" } ?? "" : ""
      return ChangeRecord(when: when, verb: verb, subjects: subjects, result: rest + place)
    }
    guard let first = refusals.first else {
      return ChangeRecord(when: when, verb: verb, subjects: subjects, result: "done")
    }
    guard !subjects.isEmpty else {
      return ChangeRecord(when: when, verb: verb, refused: wanted, reason: FlowWords.reason(first))
    }
    let rest = "done but for \(refusals.count), refused: \(FlowWords.reason(first)) (\(first.job))"
    return ChangeRecord(when: when, verb: verb, subjects: subjects, result: rest)
  }
}
