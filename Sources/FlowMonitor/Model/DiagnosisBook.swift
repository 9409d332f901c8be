import QueueClient

/// Which diagnoses are shown. Pure.
///
/// A parent and its children are read one after the other: while they change, a child may seem to be gone, or to have
/// completed without its parent having been told. So what can pass by itself in a moment is shown when it has stood for
/// a while, or when the sweep, whose scripts see both at one time, has found it too.
struct DiagnosisBook: Sendable {
  private var seen: [JobKey: (diagnosis: Diagnosis, since: ContinuousClock.Instant)] = [:]

  /// How long what may pass has to stand.
  static let patience = Duration.seconds(2)

  /// Takes in what was found of the jobs that are held.
  ///
  /// - Parameters:
  ///   - found: by job; what is not named is fine.
  ///   - swept: what the sweep has found.
  /// - Returns: what to show, and whether something may be shown later that is not yet.
  mutating func take(
    _ found: [JobKey: Diagnosis], swept: [JobKey: Diagnosis], at now: ContinuousClock.Instant
  ) -> (shown: [JobKey: Diagnosis], isWaiting: Bool) {
    var shown: [JobKey: Diagnosis] = [:]
    var isWaiting = false
    seen = seen.filter { found[$0.key] == $0.value.diagnosis }
    for (key, diagnosis) in found where diagnosis != .fine {
      if diagnosis.isCertain || swept[key]?.code == diagnosis.code {
        shown[key] = diagnosis
      } else if let since = seen[key]?.since {
        if now - since >= Self.patience { shown[key] = diagnosis } else { isWaiting = true }
      } else {
        seen[key] = (diagnosis, now)
        isWaiting = true
      }
    }
    return (shown, isWaiting)
  }
}

extension Diagnosis {
  /// Whether it is true although its parts were read at different times.
  public var isCertain: Bool {
    switch self {
    case .fine, .failed, .blockedByFailedChild, .queuePaused, .waitsForNothing: true
    case .withoutLock, .missingChild, .lostChild, .completedStillPending: false
    case .held(let cause):
      [.failedChild, .waitsForNothing, .queuePaused].contains(cause.code) || cause.code.isCertain
    }
  }
}
