import Redis
import Testing

@testable import QueueClient

/// What a worker's desk decides, told by tables of what happens.
@Suite struct DeskBookTests {
  private var open: DeskBook {
    var book = DeskBook()
    book.wait(after: nil)
    book.wait(after: nil)
    return book
  }

  private func job(_ id: String, token: String = "t:1") -> Job {
    Job(JobSnapshot(key: JobKey(queue: QueueKey(name: "q"), id: id)), redis: RedisClient(), token: token)
  }

  private func reply(_ ids: [String] = [], nextDue: Int = 0, pause: Duration = .zero) -> Exchange.Reply {
    Exchange.Reply(codes: [], jobs: ids.map { job($0) }, nextDue: nextDue, pause: pause)
  }

  private func wanted(_ order: DeskBook.Order?) -> Int? {
    if case .exchange(_, let wanted, _) = order { wanted } else { nil }
  }

  private func isWakeAnother(_ order: DeskBook.Order?) -> Bool {
    if case .wakeAnother = order { true } else { false }
  }

  /// Asks, and is answered.
  private func ask(_ book: inout DeskBook, _ reply: Exchange.Reply) {
    guard let order = book.nextOrder() else { return }
    book.answered(reply, to: order, retold: [])
  }

  @Test func `where there is nothing, it waits at the door, and asks again when called`() {
    var book = open
    ask(&book, reply(nextDue: 5))
    let quiet = book.quietUntil
    #expect(quiet == 5)
    let before = book.nextOrder()
    #expect(wanted(before) == nil)
    book.ring()
    let after = book.nextOrder()
    #expect(wanted(after) == 2)
  }

  @Test func `while a rate limit lasts it neither asks nor takes calls from others`() {
    var book = open
    ask(&book, reply(pause: .milliseconds(100)))
    let (quiet, order) = (book.quietUntil, book.nextOrder())
    #expect(quiet == nil && wanted(order) == nil)
    book.ring()
    let after = book.nextOrder()
    #expect(wanted(after) == 2)
  }

  @Test func `a call that comes while an answer is on its way is not forgotten`() {
    var book = open
    let order = book.nextOrder()
    book.ring()
    if let order { book.answered(reply(), to: order, retold: []) }
    let next = book.nextOrder()
    #expect(wanted(next) == 2)
  }

  @Test func `of two answers on their way, the older one does not make it forget a call either`() {
    var book = open
    let first = book.nextOrder()
    book.wait(after: nil)
    let second = book.nextOrder()
    book.ring()
    if let second { book.answered(reply(nextDue: 7), to: second, retold: []) }
    if let first { book.answered(reply(), to: first, retold: []) }
    let next = book.nextOrder()
    #expect(wanted(next) == 3)
  }

  @Test func `a due time is heeded, whichever of two answers tells of it`() {
    for dues in [(7, 0), (0, 7)] {
      var book = open
      let first = book.nextOrder()
      book.wait(after: nil)
      let second = book.nextOrder()
      if let second { book.answered(reply(nextDue: dues.0), to: second, retold: []) }
      if let first { book.answered(reply(nextDue: dues.1), to: first, retold: []) }
      #expect(book.quietUntil == 7)
    }
  }

  @Test func `called without a lane for a job, paused or closing, it wakes another`() {
    var busy = open
    ask(&busy, reply(["a", "b"]))
    let taken = [busy.nextJob(), busy.nextJob()].compactMap { $0 }
    #expect(taken.count == 2)
    busy.ring()
    var paused = open
    ask(&paused, reply())
    paused.pause()
    var closing = open
    ask(&closing, reply())
    closing.close()
    let orders = [busy.nextOrder(), paused.nextOrder(), closing.nextOrder()]
    #expect(orders.map { isWakeAnother($0) } == [true, true, true])
    let second = busy.nextOrder()
    #expect(!isWakeAnother(second), "once")
  }

  @Test func `after an error nothing is asked until the clerk has rested, and the lost answer is seen to first`() {
    var book = open
    if let order = book.nextOrder() { book.failed(order) }
    let resting = book.nextOrder()
    let isResting = resting == nil
    #expect(isResting)
    book.rested()
    guard case .reclaim = book.nextOrder() else {
      Issue.record("what an answer that was lost may have given us is not put back")
      return
    }
    book.done(.reclaim)
    let next = book.nextOrder()
    #expect(wanted(next) == 2)
  }

  @Test func `two attempts at one job are two, and each leaves for itself`() {
    var book = open
    ask(&book, reply(["a"]))
    let first = book.nextJob()
    let again = Exchange.Reply(codes: [], jobs: [job("a", token: "t:2")], nextDue: 0, pause: .zero)
    book.ring()
    ask(&book, again)
    let second = book.nextJob()
    #expect(book.known == [JobLock(id: "a", token: "t:1"), JobLock(id: "a", token: "t:2")])
    book.wait(after: first.map { EndedJob(job: $0, outcome: .moved) })
    #expect(book.known == [JobLock(id: "a", token: "t:2")])
    #expect(second != nil)
  }

  @Test func `abandoned, it has nothing to do any more`() {
    var book = open
    ask(&book, reply(["a"]))
    let taken = book.nextJob()
    book.close()
    book.abandon()
    book.wait(after: taken.map { EndedJob(job: $0, outcome: .handedBack) })
    let order = book.nextOrder()
    let isOver = order == nil && book.isDone
    #expect(isOver)
  }
}
