import QueueClient

/// In which order causes are told, on rows, in `explain` and by the doctor alike: what needs somebody first, then what
/// mostly does, each in the order of `CauseCode`; then what lies nearest to the root.
struct CauseRank: Comparable {
  private let need: Int
  private let code: Int
  private let later: Int
  private let depth: Int
  private let job: JobKey

  /// A rank from its parts.
  ///
  /// - Parameters:
  ///   - depth: how many jobs lead from the root to the job, both included.
  ///   - isLater: whether it is about jobs that are not due yet: those that wait now are told first.
  init(_ code: CauseCode, needsPerson: Bool, depth: Int, job: JobKey, isLater: Bool = false) {
    need = needsPerson ? 0 : code.needsPerson ? 1 : 2
    self.code = CauseCode.allCases.firstIndex(of: code) ?? 0
    later = isLater ? 1 : 0
    (self.depth, self.job) = (depth, job)
  }

  static func < (left: CauseRank, right: CauseRank) -> Bool {
    (left.need, left.code, left.later, left.depth, left.job)
      < (right.need, right.code, right.later, right.depth, right.job)
  }

  /// Whether it is told before another for what it is, wherever it lies.
  func isGraver(than other: CauseRank) -> Bool { (need, code) < (other.need, other.code) }
}

extension Cause {
  /// Where it stands among others.
  var rank: CauseRank {
    CauseRank(code, needsPerson: needsPerson, depth: chain.count, job: job, isLater: evidence.areAllDelayed)
  }
}

extension Diagnosis {
  /// Where it stands among others; `nil` where nothing is wrong.
  ///
  /// - Parameters:
  ///   - key: the job that it was found at.
  ///   - depth: how many jobs lead from the root to that, both included.
  func rank(at key: JobKey, depth: Int = 1) -> CauseRank? {
    switch self {
    case .held(let cause): return cause.rank
    case .blockedByFailedChild(let child, _, _), .missingChild(let child), .lostChild(let child, _),
      .completedStillPending(let child, _):
      return code.map { CauseRank($0, needsPerson: needsPerson, depth: depth + 1, job: child) }
    default: return code.map { CauseRank($0, needsPerson: needsPerson, depth: depth, job: key) }
    }
  }
}
