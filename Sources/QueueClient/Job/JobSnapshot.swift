import Redis

/// A job's hash, as it stood when it was read.
///
/// Decoding tolerates anything: a missing field, a number that is none, JSON that does not parse.
public struct JobSnapshot: Sendable, Hashable {
  /// Where the job is.
  public var key: JobKey
  /// The job's name.
  public var name: String
  /// The data, as JSON text.
  public var data: String
  /// The options, as stored (with BullMQ's short names).
  public var opts: JSON
  /// When it was added, in milliseconds since 1970.
  public var timestamp: Int?
  /// How long it was told to wait, in milliseconds.
  public var delay: Int
  /// 0 is none; 1 is the most urgent.
  public var priority: Int
  /// When a worker took it, in milliseconds since 1970.
  public var processedOn: Int?
  /// When it ended, in milliseconds since 1970.
  public var finishedOn: Int?
  /// How often a worker took it.
  public var attemptsStarted: Int
  /// How many attempts have ended.
  public var attemptsMade: Int
  /// How often it stalled.
  public var stalledCounter: Int
  /// What the processor returned, as JSON text.
  public var returnvalue: String?
  /// Why the last attempt failed.
  public var failedReason: String?
  /// Stacks of the failures, newest last.
  public var stacktrace: [String]
  /// Progress: a number or an object.
  public var progress: JSON?
  /// The parent.
  public var parentKey: JobKey?
  /// What a failure of this job does to its parent.
  public var failurePolicy: FailurePolicy?
  /// The worker's name.
  public var processedBy: String?
  /// A failure decided elsewhere: the next worker to take the job fails it with this.
  public var deferredFailure: String?

  /// A snapshot from the fields of a hash.
  public init(key: JobKey, fields: [String: String]) {
    self.key = key
    let opts = fields["opts"].flatMap { try? JSON(parsing: $0) } ?? .object([])
    let parent = fields["parent"].flatMap { try? JSON(parsing: $0) }
    self.opts = opts
    name = fields["name"] ?? ""
    data = fields["data"] ?? "null"
    timestamp = fields["timestamp"].flatMap { Int($0) }
    delay = fields["delay"].flatMap { Int($0) } ?? 0
    priority = fields["priority"].flatMap { Int($0) } ?? 0
    processedOn = fields["processedOn"].flatMap { Int($0) }
    finishedOn = fields["finishedOn"].flatMap { Int($0) }
    attemptsStarted = fields["ats"].flatMap { Int($0) } ?? 0
    attemptsMade = (fields["atm"] ?? fields["attemptsMade"]).flatMap { Int($0) } ?? 0
    stalledCounter = fields["stc"].flatMap { Int($0) } ?? 0
    returnvalue = fields["returnvalue"]
    failedReason = fields["failedReason"]
    stacktrace =
      fields["stacktrace"].flatMap { try? JSON(parsing: $0) }?.array?.compactMap(\.string) ?? []
    progress = fields["progress"].flatMap { try? JSON(parsing: $0) }
    parentKey = fields["parentKey"].flatMap { JobKey($0) }
    failurePolicy = parent.flatMap(FailurePolicy.init(stored:))
    processedBy = fields["pb"]
    deferredFailure = fields["defa"]
  }

  /// A snapshot from a reply of `HGETALL`; `nil` from an empty one.
  init?(key: JobKey, reply: RESPValue) {
    let pairs = reply.pairs
    guard !pairs.isEmpty else { return nil }
    self.init(key: key, fields: Dictionary(pairs.map { ($0.name, $0.value.string ?? "") }) { _, last in last })
  }

  /// How many attempts the options allow; at least one.
  public var attempts: Int { max(1, opts["attempts"]?.int ?? 1) }
}

/// What the failure of a child does to its parent. Without one, the parent keeps waiting.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
  /// The parent fails too.
  case failParentOnFailure
  /// The parent runs at once, whatever else is pending.
  case continueParentOnFailure
  /// The failure is noted, and the parent waits for the rest.
  case ignoreDependencyOnFailure
  /// The child is forgotten, and the parent waits for the rest.
  case removeDependencyOnFailure

  /// The short name in Redis.
  public var storedName: String {
    switch self {
    case .failParentOnFailure: "fpof"
    case .continueParentOnFailure: "cpof"
    case .ignoreDependencyOnFailure: "idof"
    case .removeDependencyOnFailure: "rdof"
    }
  }

  init?(stored parent: JSON) {
    guard let policy = FailurePolicy.allCases.first(where: { parent[$0.storedName]?.bool == true }) else { return nil }
    self = policy
  }
}
