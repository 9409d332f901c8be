/// A job's options, by BullMQ's names; options we do not know pass through as they are.
///
/// ```swift
/// let options: JobOptions = ["attempts": 3, "backoff": ["type": "exponential", "delay": 1000]]
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

  /// The custom id.
  public var jobId: String? {
    get { self["jobId"]?.string }
    set { self["jobId"] = newValue.map { .string($0) } }
  }

  /// Milliseconds to wait before the job may run.
  public var delay: Int { max(0, self["delay"]?.int ?? 0) }

  /// 0 is none, 1 the most urgent.
  public var priority: Int { self["priority"]?.int ?? 0 }

  /// Whether the job goes to the front of the queue.
  public var lifo: Bool { self["lifo"]?.bool ?? false }

  /// The policies that are switched on.
  public var failurePolicies: [FailurePolicy] {
    FailurePolicy.allCases.filter { self[$0.rawValue]?.bool == true }
  }

  /// The options as they stand in the job's hash: some names are short there.
  var stored: JSON {
    var all: JobOptions = ["delay": 0, "attempts": 0]
    all = all.overlaid(with: self)
    return .object(all.members.map { JSON.Member(Self.storedNames[$0.name] ?? $0.name, $0.value) })
  }

  private static let storedNames: [String: String] = [
    "deduplication": "de", "keepLogs": "kl", "omitContext": "omc",
    "failParentOnFailure": "fpof", "continueParentOnFailure": "cpof",
    "ignoreDependencyOnFailure": "idof", "removeDependencyOnFailure": "rdof",
  ]
}
