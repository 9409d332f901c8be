import Redis

extension JobFilter {
  /// A job as far as a filter needs to know it.
  public struct Candidate: Sendable {
    /// Which job.
    public var key: JobKey
    /// The state that the place has where it was met.
    public var state: JobState
    /// When it ended, in milliseconds since 1970; `nil` where it has not.
    public var endedOn: Int?
    private let names: [JobField]
    private let values: [RESPValue]

    /// A job from what was read of it.
    ///
    /// - Parameters:
    ///   - names: fields of its hash.
    ///   - values: what each holds: its text, null where there is none, or a number, which is the size of what is too long to
    ///     be read.
    public init(key: JobKey, state: JobState, endedOn: Int? = nil, names: [JobField], values: [RESPValue]) {
      self.key = key
      self.state = state
      self.endedOn = endedOn
      self.names = names
      self.values = values
    }

    /// A field as far as it was read.
    fileprivate enum Read {
      case text(String)
      case absent
      case tooLong
    }

    fileprivate func read(_ field: JobField) -> Read {
      guard let index = names.firstIndex(of: field), values.indices.contains(index) else { return .absent }
      if case .integer = values[index] { return .tooLong }
      return values[index].string.map { .text($0) } ?? .absent
    }
  }

  /// Whether a job passes.
  ///
  /// - Parameter now: the time, in milliseconds since 1970.
  /// - Returns: `nil` where that hangs on a field that was too long to be read.
  public func matches(_ job: Candidate, now: Int) -> Bool? {
    var isKnown = true
    for term in terms {
      guard let holds = term.condition.holds(for: job, now: now) else {
        isKnown = false
        continue
      }
      if holds == term.isNegated { return false }
    }
    return isKnown ? true : nil
  }
}

extension JobFilter.Condition {
  fileprivate func holds(for job: JobFilter.Candidate, now: Int) -> Bool? {
    switch self {
    case .state(let states): return states.contains(job.state)
    case .queue(let names): return names.contains { $0.matches(job.key.queue.name) }
    case .text(let needle): return Self.isFound(needle, in: job)
    case .field(let field, let comparison): return field.isSuch(comparison, in: job)
    case .older(let age): return Self.age(of: job, now: now).map { $0 > age } ?? false
    case .newer(let age): return Self.age(of: job, now: now).map { $0 < age } ?? false
    }
  }

  private static func isFound(_ needle: Needle, in job: JobFilter.Candidate) -> Bool? {
    if needle.isFound(in: job.key.id) { return true }
    var isKnown = true
    for field in [JobField.name, .failedReason] {
      switch job.read(field) {
      case .text(let text): if needle.isFound(in: text) { return true }
      case .absent: break
      case .tooLong: isKnown = false
      }
    }
    return isKnown ? false : nil
  }

  private static func age(of job: JobFilter.Candidate, now: Int) -> Int? {
    if let endedOn = job.endedOn { return now.clamped - endedOn.clamped }
    guard case .text(let text) = job.read(.timestamp), let added = Int(clamping: text) else { return nil }
    return now.clamped - added
  }
}

extension JobFilter.Field {
  fileprivate func isSuch(_ comparison: JobFilter.Comparison, in job: JobFilter.Candidate) -> Bool? {
    switch self {
    case .id: return comparison.holds(for: job.key.id)
    case .attempts:
      let fields = [JobField.attemptsMade, .formerAttemptsMade].map { job.read($0) }
      for case .text(let text) in fields { return comparison.holds(for: text) }
      return comparison.holds(for: "0")
    case .plain(let field):
      switch job.read(field) {
      case .text(let text): return comparison.holds(for: text)
      case .absent: return false
      case .tooLong: return nil
      }
    case .json(let field, let path):
      switch job.read(field) {
      case .text(let text): return Self.isSuch(comparison, text, path)
      case .absent: return false
      case .tooLong: return nil
      }
    }
  }

  /// The whole text is compared as it is; a member of it by what it is.
  private static func isSuch(_ comparison: JobFilter.Comparison, _ text: String, _ path: [String]) -> Bool {
    if case .contains(let needle) = comparison {
      // What the text does not hold no member of it holds, but for what stands as an escape in it.
      if path.isEmpty { return needle.isFound(in: text) }
      if !text.utf8.contains(UInt8(ascii: "\\")), !needle.isFound(in: text) { return false }
    }
    guard let value = try? JSON(parsing: text) else { return path.isEmpty && comparison.holds(for: text) }
    return isSuch(comparison, value, path[...])
  }

  private static func isSuch(_ comparison: JobFilter.Comparison, _ value: JSON, _ path: ArraySlice<String>) -> Bool {
    if let elements = value.array {
      // A place of the array, or any of them.
      if let name = path.first, let place = Int(name) {
        return elements.indices.contains(place) && isSuch(comparison, elements[place], path.dropFirst())
      }
      return elements.contains { isSuch(comparison, $0, path) }
    }
    guard let name = path.first else { return comparison.holds(for: value) }
    return value[name].map { isSuch(comparison, $0, path.dropFirst()) } ?? false
  }
}

extension JobFilter.Comparison {
  fileprivate func holds(for value: JSON) -> Bool {
    switch value {
    case .string(let text), .number(let text): holds(for: text)
    default: holds(for: value.text)
    }
  }

  fileprivate func holds(for text: String) -> Bool {
    switch self {
    case .like(let globs): return globs.contains { $0.matches(text) }
    case .equal(let wanted):
      if text == wanted { return true }
      guard let left = Double(text), let right = Double(wanted) else { return false }
      return left == right
    case .contains(let needle): return needle.isFound(in: text)
    case .number(let side, let bound):
      guard let number = Double(text), !number.isNaN else { return false }
      switch side {
      case .less: return number < bound
      case .more: return number > bound
      case .atMost: return number <= bound
      case .atLeast: return number >= bound
      }
    }
  }
}
