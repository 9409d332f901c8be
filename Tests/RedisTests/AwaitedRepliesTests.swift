import Testing

@testable import Redis

@Suite struct AwaitedRepliesTests {
  private func texts(_ outcome: AwaitedReplies.Outcome) throws -> [String?] {
    try outcome.get().map(\.string)
  }

  @Test func `replies that came before anybody waited are kept`() async throws {
    let replies = AwaitedReplies(count: 2)
    replies.add(.success(.status("a")))
    replies.add(.success(.status("b")))
    #expect(try texts(await replies.outcome()) == ["a", "b"])
  }

  @Test func `whoever waits is told when the last has come`() async throws {
    let replies = AwaitedReplies(count: 2)
    async let outcome = replies.outcome()
    replies.add(.success(.status("a")))
    await Task.yield()
    replies.add(.success(.status("b")))
    #expect(try texts(await outcome) == ["a", "b"])
  }

  @Test func `a failure ends the wait, says how many were answered, and is final`() async {
    let replies = AwaitedReplies(count: 3)
    replies.add(.success(.status("a")))
    replies.add(.failure(.timeout))
    replies.add(.success(.status("b")))
    let failure = await #expect(throws: AwaitedReplies.Failure.self) { try await replies.outcome().get() }
    #expect(failure?.answered == 1)
    guard case .timeout? = failure?.reason else {
      Issue.record("the reason is \(String(describing: failure?.reason))")
      return
    }
  }

  @Test(arguments: [false, true])
  func `a cancelled task waits no longer`(isWaitingAlready: Bool) async throws {
    let replies = AwaitedReplies(count: 1)
    let waiting = Task { await replies.outcome() }
    if isWaitingAlready { try await Task.sleep(for: .milliseconds(5)) }
    waiting.cancel()
    let failure = await #expect(throws: AwaitedReplies.Failure.self) { try await waiting.value.get() }
    guard case .cancelled? = failure?.reason else {
      Issue.record("the reason is \(String(describing: failure?.reason))")
      return
    }
  }
}
