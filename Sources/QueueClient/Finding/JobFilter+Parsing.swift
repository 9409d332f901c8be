extension JobFilter {
  /// What is wrong with a filter, in a sentence.
  public struct SyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what is allowed.
    public var reason: String
    /// Where, from 1.
    public var column: Int

    init(_ reason: String, at column: Int) {
      self.reason = reason
      self.column = column
    }

    /// The reason and the place.
    public var description: String { "\(reason) (at character \(column))" }
  }

  /// A filter from its text: terms with spaces between, all of which must hold.
  ///
  /// - `FIELD:VALUE` is like it (`*` any text, `?` one character, commas between several), `FIELD=VALUE` exactly it,
  ///   `FIELD~TEXT` holds it, and `<` `>` `<=` `>=` compare numbers; `!` before a term negates it.
  /// - `older:1h` and `newer:90s` ask since when a job has ended, or, where it has not, has been there.
  /// - A word without a sign is looked for in ids, names and reasons; where it is the only one, it is the id itself, or the
  ///   whole key, of a job.
  /// - What stands in `"…"` means itself.
  ///
  /// - Parameters:
  ///   - text: the filter.
  ///   - prefix: what keys begin with.
  ///   - saved: filters by their names, which `@NAME` stands for.
  /// - Throws: `SyntaxError`.
  public init(
    _ text: String, prefix: String = QueueKey.defaultPrefix, saved: [String: String] = [:]
  ) throws(SyntaxError) {
    let words = try FilterWord.words(of: text)
    guard let first = words.first else {
      throw SyntaxError("nothing to look for: an id, or terms such as state:failed", at: 1)
    }
    if words.count == 1, !first.isNegated, let terms = Self.soleJob(first, prefix: prefix) {
      self.init(terms: terms)
    } else {
      self.init(terms: try FilterParser(saved: saved).terms(of: words))
    }
    if states.isEmpty {
      throw SyntaxError("no job is in two states at once; state:failed,delayed takes either", at: first.column)
    }
  }

  /// The one job that a word alone names; `nil` where it is a term.
  private static func soleJob(_ word: FilterWord, prefix: String) -> [Term]? {
    let text = word.text
    if text.hasPrefix(prefix + ":"), let key = JobKey(text, prefix: prefix), key.queue.prefix == prefix {
      return [Term(.queue([Glob(literal: key.queue.name)])), Term(.field(.id, .equal(key.id)))]
    }
    let isScheduled = text.hasPrefix("repeat:")
    guard !text.isEmpty, isScheduled || word.signIndex == nil, !word.isSign("@", at: 0) else { return nil }
    return [Term(.field(.id, .equal(text)))]
  }
}

/// Reads terms.
private struct FilterParser {
  let saved: [String: String]
  /// The saved filters that are being read.
  var open: [String] = []

  typealias SyntaxError = JobFilter.SyntaxError
  typealias Sign = FilterGrammar.Sign

  func terms(of words: [FilterWord]) throws(SyntaxError) -> [JobFilter.Term] {
    var terms: [JobFilter.Term] = []
    for word in words {
      if word.isSign("@", at: 0) {
        terms += try savedTerms(word)
      } else {
        terms.append(JobFilter.Term(try condition(word), isNegated: word.isNegated))
      }
    }
    return terms
  }

  private func savedTerms(_ word: FilterWord) throws(SyntaxError) -> [JobFilter.Term] {
    let name = String(word.text.dropFirst())
    if word.isNegated { throw SyntaxError("a saved filter cannot be negated", at: word.column) }
    guard let text = saved[name] else {
      let names = saved.keys.sorted().map { "@" + $0 }.joined(separator: ", ")
      throw SyntaxError(
        "no filter is saved as '@\(name)'; \(names.isEmpty ? "[filters] in the settings has none" : "saved are \(names)")",
        at: word.column)
    }
    guard !open.contains(name) else { throw SyntaxError("'@\(name)' stands for itself", at: word.column) }
    do {
      let words = try FilterWord.words(of: text)
      return try FilterParser(saved: saved, open: open + [name]).terms(of: words)
    } catch {
      throw SyntaxError("in @\(name): \(error)", at: word.column)
    }
  }

