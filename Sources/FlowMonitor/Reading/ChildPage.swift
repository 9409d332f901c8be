import QueueClient
import Redis

/// A page of a job's children, with what became of each: of a small family all of them.
public struct ChildPage: Sendable, Hashable {
  /// The children, those that need somebody first.
  public var children: [Child]
  /// How many there are of each kind.
  public var counts: DependenciesCount
  /// Where the next page begins; `nil` at the end.
  public var next: Place?

  /// A child.
  public struct Child: Sendable, Hashable {
    /// Which job.
    public var key: JobKey
    /// What its parent holds of it.
    public var kind: Family.Kind
    /// Its state; that of one that is gone follows from what its parent holds.
    public var state: JobState
    /// Its name; `nil` where it is gone.
    public var name: String?
    /// What it returned; `nil` where it did not, or that is too long.
    public var value: JSON?
    /// How many bytes that has, where it is too long.
    public var longValue: Int?
    /// Why it failed.
    public var reason: String?
    /// How long the worker took, in milliseconds.
    public var duration: Int?

    /// A child of which no more is known than what its parent holds.
    public init(key: JobKey, kind: Family.Kind) {
      self.key = key
      self.kind = kind
      state = kind == .unprocessed ? .unknown : kind.usualState
    }
  }

  /// Where a page begins.
  public struct Place: Sendable, Hashable {
    var kind: Family.Kind
    var cursor: String?
  }

  /// A page from its parts.
  public init(children: [Child], counts: DependenciesCount, next: Place? = nil) {
    self.children = children
    self.counts = counts
    self.next = next
  }

  /// About so many children are a page.
  public static let most = 100

  /// Reads a page.
  ///
  /// - Parameter place: where it begins, as the page before says; `nil` for the first.
  /// - Throws: `RedisError`.
  static func read(of parent: JobKey, at place: Place?, by redis: RedisClient) async throws -> ChildPage {
    let inspector = FamilyInspector(connection: redis)
    let counts = try await inspector.few(of: parent, limit: 0).counts
    var met: [(child: FamilyInspector.Child, kind: Family.Kind)] = []
    var place = place ?? FamilyPass.order.first.map { Place(kind: $0) }
    while let at = place, met.count < most {
      let step = try await inspector.step(through: at.kind.inspected, of: parent, from: at.cursor, count: most)
      met += step.children.map { ($0, at.kind) }
      place =
        step.next.map { Place(kind: at.kind, cursor: $0) }
        ?? FamilyPass.order.drop { $0 != at.kind }.dropFirst().first.map { Place(kind: $0) }
    }
    var seen: Set<JobKey> = []
    met = met.filter { seen.insert($0.child.key).inserted }
    let jobs = try await JobReader(redis: redis).read(met.map(\.child.key)).jobs
    let values = try await values(of: met.filter { $1 == .processed }.map(\.child.key), in: parent, by: redis)
    let children = met.map { found, kind in
      Child(found, kind: kind, job: jobs[found.key], value: values[found.key])
    }
    return ChildPage(children: children.sorted { $0.order < $1.order }, counts: counts, next: place)
  }

  /// What finished children returned, as their parent holds it, and the sizes of what is too long to be read.
  private static func values(
    of children: [JobKey], in parent: JobKey, by redis: RedisClient
  ) async throws -> [JobKey: (text: String?, size: Int)] {
    let hash = RedisCommand.Argument.text(parent[.processed])
    let sizes = try await redis.rawReplies(to: children.map { ["HSTRLEN", hash, .text($0.description)] })
    let measured = zip(children, sizes).map { (key: $0, size: $1.int ?? 0) }
    let short = measured.filter { $0.size > 0 && $0.size <= valueLimit }
    let texts = try await redis.rawReplies(to: short.map { ["HGET", hash, .text($0.key.description)] })
    let known = Dictionary(zip(short.map(\.key), texts.map(\.string))) { first, _ in first }
    return Dictionary(measured.map { ($0.key, (known[$0.key] ?? nil, $0.size)) }) { first, _ in first }
  }

  private static let valueLimit = 4096
}

extension ChildPage.Child {
  fileprivate init(
    _ found: FamilyInspector.Child, kind: Family.Kind, job: FlowJob?, value: (text: String?, size: Int)?
  ) {
    self.init(key: found.key, kind: kind)
    if let job {
      (state, name, reason) = (job.state, job.name, job.failedReason)
      if let begun = job.processedOn, let ended = job.finishedOn {
        let (taken, isOver) = ended.subtractingReportingOverflow(begun)
        duration = isOver ? nil : max(0, taken)
      }
      self.value = job.returnvalue
      longValue = job.longReturnvalue
    } else {
      name = found.name
    }
    if let value, value.size > 0 {
      self.value = value.text.map { JSON(tolerating: $0) }
      longValue = value.text == nil ? value.size : nil
    }
    if kind == .ignored { reason = found.kept ?? reason }
  }

  /// Those that need somebody first, then by name and key.
  fileprivate var order: (Int, String, JobKey) {
    let rank = ChildGroup.ID(kind: kind, state: state).rank
    return (rank, name ?? "\u{10FFFF}", key)
  }
}
