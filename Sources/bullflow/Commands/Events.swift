import ArgumentParser
import Foundation
import QueueClient
import Redis

struct Events: AsyncParsableCommand, Endless {
  static let configuration = CommandConfiguration(
    abstract: "Follows the event streams of queues, a line of JSON each, until it is ended.",
    discussion: "Without a queue, those of all queues that there are now. Ends with 0 at Ctrl-C or SIGTERM.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The queues.", transform: Given.queueName) var queues: [String] = []
  @Option(help: "Begin behind this event; 0 with the oldest there is.", transform: Given.eventID)
  var from = "$"

  func run() async throws {
    let settings = try common.resolved()
    let client = settings.client()
    defer { client.close() }
    try await client.reach()
    let named = queues.map { QueueKey(prefix: settings.prefix, name: $0) }
    let keys = named.isEmpty ? try await Queue.list(connection: client, prefix: settings.prefix) : named
    guard !keys.isEmpty else {
      throw Failure(what: "events", why: "there are no queues with the prefix \(settings.prefix)", code: .refused)
    }
    try await withThrowingTaskGroup { group in
      for key in keys {
        group.addTask {
          for try await event in QueueEvents(key, connection: client, from: from) {
            // Not print: whoever reads along must see each line at once.
            try StandardStreams.writeLine(JSON(event, queueName: key.name).printed)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

extension JSON {
  /// An event with the names that its stream has for it.
  init(_ event: QueueEvents.Element, queueName: String) {
    var members = [Member("queueName", .string(queueName)), Member("id", .string(event.id))]
    func add(_ name: String, _ value: JSON?) { if let value { members.append(Member(name, value)) } }
    func named(_ name: String, _ fields: (String, JSON?)...) {
      add("event", .string(name))
      add("jobId", event.jobId.map { .string($0) })
      for (name, value) in fields { add(name, value) }
    }
    func text(_ text: String?) -> JSON? { text.map { .string($0) } }
    switch event.kind {
    case .added(let name): named("added", ("name", .string(name)))
    case .waiting(let prev): named("waiting", ("prev", text(prev)))
    case .waitingChildren(let prev): named("waiting-children", ("prev", text(prev)))
    case .active(let prev): named("active", ("prev", text(prev)))
    case .progress(let data): named("progress", ("data", data))
    case .completed(let value): named("completed", ("returnvalue", value))
    case .failed(let reason): named("failed", ("failedReason", .string(reason)))
    case .delayed(let until): named("delayed", ("delay", .int(until)))
    case .retriesExhausted(let made): named("retries-exhausted", ("attemptsMade", .int(made)))
    case .duplicated: named("duplicated")
    case .deduplicated(let id, let job):
      named("deduplicated", ("deduplicationId", .string(id)), ("deduplicatedJobId", .string(job)))
    case .removed(let prev): named("removed", ("prev", text(prev)))
    case .stalled: named("stalled")
    case .paused: named("paused")
    case .resumed: named("resumed")
    case .drained: named("drained")
    case .cleaned(let count): named("cleaned", ("count", .int(count)))
    case .gap: named("gap")
    case .other(let name, let fields):
      named(name)
      for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name != "event" && name != "jobId" {
        add(name, .string(value))
      }
    }
    self = .object(members)
  }
}
