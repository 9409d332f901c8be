import ArgumentParser

/// What a verb is about, as a command line names it: a job, or a queue.
protocol CommandPlace: ParsableArguments {
  associatedtype Subject

  /// The word in front of the verb: `job`, `queue`.
  static var noun: String { get }

  /// What a person calls it: safe for a terminal.
  static func name(of subject: Subject) -> String

  /// Finds it, and does something with it.
  func with(_ verb: String, _ body: (Subject) async throws -> Void) async throws
}

extension CommandPlace {
  /// Changes it, where that is allowed.
  func change(_ verb: String, _ options: ChangeOptions, _ body: (Subject) async throws -> Void) async throws {
    try options.allowChange("\(Self.noun) \(verb)")
    try await with(verb, body)
  }

  /// Does to it what cannot be undone, after asking.
  ///
  /// - Parameter question: the question, made of its name.
  func change(
    _ verb: String, _ options: ChangeOptions, asking question: (String) -> String,
    _ body: (Subject) async throws -> Void
  ) async throws {
    try await with(verb) { subject in
      try options.confirm("\(Self.noun) \(verb)", question(Self.name(of: subject)))
      try await body(subject)
    }
  }
}
