import QueueClient
import Redis

/// All members of a group of children, read step by step, for whoever acts on them.
public struct GroupReader: Sendable {
  private let inspector: FamilyInspector

  /// A group with more members than this is not read: its parent's own verbs do better.
  public static let most = 10_000

  /// Why a group is not read.
  public enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// It has too many members.
    case tooMany
    /// It holds all that are in no other group.
    case mixed

    /// One line: what, and what to do.
    public var description: String {
      switch self {
      case .tooMany: "the group has more than 10,000 jobs: act on its parent instead"
      case .mixed: "the group is a mixture: open it and mark jobs"
      }
    }
  }

  /// A reader of the groups of a Redis.
  public init(connection redis: RedisClient) { inspector = FamilyInspector(connection: redis) }

  /// The members of a group as they are now.
  ///
  /// - Throws: `Refusal`, `RedisError`, `CancellationError`.
  public func members(of key: GroupKey) async throws -> [JobKey] {
    let group = key.group
    // Children that are gone have no name; of others that means that they have several.
    if group.name == nil, group.state != .unknown { throw Refusal.mixed }
    var members: [JobKey] = []
    var seen: Set<JobKey> = []
    var cursor: String?
    repeat {
      try Task.checkCancellation()
      let step = try await inspector.step(
        through: group.kind.inspected, of: key.parent, from: cursor, count: FamilyInspector.stepSize * 2)
      members += step.children.filter(group.holds).map(\.key).filter { seen.insert($0).inserted }
      if members.count > Self.most { throw Refusal.tooMany }
      cursor = step.next
    } while cursor != nil
    return members
  }
}

extension ChildGroup.ID {
  /// Whether a child of the group's kind belongs to it.
  func holds(_ child: FamilyInspector.Child) -> Bool {
    guard child.state == state else { return false }
    let isOfName = child.name == name || child.name.map(FamilyPass.shape) == name
    return isOfName && reason == (state == .failed ? child.kept.map(ErrorNormalizer.normalized) : nil)
  }
}
