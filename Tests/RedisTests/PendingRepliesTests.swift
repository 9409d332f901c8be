import NIOCore
import Testing

@testable import Redis

@Suite struct PendingRepliesTests {
  private func pending(_ waiters: String...) -> PendingReplies<String> {
    var pending = PendingReplies<String>()
    for (ticket, waiter) in waiters.enumerated() {
      pending.append(waiter, ticket: UInt64(ticket), deadline: .distantFuture)
    }
    return pending
  }

  @Test func `replies find their waiters in order`() {
    var pending = pending("a", "b")
    #expect(pending.reply() == .waiter("a"))
    #expect(pending.reply() == .waiter("b"))
  }

  @Test func `a cancelled command keeps its place, so that the next gets its own reply`() {
    var pending = pending("a", "b", "c")
    #expect(pending.giveUp(1) == ["b"])
    #expect(pending.reply() == .waiter("a"))
    #expect(pending.reply() == .nobody)
    #expect(pending.reply() == .waiter("c"))
  }

  @Test func `a command that has its reply can no longer be given up`() {
    var pending = pending("a", "b")
    _ = pending.reply()
    #expect(pending.giveUp(0) == [])
    #expect(pending.giveUp(1) == ["b"])
    #expect(pending.giveUp(1) == [])
  }

  @Test func `a pipeline is given up as a whole`() {
    var pending = PendingReplies<String>()
    for (waiter, ticket) in [("a", 1), ("b", 2), ("b", 2), ("c", 3)] as [(String, UInt64)] {
      pending.append(waiter, ticket: ticket, deadline: .distantFuture)
    }
    #expect(pending.giveUp(2) == ["b", "b"])
    #expect(pending.reply() == .waiter("a"))
  }

  @Test func `a reply that nobody asked for is told apart`() {
    var pending = pending()
    #expect(pending.reply() == .unasked)
  }

  @Test func `commands whose time is over are given up, and the others wait on`() {
    var pending = PendingReplies<String>()
    let now = NIODeadline.now()
    pending.append("late", ticket: 1, deadline: now - .seconds(1))
    pending.append("early", ticket: 2, deadline: now + .seconds(1))
    #expect(pending.giveUpOverdue(at: now) == ["late"])
    #expect(pending.nextDeadline == now + .seconds(1))
    #expect(pending.reply() == .nobody)
    #expect(pending.reply() == .waiter("early"))
  }

  @Test func `the end of a connection tells everybody who still waits`() {
    var pending = pending("a", "b", "c")
    _ = pending.giveUp(1)
    #expect(pending.removeAll() == ["a", "c"])
    #expect(pending.isEmpty)
  }
}
