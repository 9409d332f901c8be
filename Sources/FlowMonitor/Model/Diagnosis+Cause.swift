import QueueClient

extension Diagnosis {
  /// What is wrong, as a cause of its flow's standing still; `nil` where nothing is.
  ///
  /// - Parameters:
  ///   - root: the job that it was found for.
  ///   - nameOf: tells the names of jobs; an empty one where nobody knows.
  public func cause(of root: JobKey, nameOf: (JobKey) -> String = { _ in "" }) -> Cause? {
    guard let code else { return nil }
    let name = nameOf(root)
    var cause = Cause(code, at: root, chain: [root])
    cause.evidence.name = name
    /// Something is wrong with a child.
    func lies(with child: JobKey, named childName: String, _ fixes: [Cause.Fix]) {
      cause.job = child
      cause.chain = [root, child]
      cause.evidence.name = childName.isEmpty ? nameOf(child) : childName
      cause.evidence.parent = root
      cause.evidence.parentName = name
      cause.fixes = fixes
    }
    switch self {
    case .fine: return nil
    case .failed(let reason):
      cause.evidence.reason = reason
      cause.fixes = [.retryFlow(root)]
    case .blockedByFailedChild(let child, let name, let reason):
      lies(with: child, named: name, [.retryFlow(root), .removeDependency(child: child, parent: root)])
      cause.evidence.reason = reason
    case .missingChild(let child):
      lies(with: child, named: "", [.releaseFlow(root), .removeDependency(child: child, parent: root)])
    case .lostChild(let child, let name):
      lies(
        with: child, named: name, [.moveToWait(child), .removeDependency(child: child, parent: root), .remove(child)])
    case .completedStillPending(let child, let name):
      lies(with: child, named: name, [.releaseFlow(root), .removeDependency(child: child, parent: root)])
    case .withoutLock: cause.fixes = [.startWorker(root.queue)]
    case .waitsForNothing: cause.fixes = [.releaseFlow(root)]
    case .queuePaused: cause.fixes = [.resumeQueue(root.queue)]
    case .held(let found): return found
    }
    return cause
  }
}

extension Cause {
  /// What the search for problems saw, where the flow is not looked at as a whole.
  ///
  /// - Parameter root: the root of the flow.
  /// - Returns: `nil` for what only such a look can tell.
  init?(_ trouble: Sweeper.Trouble, of root: JobKey) {
    guard let code = CauseCode(rawValue: trouble.code.rawValue) else { return nil }
    var chain = [root]
    for job in [trouble.at, trouble.cause] where chain.last != job { chain.append(job) }
    self.init(code, at: trouble.cause, chain: chain)
    evidence.name = trouble.name
    evidence.reason = trouble.reason.isEmpty ? nil : trouble.reason
    evidence.parent = trouble.cause == trouble.at ? nil : trouble.at
    switch trouble.code {
    case .failed: fixes = [.retryFlow(root)]
    case .failedChild: fixes = [.retryFlow(root), .releaseFlow(root)]
    case .missingChild, .completedStillPending, .waitsForNothing: fixes = [.releaseFlow(root)]
    case .stalled: fixes = [.startWorker(trouble.at.queue)]
    case .missingParent, .doubtful: fixes = []
    }
  }
}

extension Cause.Fix {
  /// The same for the whole of a flow.
  func of(flow root: JobKey) -> Cause.Fix {
    switch self {
    case .retryFlow: .retryFlow(root)
    case .releaseFlow: .releaseFlow(root)
    case .cancelFlow: .cancelFlow(root)
    default: self
    }
  }
}
