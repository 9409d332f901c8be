/// One change that somebody made, for a file that keeps them (`ChangeAudit`). It holds names alone: no data, no options,
/// no passwords.
public struct ChangeRecord: Sendable, Hashable {
  /// When, in milliseconds since 1970.
  public var when: Int
  /// What was done: `flow release`, `queue pause`.
  public var verb: String
  /// The keys of the jobs or queues that were really changed; of very many, the first.
  public var subjects: [String]
  /// How many these were.
  public var count: Int
  /// What came of it: `done`, or why not, and to what it was to be done.
  public var result: String

  /// A record from its parts.
  public init(when: Int, verb: String, subjects: [String], result: String) {
    self.when = when
    self.verb = verb
    self.subjects = Array(subjects.prefix(Self.limit))
    count = subjects.count
    self.result = result
  }

  /// A record of what was refused, or failed: nothing was changed.
  ///
  /// - Parameters:
  ///   - wanted: the keys of the jobs or queues that it was to be done to.
  ///   - reason: why it was not.
  public init(when: Int, verb: String, refused wanted: [String], reason: String) {
    let more = wanted.count > 1 ? " and \(wanted.count - 1) more" : ""
    let place = wanted.first.map { " (\($0)\(more))" } ?? ""
    self.init(when: when, verb: verb, subjects: [], result: "refused: \(reason)\(place)")
  }

  /// Of so many subjects the keys are kept.
  public static let limit = 1000
}

/// Whoever changes something tells it here: commands and the dashboard alike. It never fails: what cannot be kept is
/// what it gives back, as a warning in words.
public typealias ChangeAudit = @Sendable (ChangeRecord) -> String?
