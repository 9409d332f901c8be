/// Which jobs somebody looks for: all of its terms must hold.
///
/// ```swift
/// let filter = try JobFilter("state:failed name:paint error~ECONN data.user.id=7 !queue:mail* older:1h")
/// ```
public struct JobFilter: Sendable, Hashable {
  /// What must hold, in the order written.
  public var terms: [Term]

  /// A filter of terms; without any, every job passes.
  public init(terms: [Term] = []) { self.terms = terms }

  /// One thing that must hold, or must not.
  public struct Term: Sendable, Hashable {
    /// What is asked.
    public var condition: Condition
    /// Whether it must not hold.
    public var isNegated: Bool

    /// A term from its parts.
    public init(_ condition: Condition, isNegated: Bool = false) {
      self.condition = condition
      self.isNegated = isNegated
    }
  }

  /// What can be asked of a job.
  public enum Condition: Sendable, Hashable {
    /// It is in one of these states.
    case state(Set<JobState>)
    /// Its queue's name is like one of these.
    case queue([Glob])
    /// Its id, its name or the reason of its failure holds this, in capitals or not.
    case text(Needle)
    /// What a field of it holds.
    case field(Field, Comparison)
    /// Since it ended, or, where it has not, since it was added, more than so many milliseconds have passed.
    case older(Int)
    /// Fewer than that have.
    case newer(Int)
  }

  /// What of a job is compared.
  public enum Field: Sendable, Hashable {
    /// Its id.
    case id
    /// A field that is plain text.
    case plain(JobField)
    /// How many attempts have ended.
    case attempts
    /// A field that is JSON, or the member of it that a path leads to.
    case json(JobField, path: [String])
  }

  /// How it is compared.
  public enum Comparison: Sendable, Hashable {
    /// It is like one of these.
    case like([Glob])
    /// It is this, or a number that is the same.
    case equal(String)
    /// It holds this, in capitals or not.
    case contains(Needle)
    /// It is a number on this side of another.
    case number(Side, Double)
  }

  /// A side of a number.
  public enum Side: String, Sendable, Hashable, CaseIterable {
    case less = "<"
    case more = ">"
    case atMost = "<="
    case atLeast = ">="
  }
}

extension JobFilter {
  /// The states that jobs can be in which pass.
  public var states: Set<JobState> {
    terms.reduce(into: Set(JobState.allCases).subtracting([.unknown])) { states, term in
      guard case .state(let its) = term.condition else { return }
      if term.isNegated { states.subtract(its) } else { states.formIntersection(its) }
    }
  }

  /// Whether jobs of a queue can pass.
  public func allows(_ queue: QueueKey) -> Bool {
    terms.allSatisfy { term in
      guard case .queue(let names) = term.condition else { return true }
      return names.contains { $0.matches(queue.name) } != term.isNegated
    }
  }

  /// The names of the only queues whose jobs can pass; `nil` where a name may be any, or like something.
  public var queueNames: Set<String>? {
    for term in terms {
      guard case .queue(let names) = term.condition, !term.isNegated else { continue }
      let texts = names.compactMap(\.literal)
      if texts.count == names.count { return Set(texts) }
    }
    return nil
  }

  /// The id that is looked for, where nothing else is asked but the queue: such a job is found without going through any.
  public var soleID: String? {
    var id: String?
    for term in terms {
      switch term.condition {
      case .queue: continue
      case .field(.id, .equal(let text)) where !term.isNegated && id == nil: id = text
      default: return nil
      }
    }
    return id
  }

  /// The fields of a job's hash that must be read to tell whether it passes.
  public var neededFields: [JobField] {
    var fields: Set<JobField> = []
    for term in terms {
      switch term.condition {
      case .state, .queue, .field(.id, _): break
      case .text: fields.formUnion([.name, .failedReason])
      case .field(.plain(let field), _), .field(.json(let field, _), _): fields.insert(field)
      case .field(.attempts, _): fields.formUnion([.attemptsMade, .formerAttemptsMade])
      case .older, .newer: fields.insert(.timestamp)
      }
    }
    return JobField.allCases.filter(fields.contains)
  }

  /// The least and the greatest age, in milliseconds, of jobs that can pass; `nil` where there is no such bound.
  public var ages: (least: Int?, most: Int?) {
    var (least, most): (Int?, Int?)
    for term in terms {
      switch (term.condition, term.isNegated) {
      case (.older(let age), false), (.newer(let age), true): least = max(least ?? age, age)
      case (.newer(let age), false), (.older(let age), true): most = min(most ?? age, age)
      default: break
      }
    }
    return (least, most)
  }
}
