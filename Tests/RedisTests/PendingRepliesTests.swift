import NIOCore
import Testing

@testable import Redis

@Suite struct PendingRepliesTests {
  private let start = NIODeadline.now()

  private func pending(_ waiters: String...) -> PendingReplies<String> {
    var pending = PendingReplies<String>(patience: .milliseconds(10))
    for waiter in waiters { pending.append(waiter, sent: start, deadline: .distantFuture) }
    return pending
  }

  @Test func `replies find their waiters in order`() {
    var pending = pending("a", "b")
    #expect(pending.reply() == .waiter("a"))
    #expect(pending.reply() == .waiter("b"))
  }

  @Test func `a reply that nobody asked for is told apart`() {
    var pending = pending()
    #expect(pending.reply() == .unasked)
  }

  @Test func `commands whose time is over are given up, and the others wait on for their own replies`() {
    var pending = pending()
    pending.append("overdue", sent: start, deadline: start + .seconds(1))
    pending.append("patient", sent: start, deadline: start + .seconds(3))
    #expect(pending.giveUpOverdue(at: start + .seconds(2)) == ["overdue"])
    #expect(pending.giveUpOverdue(at: start + .seconds(2)) == [])
    #expect(pending.reply() == .nobody)
    #expect(pending.reply() == .waiter("patient"))
  }

  @Test func `a command is late once its patience is over, and only once`() {
    var pending = pending("a")
    pending.append("b", sent: start + .milliseconds(5), deadline: .distantFuture)
    var late: [String] = []
    for time in [9, 10, 12, 15, 20] as [Int64] {
      pending.changeLate(at: start + .milliseconds(time)) { waiter in
        late.append("\(waiter) at \(time)")
        waiter = "late \(waiter)"
      }
    }
    #expect(late == ["a at 10", "b at 15"])
    #expect(pending.reply() == .waiter("late a"))
    #expect(pending.reply() == .waiter("late b"))
  }

  @Test func `commands that follow an answered late one are late in their turn`() {
    var pending = pending("a")
    pending.changeLate(at: start + .milliseconds(10)) { _ in }
    _ = pending.reply()
    pending.append("b", sent: start + .milliseconds(20), deadline: .distantFuture)
    #expect(pending.nextEvent == start + .milliseconds(30))
    pending.changeLate(at: start + .milliseconds(30)) { $0 = "late" }
    #expect(pending.reply() == .waiter("late"))
  }

  @Test func `the next event is the first command to be late, or else the first whose time is over`() {
    var pending = pending()
    #expect(pending.nextEvent == nil)
    pending.append("a", sent: start, deadline: start + .seconds(3))
    pending.append("b", sent: start, deadline: start + .seconds(2))
    #expect(pending.nextEvent == start + .milliseconds(10))
    pending.changeLate(at: start + .milliseconds(10)) { _ in }
    #expect(pending.nextEvent == start + .seconds(2))
  }

  @Test func `a command is given up at its own time, though one before it had less`() {
    var pending = pending()
    pending.append("short", sent: start, deadline: start + .seconds(1))
    pending.append("long", sent: start, deadline: start + .seconds(3))
    _ = pending.reply()
    #expect(pending.giveUpOverdue(at: start + .seconds(1)) == [])
    pending.changeLate(at: start + .seconds(1)) { _ in }
    #expect(pending.nextEvent == start + .seconds(3))
    #expect(pending.giveUpOverdue(at: start + .seconds(3)) == ["long"])
  }

  @Test func `the end of a connection tells everybody who still waits`() {
    var pending = pending("a")
    pending.append("b", sent: start, deadline: start)
    pending.append("c", sent: start, deadline: .distantFuture)
    _ = pending.giveUpOverdue(at: start)
    #expect(pending.removeAll() == ["a", "c"])
    #expect(pending.isEmpty)
  }
}
