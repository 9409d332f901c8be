import Redis

/// A job's hash, as it stood when it was read.
///
/// Decoding tolerates anything: a missing field, a number that is none, JSON that does not parse. A field is decoded
/// when it is asked for: whoever reads a thousand jobs seldom wants to know all of each.
public struct JobSnapshot: Sendable, Hashable {
  /// Where the job is.
  public var key: JobKey
  /// Names and values by turns, as `HGETALL` answers; of a name that is there twice, the later counts.
  private let hash: [RESPValue]

  /// A snapshot from the fields of a hash.
  public init(key: JobKey, fields: [String: String]) {
    self.init(key: key, fields: fields.flatMap { [$0.key, $0.value] })
  }

  /// A snapshot from names and values by turns.
  init(key: JobKey, fields: [String] = []) {
    self.key = key
    hash = fields.map { .status($0) }
  }

  /// A snapshot from a reply of `HGETALL`; `nil` from an empty one.
  init?(key: JobKey, reply: RESPValue) {
    guard let elements = reply.array, elements.count > 1 else { return nil }
    self.key = key
    hash = elements
  }

  private func value(_ name: StaticString) -> RESPValue? {
    stride(from: (hash.count & ~1) - 2, through: 0, by: -2).first { hash[$0].isText(name) }.map { hash[$0 + 1] }
  }

  private func text(_ name: StaticString) -> String? { value(name)?.string }

  private func int(_ name: StaticString) -> Int? { value(name)?.int }

  private func json(_ name: StaticString) -> JSON? { text(name).flatMap { try? JSON(parsing: $0) } }
}

extension JobSnapshot {
  /// The job's name.
  public var name: String { text("name") ?? "" }

  /// The data, as JSON text.
  public var data: String { text("data") ?? "null" }

  /// The options, as stored (with BullMQ's short names).
  public var opts: JSON { json("opts") ?? .object([]) }

  /// When it was added, in milliseconds since 1970.
  public var timestamp: Int? { int("timestamp") }

  /// How long it was told to wait, in milliseconds.
  public var delay: Int { int("delay") ?? 0 }

  /// 0 is none; 1 is the most urgent.
  public var priority: Int { int("priority") ?? 0 }

  /// When a worker took it, in milliseconds since 1970.
  public var processedOn: Int? { int("processedOn") }

  /// When it ended, in milliseconds since 1970.
  public var finishedOn: Int? { int("finishedOn") }

  /// How often a worker took it.
  public var attemptsStarted: Int { int("ats") ?? 0 }

  /// How many attempts have ended. BullMQ 4 and older wrote it under its long name.
  public var attemptsMade: Int { int("atm") ?? int("attemptsMade") ?? 0 }

  /// How many attempts the options allow; at least one.
  public var attempts: Int { max(1, opts["attempts"]?.int ?? 1) }

  /// How often it stalled.
  public var stalledCounter: Int { int("stc") ?? 0 }

  /// What the processor returned, as JSON text.
  public var returnvalue: String? { text("returnvalue") }

  /// Why the last attempt failed.
  public var failedReason: String? { text("failedReason") }

  /// Stacks of the failures, newest last.
  public var stacktrace: [String] { json("stacktrace")?.array?.compactMap(\.string) ?? [] }

  /// Progress: a number or an object.
  public var progress: JSON? { json("progress") }

  /// The parent.
  public var parentKey: JobKey? {
    text("parentKey").flatMap { JobKey(parentKey: $0, parent: text("parent"), of: key.queue) }
  }

  /// What a failure of this job does to its parent.
  public var failurePolicy: FailurePolicy? { json("parent").flatMap(FailurePolicy.init(stored:)) }

  /// The worker's name.
  public var processedBy: String? { text("pb") }

  /// A failure decided elsewhere: the next worker to take the job fails it with this.
  public var deferredFailure: String? { text("defa") }

  /// The id that keeps others like it out.
  public var deduplicationID: String? { text("deid") }

  /// The job scheduler that made it.
  public var repeatJobKey: String? { text("rjk") }
}
