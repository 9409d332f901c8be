import QueueClient
import Redis

/// Where ours and real BullMQ part on purpose: each a fault of the peer's, with the reason. A program ends, or leaves
/// a step out, where it comes to one.
enum KnownDifference: String, CaseIterable {
  /// Ours adds a flow whole or not at all. BullMQ runs a script for each job: where one is refused (its parent is
  /// missing, or another's), those before and behind it are added, and only a refused root is told of.
  case refusedWhole
  /// Ours refuses a job that would stand above itself. BullMQ adds it, and it waits for ever.
  case circular
  /// BullMQ's scripts run out of stack on jobs that are their own ancestors; ours meet each job once.
  case stackOverflow
  /// A job added again whose parent is gone: BullMQ leaves it with the dead parent, and the new one waits for
  /// nothing at all; ours gives it the new parent.
  case orphaned
  /// A flow whose child has completed before, and which has more children: BullMQ releases the parent when it links
  /// that child, before the others are there; ours when all are linked.
  case releasedEarly

  /// Draining a queue in which a scheduler's next job is ready to run: BullMQ spares its hash, and takes as many ids as
  /// it removed from the front of the list, its own among them; ours takes the ids of the jobs that it removes.
  case drainedSchedule

  /// What a step would run into.
  static func ahead(of step: Program.Step, in redis: RedisClient) async throws -> KnownDifference? {
    if step.op == "drain" {
      let queue = QueueKey(
        prefix: step.arguments["prefix"]?.string ?? "bull", name: step.arguments["queue"]?.string ?? "")
      let ready = try await redis.send(["LRANGE", .text(queue[.wait]), "0", "-1"]).strings
      if ready.contains(where: { $0.hasPrefix("repeat:") }) { return .drainedSchedule }
    }
    for root in step.flows {
      for node in Self.nodes(root) {
        let key = Program.key(of: node)
        if let parent = try await redis.send(["HGET", .text("\(key)"), "parentKey"]).string,
          try await redis.send(["EXISTS", .text(parent)]).int == 0
        {
          return .orphaned
        }
        for child in (node["children"]?.array ?? []).dropLast() where try await isCompleted(child, in: redis) {
          return .releasedEarly
        }
      }
    }
    return nil
  }

  /// Whether a step hands over the value of a child that has completed. BullMQ tells of the parent's release then and
  /// there, ours when all is added: the order of events differs.
  static func handsOver(_ step: Program.Step, in redis: RedisClient) async throws -> Bool {
    for node in step.flows.flatMap(nodes) {
      for child in node["children"]?.array ?? [] where try await isCompleted(child, in: redis) { return true }
    }
    return false
  }

  private static func isCompleted(_ node: JSON, in redis: RedisClient) async throws -> Bool {
    let key = Program.key(of: node)
    return try await redis.send(["ZSCORE", .text(key.queue[.completed]), .text(key.id)]) != .null
  }

  /// What the answers of both to a step say.
  static func behind(_ answers: (ours: Result<JSON, any Error>, theirs: Result<JSON, any Error>)) -> KnownDifference? {
    switch answers {
    case (.failure(FlowError.missingParent), _), (.failure(FlowError.parentCannotBeReplaced), _): .refusedWhole
    case (.failure(FlowError.circular), _): .circular
    case (_, .failure(let error)) where "\(error)".contains("stack overflow"): .stackOverflow
    default: nil
    }
  }

  private static func nodes(_ node: JSON) -> [JSON] {
    [node] + (node["children"]?.array ?? []).flatMap(nodes)
  }
}