  private func condition(_ word: FilterWord) throws(SyntaxError) -> JobFilter.Condition {
    guard let index = word.signIndex else {
      guard !word.text.isEmpty else { throw SyntaxError("nothing stands behind '!'", at: word.column) }
      return .text(Needle(word.text))
    }
    let path = try Self.path(word, to: index)
    guard let entry = FilterGrammar.entries.first(where: { $0.name == path[0] }) else {
      let names = FilterGrammar.entries.map(\.name).joined(separator: ", ")
      throw SyntaxError(
        "no field '\(path[0])'; fields are \(names); a text with a sign in it stands in quotes", at: word.column)
    }
    if path.count > 1, !entry.hasPath {
      throw SyntaxError("'\(entry.name)' has no members", at: word.column + entry.name.count)
    }
    let rest = String(word.characters[index...].prefix { !$0.isLiteral }.map(\.character))
    let sign = Sign.allCases.first { rest.hasPrefix($0.rawValue) } ?? .like
    guard entry.signs.contains(sign) else {
      let signs = entry.signs.map(\.rawValue).joined(separator: " ")
      throw SyntaxError("'\(entry.name)' takes \(signs), not \(sign.rawValue)", at: word.column(of: index))
    }
    let value = Value(word: word, first: index + sign.rawValue.count)
    if value.characters.isEmpty, !word.hasQuotes {
      throw SyntaxError("nothing stands behind '\(word.text)'", at: value.column)
    }
    return try condition(entry.meaning, path: Array(path.dropFirst()), sign, value)
  }

  /// The field's name, and the path behind it.
  private static func path(_ word: FilterWord, to index: Int) throws(SyntaxError) -> [String] {
    var path = [""]
    for (character, isLiteral) in word.characters[..<index] {
      if character == ".", !isLiteral { path.append("") } else { path[path.count - 1].append(character) }
    }
    if path.count > 1, path.contains("") { throw SyntaxError("a name is missing in '\(word.text)'", at: word.column) }
    return path
  }

  private func condition(
    _ meaning: FilterGrammar.Meaning, path: [String], _ sign: Sign, _ value: Value
  ) throws(SyntaxError) -> JobFilter.Condition {
    switch meaning {
    case .state: return .state(try value.states())
    case .queue: return .queue(sign == .equal ? [Glob(literal: value.text)] : value.globs)
    case .older: return .older(try value.milliseconds())
    case .newer: return .newer(try value.milliseconds())
    case .id: return .field(.id, try value.comparison(sign))
    case .attempts: return .field(.attempts, try value.comparison(sign))
    case .plain(let field): return .field(.plain(field), try value.comparison(sign))
    case .json(let field): return .field(.json(field, path: path), try value.comparison(sign))
    }
  }
}

/// What stands behind a field's sign.
private struct Value {
  var characters: ArraySlice<(character: Character, isLiteral: Bool)>
  var column: Int

  typealias SyntaxError = JobFilter.SyntaxError

  init(word: FilterWord, first: Int) {
    characters = word.characters[min(first, word.characters.count)...]
    column = word.column(of: first)
  }

  var text: String { String(characters.map(\.character)) }

  /// The values between commas.
  private var parts: [ArraySlice<(character: Character, isLiteral: Bool)>] {
    characters.split(omittingEmptySubsequences: false) { $0 == (",", false) }
  }

  var globs: [Glob] { parts.map { Glob($0) } }

  func states() throws(SyntaxError) -> Set<JobState> {
    var states: Set<JobState> = []
    for part in parts {
      let name = String(part.map(\.character))
      guard let state = JobState(rawValue: name), state != .unknown else {
        let names = JobState.allCases.filter { $0 != .unknown }.map(\.rawValue).joined(separator: ", ")
        throw SyntaxError("no state '\(name)'; states are \(names)", at: column)
      }
      states.insert(state)
    }
    return states
  }

  func milliseconds() throws(SyntaxError) -> Int {
    guard let length = FilterGrammar.milliseconds(text) else {
      throw SyntaxError("'\(text)' is no time; 90s, 15m, 1h30m, 2d and 1w are some", at: column)
    }
    return length
  }

  func comparison(_ sign: FilterGrammar.Sign) throws(SyntaxError) -> JobFilter.Comparison {
    switch sign {
    case .like: return .like(globs)
    case .equal: return .equal(text)
    case .contains: return .contains(Needle(text))
    case .less, .more, .atMost, .atLeast:
      guard let number = Double(text), number.isFinite, let side = JobFilter.Side(rawValue: sign.rawValue) else {
        throw SyntaxError("'\(text)' is no number, which '\(sign.rawValue)' needs", at: column)
      }
      return .number(side, number)
    }
  }
}
