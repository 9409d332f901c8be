import ArgumentParser
import Dashboard
import FlowMonitor
import Foundation
import QueueClient
import Redis

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the Redis and its flows; each line ok, warn or fail, with what helps.",
    discussion: """
      Exits with 1 when a line says fail, which is when something needs somebody; with 2 when Redis cannot be used. Of \
      what is alike the first few are told; --json counts all by cause.
      """
  )

  @OptionGroup var common: CommonOptions
  @Flag(help: "Look at every job: each in exactly one place, each family as its members say.") var deep = false
  @Flag(help: "As JSON.") var json = false

  /// So many flows that need somebody are told one by one.
  private static let told = 20

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    var findings: [Finding] = []
    func tell(_ finding: Finding) {
      findings.append(finding)
      let count = findings.count { $0.cause != nil }
      if !json, finding.cause == nil || count <= Self.told { print(finding.line) }
    }
    tell(Finding(.ok, "connection", "\(settings.endpoint) answers"))
    let isWatched = isatty(STDERR_FILENO) == 1
    try await Examination(redis: client, prefix: settings.prefix).run(
      progress: {
        if isWatched {
          FileHandle.standardError.write(Data("\rlooking at flows \(Int(clamping: $0 * 100)) % \r".utf8))
        }
      },
      tell)
    if deep {
      try await Examination.orRefusal("consistency") { try await Self.inconsistencies(client, settings.prefix) }
        .forEach(tell)
    }
    let causes = findings.compactMap(\.cause)
    if !json, causes.count > Self.told {
      print(Finding(.fail, "flows", "\(causes.count - Self.told) more need somebody").line)
    }
    if json { print(Self.json(findings).printed) }
    let hasFailed = findings.contains { $0.level == .fail }
    if hasFailed { throw ExitCode(1) }
  }
}

extension Doctor {
  private static func json(_ findings: [Finding]) -> JSON {
    let causes = Dictionary(grouping: findings.compactMap(\.cause), by: \.code.rawValue).sorted { $0.key < $1.key }
    let shown = findings.filter { $0.cause == nil } + findings.filter { $0.cause != nil }.prefix(told)
    let problems = findings.lazy.compactMap(\.problems).first
    return [
      "ok": .bool(!findings.contains { $0.level == .fail }),
      "problems": problems.map { .int($0.value) } ?? .null, "areAllKnown": .bool(problems?.isExact ?? false),
      "causes": .object(causes.map { .init($0, .int($1.count)) }), "findings": .array(shown.map(\.json)),
    ]
  }

  /// What does not fit together. Workers may be at it: only what a second look still finds counts.
  private static func inconsistencies(_ client: RedisClient, _ prefix: String) async throws -> [Finding] {
    let check = ConsistencyCheck(connection: client, prefixes: [prefix])
    var found = try await check.run()
    if !found.isEmpty {
      try await Task.sleep(for: .seconds(1))
      let again = Set(try await check.run())
      found = found.filter { again.contains($0) }
    }
    let grouped = try await check.groupedQueues().map(\.name)
    let groups =
      grouped.isEmpty
      ? []
      : [
        Finding(
          .warn, "groups",
          "of BullMQ Pro are not known here: jobs that wait in those of \(grouped.joined(separator: ", ")) are left out"
        )
      ]
    return groups
      + (found.isEmpty
        ? [Finding(.ok, "consistency", "every job is in one place, every family fits together")]
        : found.map { Finding(.fail, "consistency", $0.description) })
  }
}
