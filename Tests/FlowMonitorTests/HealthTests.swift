import QueueClient
import Redis
import Testing

@testable import FlowMonitor

/// When which status is said, by tables: what happened, and what is true then.
@Suite struct HealthTests {
  /// What happens until everything is well.
  private static let wellKeyspace: [HealthState.Input] = [
    .runID("a"), .setting(isSufficient: true), .heard(.keyspace), .setting(isSufficient: true), .loaded(doubt: 1),
  ]

  private func state(after inputs: [HealthState.Input], avoidsNotifications: Bool = false) -> HealthState {
    var state = HealthState(avoidsNotifications: avoidsNotifications)
    for (time, input) in inputs.enumerated() { _ = state.take(input, at: Double(time)) }
    return state
  }

  private func word(_ status: MonitorStatus) -> String {
    switch status {
    case .connecting: "connecting"
    case .readOnce: "once"
    case .live: "live"
    case .followingStreams: "streams"
    case .polling: "polling"
    case .stale: "stale"
    }
  }

  @Test(
    arguments: [
      ([], "connecting"),
      ([.setting(isSufficient: true)], "connecting"),
      ([.setting(isSufficient: true), .heard(.keyspace)], "connecting"),
      // Read before the source was heard: what came in between is unknown.
      (
        [.setting(isSufficient: true), .loaded(doubt: 0), .heard(.keyspace), .setting(isSufficient: true)], "connecting"
      ),
      // The setting was seen before the connection stood: it may have changed since.
      ([.setting(isSufficient: true), .heard(.keyspace), .loaded(doubt: 1)], "connecting"),
      (wellKeyspace, "live"),
      ([.unanswered(reason: "away")], "stale"),
      ([.setting(isSufficient: false), .heard(.streams), .setting(isSufficient: false), .loaded(doubt: 1)], "streams"),
      ([.setting(isSufficient: nil), .heard(.streams), .setting(isSufficient: nil), .loaded(doubt: 1)], "streams"),
    ] as [([HealthState.Input], String)])
  func `a status is said only when it is earned`(inputs: [HealthState.Input], expected: String) {
    #expect(word(state(after: inputs).status) == expected)
  }

  @Test(
    arguments: [
      ([.lost(.keyspace, reason: "no heartbeat")], "stale", true),
      ([.lost(.streams, reason: "of no concern")], "live", false),
      ([.unanswered(reason: "timeout")], "stale", true),
      ([.runID("b")], "stale", true),
      ([.runID("a")], "live", false),
      ([.replaced], "stale", true),
      ([.reconciled(unannounced: 0)], "live", false),
      ([.reconciled(unannounced: 1)], "stale", true),
      ([.setting(isSufficient: false)], "stale", true),
      ([.unanswered(reason: "timeout"), .loaded(doubt: 1)], "stale", true),
      ([.unanswered(reason: "timeout"), .loaded(doubt: 2)], "live", true),
      ([.lost(.keyspace, reason: "x"), .loaded(doubt: 2)], "stale", true),
      (
        [.lost(.keyspace, reason: "x"), .heard(.keyspace), .setting(isSufficient: true), .loaded(doubt: 3)], "live",
        true
      ),
      (
        [.setting(isSufficient: false), .heard(.streams), .setting(isSufficient: false), .loaded(doubt: 3)], "streams",
        true
      ),
    ] as [([HealthState.Input], String, Bool)])
  func `what shakes the truth is said, and everything is read again`(
    inputs: [HealthState.Input], expected: String, reloads: Bool
  ) {
    var state = state(after: Self.wellKeyspace)
    var orders: Set<HealthState.Order> = []
    for input in inputs { orders.formUnion(state.take(input, at: 100)) }
    #expect(word(state.status) == expected)
    #expect(orders.contains(.reload) == reloads)
  }

  @Test func `it is stale since the last time when it was known to be true`() {
    var state = state(after: Self.wellKeyspace)
    _ = state.take(.reconciled(unannounced: 0), at: 50)
    _ = state.take(.unanswered(reason: "first"), at: 60)
    _ = state.take(.unanswered(reason: "second"), at: 70)
    #expect(state.status == .stale(since: 50, reason: "second"))
  }

  @Test func `a Redis that announces nothing is polled, and tried again after a while`() {
    var state = state(after: Self.wellKeyspace)
    for _ in 0..<HealthState.tolerated {
      _ = state.take(.reconciled(unannounced: 2), at: 10)
      _ = state.take(.loaded(doubt: state.doubt), at: 10)
    }
    #expect(state.source == .polling)
    _ = state.take(.setting(isSufficient: true), at: 11)
    #expect(state.source == .polling)
    _ = state.take(.setting(isSufficient: true), at: 10 + HealthState.retryAfter)
    #expect(state.source == .keyspace)
  }

  @Test func `where subscribing is refused, streams are followed; where these are, too, it polls`() {
    var state = state(after: Self.wellKeyspace)
    _ = state.take(.refused(.keyspace, reason: "no rights"), at: 10)
    #expect(state.source == .streams)
    _ = state.take(.refused(.streams, reason: "no rights there"), at: 10)
    #expect(state.source == .polling)
    _ = state.take(.heard(.polling), at: 10)
    _ = state.take(.setting(isSufficient: true), at: 10)
    _ = state.take(.loaded(doubt: state.doubt), at: 10)
    #expect(word(state.status) == "polling")
  }

  @Test func `notifications that are not wanted are not used`() {
    #expect(state(after: [.setting(isSufficient: true)], avoidsNotifications: true).source == .streams)
  }

  @Test func `an announcement a moment later is no lost one`() {
    let start = ContinuousClock.now
    let job = JobKey(queue: QueueKey(name: "q"), id: "1")
    var reconciliation = Reconciliation()
    reconciliation.begin(with: [job], at: start)
    #expect(reconciliation.outcome(at: start) == nil)
    var changes = PendingChanges()
    changes.add(.job(job, .itself))
    reconciliation.announced(changes)
    #expect(reconciliation.outcome(at: start + Reconciliation.grace) == 0)
    reconciliation.begin(with: [job], at: start)
    #expect(reconciliation.outcome(at: start + Reconciliation.grace) == 1)
    #expect(reconciliation.outcome(at: start + Reconciliation.grace) == nil)
  }

  @Test func `data that are gone are noticed by their keys and by their queues`() {
    let (a, b) = (QueueKey(name: "a"), QueueKey(name: "b"))
    func check(keys: Int, existing: [Int], added: Int = 7) -> ServerCheck {
      let drawn = Array(repeating: RESPValue.bulk(Array("bull:a:1".utf8)), count: 8)
      return ServerCheck(
        [.array([]), .bulk(Array("run_id:x\r\n".utf8)), .integer(keys)] + drawn
          + existing.flatMap { [.integer($0), .integer(added)] }, queues: [a, b])
    }
    let before = check(keys: 100, existing: [1, 1])
    #expect(before.runID == "x" && before.isSufficient == false)
    #expect(!check(keys: 90, existing: [1, 1]).isReplaced(since: before))
    #expect(check(keys: 2, existing: [1, 1]).isReplaced(since: before))
    #expect(check(keys: 100, existing: [0, 0]).isReplaced(since: before))
    #expect(!check(keys: 0, existing: [0, 0]).isReplaced(since: nil))
    #expect(!check(keys: 90, existing: [1, 1], added: 8).isReplaced(since: before))
    #expect(check(keys: 90, existing: [1, 1], added: 6).isReplaced(since: before))
    #expect(before.drawn.first == "bull:a:1")
  }
}
