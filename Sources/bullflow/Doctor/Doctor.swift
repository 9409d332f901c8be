import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the Redis and its flows; each line ok, warn or fail, with the mend.",
    discussion: "Exits with 1 when a line says fail, with 2 when Redis cannot be used."
  )

  @OptionGroup var common: CommonOptions
  @Flag(help: "Look at every job: each in exactly one place, each family as its members say.") var deep = false

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    print(Finding(.ok, "connection", "\(settings.endpoint) answers").line)
    let examination = Examination(redis: client, prefix: settings.prefix)
    var hasFailed = false
    func tell(_ finding: Finding) {
      print(finding.line)
      hasFailed = hasFailed || finding.level == .fail
    }
    try await examination.run(tell)
    if deep {
      try await Examination.orRefusal("consistency") { try await Self.inconsistencies(client, settings.prefix) }
        .forEach(tell)
    }
    if hasFailed { throw ExitCode(1) }
  }
}

extension Doctor {
  /// What does not fit together. Workers may be at it: only what a second look still finds counts.
  private static func inconsistencies(_ client: RedisClient, _ prefix: String) async throws -> [Finding] {
    let check = ConsistencyCheck(connection: client, prefixes: [prefix])
    var found = try await check.run()
    if !found.isEmpty {
      try await Task.sleep(for: .seconds(1))
      let again = Set(try await check.run())
      found = found.filter { again.contains($0) }
    }
    return found.isEmpty
      ? [Finding(.ok, "consistency", "every job is in one place, every family fits together")]
      : found.map { Finding(.fail, "consistency", $0.description) }
  }
}
