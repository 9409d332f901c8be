import Dashboard
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
  func run(progress: (Double) -> Void = { _ in }, _ tell: (Finding) -> Void) async throws {
    try await server().forEach(tell)
    tell(try await eviction())
    tell(try await notifications())
    if let rights = try await WorkerRights(redis: redis, prefix: prefix).finding() { tell(rights) }
    try await Self.orRefusal("flows") {
      let search = FlowSearch(
        redis: redis, configuration: MonitorConfiguration(prefix: prefix, cacheFolder: QueueCache.folder()))
      let queues = try await search.queues()
      let statuses = try await search.statuses(of: queues)
      let problems = try await search.problems(of: queues) { progress($0.fraction) }
      let wrong = problems.wrongTyped.sorted().prefix(20).map {
        Finding(.fail, "key \($0)", CauseWords.wrongTyped)
      }
      let held = try await search.heldUp(statuses)
      return [self.queues(statuses)] + wrong + flows(problems, in: Set(queues), heldUp: held) + held.map(Finding.init)
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
      let known = [info.version] + [info.replica].compactMap { $0 }
      guard info.isClusterNode else { return known }
      let nodes = try await redis.rawReplies(to: [["CLUSTER", "NODES"]]).first
      return known + [ServerInfo.cluster(nodes: nodes?.errorLine == nil ? nodes?.string : nil)]
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

  private func queues(_ statuses: [QueueStatus]) -> Finding {
    guard !statuses.isEmpty else {
      return Finding(.warn, "queues", "none under the prefix '\(prefix)'; is --prefix right?")
    }
    let paused = statuses.filter(\.isPaused).map(\.key.name).sorted()
    let names = statuses.map(\.key.name).sorted()
    return paused.isEmpty
      ? Finding(.ok, "queues", "\(names.count): \(names.prefix(20).joined(separator: ", "))")
      : Finding(.warn, "queues", "paused: \(paused.joined(separator: ", ")) (of \(names.count))")
  }

  /// What keeps flows from finishing: all causes of each. What is a queue's plight is told once, with the queue.
  private func flows(
    _ problems: FlowSearch.Problems, in queues: Set<QueueKey>, heldUp: [Cause]
  ) -> [Finding] {
    let all = problems.found.flatMap(\.causes)
    let gone = Set(all.filter { $0.code == .missingParent }.map(\.job))
    // A parent that is gone is told once: of its children only where it left nothing else behind.
    let causes = all.filter { cause in
      cause.code == .missingParent
        ? cause.evidence.parent.map { !gone.contains($0) } ?? true
        : !cause.isOfQueue || !queues.contains(cause.job.queue)
    }
    let count = KnownCount(problems.found.count, isExact: problems.isExact)
    // A root that is gone, or in no list, was not counted among the others.
    let looked =
      "\(Formatting.count(max(problems.flowCount, problems.found.count))) looked at, "
      + (count.value == 0
        ? "none stuck"
        : "\(count.isExact ? "" : "at least ")\(Formatting.count(count.value)) need\(count.value == 1 ? "s" : "") somebody")
    guard !causes.isEmpty else {
      let more =
        !problems.wrongTyped.isEmpty
        ? "; of those that need the keys above, that is not known"
        : heldUp.isEmpty
          ? "" : count.value == 0 ? "; but jobs are held up in the queues below" : ", through the queues below"
      var finding = Finding(problems.wrongTyped.isEmpty && heldUp.isEmpty ? .ok : .warn, "flows", looked + more)
      finding.problems = count
      return [finding]
    }
    let counts = Dictionary(grouping: causes, by: \.code).map { ($0, $1.count) }.sorted {
      $0.0.rawValue < $1.0.rawValue
    }
    let sum = counts.map { "\(Formatting.count($1)) \($0.rawValue)" }.joined(separator: ", ")
    var finding = Finding(.fail, "flows", "\(looked): \(sum)")
    finding.problems = count
    return [finding] + causes.map(Finding.init)
  }
}
