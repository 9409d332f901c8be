import Foundation
import QueueClient
import Redis
import TestSupport

/// States of a Redis, made by raw commands.
extension RedisClient {
  /// Adds a job that is in a place; its parent counts on it where it has one.
  func put(
    _ key: JobKey, in place: QueueKey.Suffix?, score: Int = 1, name: String? = nil, parent: JobKey? = nil,
    fields: [String] = [], isPending: Bool = true
  ) async throws {
    var commands: [RedisCommand] = [
      ["HSET", .text(key.queue[.meta]), "opts.maxLenEvents", "10000"],
      RedisCommand(
        "HSET", [key.description, "name", name ?? key.id, "timestamp", "\(1_795_000_000_000 + score)"] + fields),
    ]
    if let place {
      let isList = [.active, .wait, .paused].contains(place)
      commands.append(
        isList
          ? ["RPUSH", .text(key.queue[place]), .text(key.id)]
          : ["ZADD", .text(key.queue[place]), .init(score), .text(key.id)])
    }
    if let parent {
      let link = JSON.object([.init("id", .string(parent.id)), .init("queueKey", .string(parent.queue.description))])
      commands.append(
        ["HSET", .text(key.description), "parentKey", .text(parent.description), "parent", .text(link.text)])
      commands.append(
        isPending
          ? ["SADD", .text(parent[.dependencies]), .text(key.description)]
          : ["HSET", .text(parent[.processed]), .text(key.description), "1"])
    }
    try await pipeline(commands)
  }

  /// A second client, of a user without the right to run scripts.
  func withoutScripts() async throws -> RedisClient {
    try await send(["ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting"])
    var endpoint = configuration.endpoint
    (endpoint.username, endpoint.password) = ("plain", "pw")
    return RedisClient(configuration: RedisConfiguration(endpoint: endpoint))
  }
}

/// A job's key in a queue of the usual prefix.
func job(_ queue: String, _ id: String, prefix: String = "bull") -> JobKey {
  JobKey(queue: QueueKey(prefix: prefix, name: queue), id: id)
}
