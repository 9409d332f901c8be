import QueueClient
import Redis
import Synchronization

/// Changes as keyspace notifications tell them: the cheapest source, and the only one that tells of every change.
final class KeyspaceSource: Sendable {
  private let configuration: RedisConfiguration
  private let inbox: ChangeInbox
  private let state: Mutex<State>

  private struct State {
    var ledger: SubscriptionLedger
    var subscriber: RedisSubscriber?
  }

  /// - Parameter configuration: for a connection of its own.
  init(configuration: RedisConfiguration, prefix: String, inbox: ChangeInbox) {
    self.configuration = configuration
    self.inbox = inbox
    state = Mutex(
      State(ledger: SubscriptionLedger(database: configuration.endpoint.database, prefix: prefix)))
  }

  /// Listens until the task is cancelled.
  func run(report: @escaping @Sendable (HealthState.Input) async -> Void) async {
    let subscriber = RedisSubscriber(
      configuration: configuration, heartbeat: RedisSubscriber.Heartbeat(interval: .seconds(1), limit: .seconds(3)))
    // A new subscriber follows nothing yet: what was followed is said to it before it connects.
    let all = state.withLock { state in
      state.subscriber = subscriber
      let wanted = state.ledger.wanted
      _ = state.ledger.follow(SubscriptionLedger.Wanted())
      var all = state.ledger.follow(wanted)
      all.patterns = state.ledger.patterns
      return all
    }
    try? await subscriber.change(all)
    await withTaskGroup { group in
      group.addTask { await subscriber.run() }
      for await event in subscriber.events {
        switch event {
        case .connected: await report(.heard(.keyspace))
        case .disconnected(let error): await report(.lost(.keyspace, reason: "\(error)"))
        case .refused(let error): await report(.refused(.keyspace, reason: "\(error)"))
        case .messages(let messages): inbox.add(changes(messages))
        }
      }
      group.cancelAll()
    }
    state.withLock { $0.subscriber = nil }
  }

  /// Follows exactly this from now on; returns when the server has confirmed it. Where the connection is lost, the
  /// next one follows it, which is then told as `heard`.
  ///
  /// - Returns: the jobs of which more is followed than before, except for locks.
  func follow(_ wanted: SubscriptionLedger.Wanted) async -> Set<JobKey> {
    let (subscriber, differences, fresh) = state.withLock { state in
      let fresh = state.ledger.fresh(in: wanted)
      return (state.subscriber, state.ledger.follow(wanted), fresh)
    }
    try? await subscriber?.change(differences)
    return fresh
  }

  private func changes(_ messages: [RedisSubscriber.Message]) -> [Change] {
    state.withLock { state in messages.compactMap { state.ledger.change(of: $0.channel) } }
  }
}
