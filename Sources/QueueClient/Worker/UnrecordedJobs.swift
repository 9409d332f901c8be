/// What a worker's `run()` throws when Redis was away, or took no changes, for so long at its end that it could not be told of all jobs.
public struct UnrecordedJobs: Error, Sendable, Hashable, CustomStringConvertible {
  /// Jobs that have ended, which is not known to be recorded: other workers may run them again.
  public var ended: [JobKey]
  /// Jobs that did not end: other workers find them when their locks have run out.
  public var handedBack: [JobKey]

  init(_ jobs: [EndedJob]) {
    ended = jobs.filter { $0.outcome != .handedBack }.map(\.job.key).sorted()
    handedBack = jobs.filter { $0.outcome == .handedBack }.map(\.job.key).sorted()
  }

  /// What several workers could not tell.
  public init(joining all: [UnrecordedJobs]) {
    ended = all.flatMap(\.ended).sorted()
    handedBack = all.flatMap(\.handedBack).sorted()
  }

  /// So many jobs are named.
  private static let named = 100

  /// One line: which jobs, and what becomes of them.
  public var description: String {
    let parts = [
      ended.isEmpty
        ? nil
        : "the ends of \(Self.names(ended)) could not be recorded (Redis is away, or takes no changes); they may run again",
      handedBack.isEmpty
        ? nil : "\(Self.names(handedBack)) could not be handed back; other workers find them when their locks run out",
    ]
    return parts.compactMap { $0 }.joined(separator: "; ")
  }

  private static func names(_ keys: [JobKey]) -> String {
    let rest = keys.count - named
    return keys.prefix(named).map(\.description).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
