import ArgumentParser
import Dashboard
import Foundation
import QueueClient
import Redis

/// Of verbs that say what they would change, and change nothing.
struct DryRunOption: ParsableArguments {
  @Flag(help: "Say what would change, and change nothing.") var dryRun = false
}

/// What an action of the dashboard would change, as its preview there has it: a line for each job.
struct DryRun {
  let what: String
  let common: CommonOptions

  /// Tells what would change.
  ///
  /// - Parameter make: makes the action, of the prefix.
  func tell(_ make: (String) throws -> JobAction) async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    try await tell(try make(settings.prefix), client)
  }

  /// Tells what an action would change.
  func tell(_ action: JobAction, _ client: RedisClient) async throws {
    let preview = try await ActionRunner(connection: client).preview(action)
    guard !preview.isEmpty else { throw Failure(what: what, why: preview.nothingToDo, code: .refused) }
    let verb = action.verb.rawValue
    var lines = preview.changed.map { "\(verb) \($0)" }
    for case .dependency(let child, let parent) in action.targets { lines = ["\(verb) \(child) of \(parent)"] }
    for case .queue(let queue) in action.targets { lines = ["\(verb) \(queue): \(preview.summary)"] }
    for line in lines { try StandardStreams.writeLine(CleanText.line(line)) }
  }
}
