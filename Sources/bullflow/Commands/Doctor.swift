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
    for try await finding in examination.findings() { tell(finding) }
    if deep { try await Self.inconsistencies(client, settings.prefix).forEach(tell) }
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

/// One thing that was looked at.
struct Finding: Equatable {
  enum Level: String { case ok, warn, fail }

  var level: Level
  var subject: String
  var words: String

  init(_ level: Level, _ subject: String, _ words: String) {
    (self.level, self.subject, self.words) = (level, subject, words)
  }

  var line: String {
    "\(level.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0))\(subject): \(CleanText.line(words))"
  }
}

/// Looks at a Redis and its flows.
struct Examination {
  let redis: RedisClient
  let prefix: String

  func findings() -> AsyncThrowingStream<Finding, any Error> {
    AsyncThrowingStream { sink in
      let task = Task {
        do {
          sink.yield(try await version())
          sink.yield(try await eviction())
          sink.yield(try await notifications())
          let forest = try await FlowMonitor(redis: redis, configuration: MonitorConfiguration(prefix: prefix))
            .readOnce()
          sink.yield(queues(forest))
          for finding in flows(forest) { sink.yield(finding) }
          sink.finish()
        } catch {
          sink.finish(throwing: error)
        }
      }
      sink.onTermination = { _ in task.cancel() }
    }
  }

  private func version() async throws -> Finding {
    do {
      let info = try await redis.send(["INFO", "server"]).string ?? ""
      guard let line = info.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("redis_version:") }) else {
        return Finding(.warn, "version", "the server does not tell its version")
      }
      let version = String(line.dropFirst("redis_version:".count))
      let parts = version.split(separator: ".").compactMap { Int($0) }
      let isOld = parts.count < 2 || (parts[0], parts[1]) < (6, 2)
      return isOld
        ? Finding(.fail, "version", "\(version); BullMQ and bullflow need 6.2 or newer")
        : Finding(.ok, "version", version)
    } catch let error as RedisError where !error.isConnectionFailure {
      return Finding(.warn, "version", "INFO is forbidden: \(error)")
    }
  }

  private func eviction() async throws -> Finding {
    do {
      let policy = try await redis.send(["CONFIG", "GET", "maxmemory-policy"]).pairs.first?.value.string ?? ""
      return policy == "noeviction" || policy.isEmpty
        ? Finding(.ok, "eviction", policy.isEmpty ? "not told" : policy)
        : Finding(.fail, "eviction", "\(policy): Redis may throw jobs away; CONFIG SET maxmemory-policy noeviction")
    } catch let error as RedisError where !error.isConnectionFailure {
      return Finding(.warn, "eviction", "CONFIG is forbidden, so see to it that maxmemory-policy is noeviction")
    }
  }

  private func notifications() async throws -> Finding {
    do {
      let letters = try await redis.send(["CONFIG", "GET", "notify-keyspace-events"]).pairs.first?.value.string ?? ""
      let setting = NotificationSetting(letters: letters)
      return setting.isSufficient
        ? Finding(.ok, "notifications", "on (\(letters))")
        : Finding(
          .warn, "notifications",
          "'\(letters)' lacks '\(setting.missing)'; press E in the dashboard, or CONFIG SET notify-keyspace-events \(setting.extended.letters)"
        )
    } catch let error as RedisError where !error.isConnectionFailure {
      return Finding(.warn, "notifications", "CONFIG is forbidden; the dashboard follows the event streams as well")
    }
  }

  private func queues(_ forest: FlowForest) -> Finding {
    guard !forest.queues.isEmpty else {
      return Finding(.warn, "queues", "none under the prefix '\(prefix)'; is --prefix right?")
    }
    let paused = forest.queues.values.filter(\.isPaused).map(\.key.name).sorted()
    let names = forest.queues.keys.map(\.name).sorted()
    return paused.isEmpty
      ? Finding(.ok, "queues", "\(names.count): \(names.prefix(20).joined(separator: ", "))")
      : Finding(.warn, "queues", "paused: \(paused.joined(separator: ", ")) (of \(names.count))")
  }

  private func flows(_ forest: FlowForest) -> [Finding] {
    let stuck = forest.roots.compactMap { root in
      let trouble = Diagnosis(of: root, in: forest)
      return trouble.needsAPerson && forest.jobs[root]?.state != .failed ? (root, trouble) : nil
    }
    guard !stuck.isEmpty else { return [Finding(.ok, "flows", "\(forest.roots.count) looked at, none stuck")] }
    let shown = 20
    var findings = stuck.prefix(shown).map { Finding(.fail, "flow \($0)", $1.words) }
    if stuck.count > shown { findings.append(Finding(.fail, "flows", "\(stuck.count - shown) more are stuck")) }
    return findings
  }
}
