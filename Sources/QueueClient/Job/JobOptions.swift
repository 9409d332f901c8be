/// A job's options, by BullMQ's names; options we do not know pass through as they are.
///
/// ```swift
/// var options: JobOptions = ["attempts": 3, "backoff": ["type": "exponential", "delay": 1000]]
/// options.priority = 10
/// options.failurePolicy = .failParentOnFailure
/// ```
public struct JobOptions: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// The options in the order given.
  public private(set) var members: [JSON.Member]

  /// Options from their names and values.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    members = []
    for (name, value) in elements { self[name] = value }
  }

  /// Options from a JSON object; `nil` for anything else.
  public init?(_ json: JSON) {
    guard let given = json.members else { return nil }
    members = []
    for member in given { self[member.name] = member.value }
  }

  /// One option; setting `nil` removes it.
  public subscript(name: String) -> JSON? {
    get { members.last { $0.name == name }?.value }
    set {
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(JSON.Member(name, value))
      case (nil, nil): break
      }
    }
  }

  /// These options, with others laid over them.
  public func overlaid(with other: JobOptions) -> JobOptions {
    var result = self
    for member in other.members { result[member.name] = member.value }
    return result
  }
}

// MARK: By name

extension JobOptions {
  /// The priorities that BullMQ takes; 0 is none, 1 the most urgent.
  public static let priorities = 0...2_097_151

  /// The custom id: no integer, and without a colon. An empty one is none.
  public var jobId: String? {
    get { self["jobId"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    set { self["jobId"] = newValue.map { .string($0) } }
  }

  /// Milliseconds to wait before the job may run; of a parent, from its release on.
  public var delay: Int {
    get { max(0, self["delay"]?.int ?? 0) }
    set { self["delay"] = .int(newValue) }
  }

  /// 0 is none, 1 the most urgent, 2,097,151 the least.
  public var priority: Int {
    get { self["priority"]?.int ?? 0 }
    set { self["priority"] = .int(newValue) }
  }

  /// How often the job is tried at most.
  public var attempts: Int {
    get { max(1, self["attempts"]?.int ?? 1) }
    set { self["attempts"] = .int(newValue) }
  }

  /// How long to wait before another attempt.
  public var backoff: BackoffOptions? {
    get { self["backoff"].flatMap(BackoffOptions.init) }
    set { self["backoff"] = newValue?.json }
  }

  /// Whether the job goes to the front of the queue.
  public var lifo: Bool {
    get { self["lifo"]?.bool ?? false }
    set { self["lifo"] = .bool(newValue) }
  }

  /// What is kept when the job completes; `nil` keeps all.
  public var removeOnComplete: KeepJobs? {
    get { self["removeOnComplete"].flatMap(KeepJobs.init) }
    set { self["removeOnComplete"] = newValue?.json }
  }

  /// What is kept when the job fails for good; `nil` keeps all.
  public var removeOnFail: KeepJobs? {
    get { self["removeOnFail"].flatMap(KeepJobs.init) }
    set { self["removeOnFail"] = newValue?.json }
  }

  /// The existing job that waits for this one.
  public var parent: JobKey? {
    get {
      guard let parent = self["parent"], let id = parent["id"]?.string,
        let queue = parent["queue"]?.string.flatMap({ QueueKey(qualifiedName: $0) })
      else { return nil }
      return JobKey(queue: queue, id: id)
    }
    set {
      self["parent"] = newValue.map { ["id": .string($0.id), "queue": .string($0.queue.description)] }
    }
  }

  /// What this job's failure does to its parent; one at most.
  public var failurePolicy: FailurePolicy? {
    get { failurePolicies.first }
    set {
      for policy in FailurePolicy.allCases { self[policy.rawValue] = policy == newValue ? true : nil }
    }
  }

  /// The policies that are switched on; more than one is refused.
  public var failurePolicies: [FailurePolicy] {
    FailurePolicy.allCases.filter { self[$0.rawValue]?.isTruthy == true }
  }

  /// Of jobs with the same deduplication id, one is in the queue at most.
  public var deduplication: DeduplicationOptions? {
    get { self["deduplication"].flatMap(DeduplicationOptions.init) }
    set { self["deduplication"] = newValue?.json }
  }

  /// How many rows of the log are kept; `nil` keeps all.
  public var keepLogs: Int? {
    get { self["keepLogs"]?.int }
    set { self["keepLogs"] = newValue.map { .int($0) } }
  }

  /// How many stacks of failures are kept, the newest; `nil` is all.
  public var stackTraceLimit: Int? {
    get { self["stackTraceLimit"]?.int }
    set { self["stackTraceLimit"] = newValue.map { .int($0) } }
  }

  /// How many bytes of data the job may have; `nil` and 0 are any number.
  public var sizeLimit: Int? {
    get { self["sizeLimit"]?.int.flatMap { $0 == 0 ? nil : $0 } }
    set { self["sizeLimit"] = newValue.map { .int($0) } }
  }

  /// When the job counts as added, in milliseconds since 1970; `nil` and 0 are now.
  public var timestamp: Int? {
    get { self["timestamp"]?.int.flatMap { $0 == 0 ? nil : $0 } }
    set { self["timestamp"] = newValue.map { .int($0) } }
  }
}

// MARK: As stored

extension JobOptions {
  /// The options as they stand in the job's hash: some names are short there.
  var stored: JSON {
    var all: JobOptions = ["attempts": 0]
    all = all.overlaid(with: self)
    return .object(all.storedAsGiven)
  }

  /// The options as a job scheduler stores those of its jobs: as they were given, but for the short names.
  var storedAsGiven: [JSON.Member] {
    members.flatMap { member -> [JSON.Member] in
      switch (member.name, member.value) {
      case (_, .null): []
      case ("telemetry", .object):
        Self.telemetry.compactMap { name, stored in member.value[name].map { JSON.Member(stored.rawValue, $0) } }
          .filter { $0.value != .null }
      case ("backoff", .number): [JSON.Member("backoff", ["type": "fixed", "delay": member.value])]
      case (let name, let value): [JSON.Member(Self.storedNames[name] ?? name, value)]
      }
    }
  }

  /// What telemetry holds stands beside the other options.
  private static let telemetry: [(name: String, stored: ShortOption)] = [
    ("metadata", .telemetry), ("omitContext", .omitContext),
  ]

  private static let storedNames = Dictionary(
    uniqueKeysWithValues: ShortOption.allCases.map { ($0.longName, $0.rawValue) })
}

extension JSON {
  /// What JavaScript takes for true.
  var isTruthy: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .number: double != 0
    case .string(let text): !text.isEmpty
    case .array, .object: true
    }
  }
}
