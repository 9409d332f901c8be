import FlowMonitor
import Foundation
import QueueClient
import Redis

/// Looks at a Redis and its flows.
struct Examination {
  let redis: RedisClient
  let prefix: String

  /// Looks at everything; what the server refuses to show is a finding too, and the rest goes on.
  ///
  /// - Parameter tell: is given each finding as it is made.
  func run(_ tell: (Finding) -> Void) async throws {
    try await server().forEach(tell)
    tell(try await eviction())
    tell(try await notifications())
    try await Self.orRefusal("flows") {
      let forest = try await FlowMonitor(redis: redis, configuration: MonitorConfiguration(prefix: prefix)).readOnce()
      return [queues(forest)] + flows(forest)
    }.forEach(tell)
  }

  /// What was found, or that the server refuses to show it.
  static func orRefusal(_ subject: String, _ look: () async throws -> [Finding]) async throws -> [Finding] {
    do {
      return try await look()
    } catch let error as RedisError where !error.isConnectionFailure {
      return [Finding(.fail, subject, "cannot be looked at: \(error)")]
    }
  }

  private func server() async throws -> [Finding] {
    do {
      let info = try await ServerInfo.read(from: redis)
      guard info.isClusterNode else { return [info.version] }
      let nodes = try await redis.rawReplies(to: [["CLUSTER", "NODES"]]).first
      return [info.version, ServerInfo.cluster(nodes: nodes?.errorLine == nil ? nodes?.string : nil)]
    } catch let error as RedisError where !error.isConnectionFailure {
      return [Finding(.warn, "version", "INFO is forbidden: \(error)")]
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

  /// Notifications help where they are on and we may hear them: one without the other is silence.
  private func notifications() async throws -> Finding {
    let streams = "the dashboard follows the event streams instead"
    do {
      if let refusal = try await SubscriptionCheck.refusal(of: redis, prefix: prefix) {
        return Finding(
          .warn, "notifications",
          "subscribing is forbidden (\(refusal)); \(streams), or allow it with ACL SETUSER … '&__keyspace@*'")
      }
    } catch let error as RedisError where !error.isConnectionFailure {
      return Finding(.warn, "notifications", "cannot subscribe: \(error); \(streams)")
    }
    do {
      let letters = try await redis.send(["CONFIG", "GET", "notify-keyspace-events"]).pairs.first?.value.string ?? ""
      let setting = NotificationSetting(letters: letters)
      return setting.isSufficient
        ? Finding(.ok, "notifications", "on (\(letters)), and they may be subscribed to")
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
