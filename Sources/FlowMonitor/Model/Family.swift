import QueueClient

/// The children of a job, as its parent's bookkeeping and a look at them tell.
///
/// A small family is a list of children; a wide one (more than `wide`) is a list of groups, each of which opens into
/// members, page by page.
public struct Family: Sendable, Hashable {
  /// Families of more children than this are shown as groups.
  public static let wide = 20

  /// The children of a small family, in a steady order; empty where there are groups.
  public var children: [Child] = []
  /// The groups of a wide family, those that need somebody first; empty for a small one.
  public var groups: [ChildGroup] = []
  /// The child of a wide family that somebody has gone to, as a row of its own; `nil` where it is none.
  public var revealed: Child?
  /// The child that was looked for to be revealed.
  public var sought: JobKey?
  /// Values of the finished children that were read, small ones only.
  public var values: [JobKey: JSON] = [:]
  /// The sum of the finished children's values, where all of them were read and all are numbers.
  public var sum: Double?
  /// How far the look at a wide family's children has come.
  public var progress = Progress.complete

  /// A family of nobody.
  public init() {}

  /// One child, by what its parent holds about it.
  public struct Child: Sendable, Hashable {
    /// Where it is.
    public var key: JobKey
    /// What became of it.
    public var kind: Kind

    /// A child from its place and what became of it.
    public init(key: JobKey, kind: Kind) {
      self.key = key
      self.kind = kind
    }
  }

  /// What became of a child, by the four keys beside its parent's hash.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Not finished yet (`dependencies`).
    case unprocessed
    /// Finished (`processed`).
    case processed
    /// Failed, and ignored (`ID:failed`).
    case ignored
    /// Failed, and its parent with it (`unsuccessful`).
    case failed
  }
}

/// Children of a wide family that are alike: in one state, of one name and, where they failed, for one reason.
public struct ChildGroup: Sendable, Hashable, Identifiable {
  /// What tells the groups of one family apart.
  public struct ID: Sendable, Hashable {
    /// What became of them, as the parent holds it.
    public var kind: Family.Kind
    /// Their state.
    public var state: JobState
    /// Their name; `nil` where they have several, or nobody has looked.
    public var name: String?
    /// Why they failed, normalised (numbers and ids left out); `nil` for others.
    public var reason: String?

    /// An identity from its parts.
    public init(kind: Family.Kind, state: JobState, name: String? = nil, reason: String? = nil) {
      self.kind = kind
      self.state = state
      self.name = name
      self.reason = reason
    }
  }

  /// Which group.
  public var id: ID
  /// How many belong to it.
  public var count: KnownCount
  /// Whether nobody has looked at them yet: no more is known than how many there are.
  public var isUnseen = false
  /// Its members as far as they were asked for and read, in a steady order.
  public var members: [JobKey] = []
  /// The last of its members, where they are known before those in between.
  public var last: [JobKey] = []

  /// A group.
  public init(id: ID, count: KnownCount, members: [JobKey] = [], last: [JobKey] = []) {
    self.id = id
    self.count = count
    self.members = members
    self.last = last
  }

  /// Whether there are members between the first and the last ones that are known.
  public var hasMore: Bool { !count.isExact || members.count + last.count < count.value }

  /// Which one a member is, from 1 on.
  public func position(of member: JobKey) -> Int? {
    if let index = members.firstIndex(of: member) { return index + 1 }
    return last.firstIndex(of: member).map { max(members.count, count.value - last.count) + $0 + 1 }
  }
}

/// A group of a job's family.
public struct GroupKey: Sendable, Hashable {
  /// The parent.
  public var parent: JobKey
  /// The group.
  public var group: ChildGroup.ID

  /// A place from its parts.
  public init(parent: JobKey, group: ChildGroup.ID) {
    self.parent = parent
    self.group = group
  }
}
