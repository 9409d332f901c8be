import QueueClient
import Testing

@testable import FlowMonitor

@Suite struct ChangeTests {
  private let steps = QueueKey(name: "steps")

  @Test func `a channel tells which job or queue has changed`() {
    let job = JobKey(queue: steps, id: "c1")
    let changes: [(String, Change?)] = [
      ("bull:steps:c1", .job(job)), ("bull:steps:c1:dependencies", .job(job)), ("bull:steps:c1:lock", .job(job)),
      ("bull:steps:events", .queue(steps)), ("bull:steps:meta", .queue(steps)),
      ("bull:steps:waiting-children", .waitingChildren(steps)), ("bull:steps", nil),
    ]
    for (key, change) in changes {
      #expect(Change(channel: "__keyspace@0__:\(key)", prefix: "bull") == change)
    }
    #expect(Change(channel: "news", prefix: "bull") == nil)
  }

  @Test func `a prefix may hold colons`() {
    let queue = QueueKey(prefix: "my:app", name: "steps")
    #expect(Change(channel: "__keyspace@2__:my:app:steps:wait", prefix: "my:app") == .queue(queue))
  }

  @Test func `letters are added to the setting, never taken away`() {
    #expect(NotificationSetting(letters: "").isSufficient == false)
    #expect(NotificationSetting(letters: "AKE").isSufficient)
    #expect(NotificationSetting(letters: "KEx").extended.letters.hasPrefix("KEx"))
    #expect(NotificationSetting(letters: "E").extended.isSufficient)
  }
}
