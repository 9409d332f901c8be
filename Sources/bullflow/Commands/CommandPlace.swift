import ArgumentParser
import Redis

/// What a verb is about, as a command line names it: a job, or a queue.
protocol CommandPlace: ParsableArguments {
  associatedtype Subject

  /// The word in front of the verb: `job`, `queue`.
  static var noun: String { get }

  /// What a person calls it: safe for a terminal.
  static func name(of subject: Subject) -> String

  /// What it is in Redis, for the record.
  static func key(of subject: Subject) -> String

  /// Which Redis it is in.
  var common: CommonOptions { get }

  /// Finds it, and does something with it.
  ///
  /// - Parameter client: is closed afterwards.
  func with(
    _ verb: String, _ settings: Settings, _ client: RedisClient, _ body: (Subject) async throws -> Void) async throws
}

extension CommandPlace {
  /// Finds it, and does something with it that changes nothing.
  func with(_ verb: String, _ body: (Subject) async throws -> Void) async throws {
    let settings = try common.resolved()
    try await with(verb, settings, settings.lookingClient(), body)
  }

  /// Changes it, where that is allowed.
  func change(_ verb: String, _ options: ChangeOptions, _ body: (Subject) async throws -> Void) async throws {
    try await change(verb, options, asking: nil, body)
  }

  /// Does to it what cannot be undone, after asking.
  ///
  /// - Parameter question: the question, made of its name; `nil` asks nothing.
  func change(
    _ verb: String, _ options: ChangeOptions, asking question: ((String) -> String)?,
    _ body: (Subject) async throws -> Void
  ) async throws {
    let what = "\(Self.noun) \(verb)"
    let settings = try common.resolved()
    try settings.allowChange(what)
    try await with(verb, settings, settings.client()) { subject in
      if let question { try options.confirm(what, question(Self.name(of: subject))) }
      try await settings.recording(what, [Self.key(of: subject)]) { try await body(subject) }
    }
  }
}
