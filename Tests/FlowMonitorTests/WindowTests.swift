import QueueClient
import Testing

@testable import FlowMonitor

/// What is read and followed of a window.
@Suite struct WindowTests {
  private let parents = QueueKey(name: "parents")

  private func job(_ id: String, state: JobState = .waitingChildren, children: Int = 2) -> FlowJob {
    var job = FlowJob(key: JobKey(queue: parents, id: id), name: id, state: state)
    job.counts.unprocessed = children
    return job
  }

  /// Contents of a window with so many flows listed, all of them read.
  private func contents(flows: Int, height: Int = 10) -> WindowContents {
    var contents = WindowContents()
    contents.window.height = height
    contents.page.roots = (0..<flows).map { JobKey(queue: parents, id: "p\($0)") }
    fill(&contents)
    return contents
  }

  /// Reads what is wanted: parents with two children, children with none.
  private func fill(_ contents: inout WindowContents) {
    for _ in 0..<10 {
      let needs = contents.needs()
      if needs.isEmpty { break }
      var result = JobReader.Result()
      for key in needs.jobs {
        result.jobs[key] =
          key.id.contains("-") ? job(key.id, state: .waiting, children: 0) : job(key.id)
      }
      contents.take(result)
      for key in needs.families {
        var state = FamilyState(Family())
        state.family.children = (0..<2).map {
          Family.Child(key: JobKey(queue: parents, id: "\(key.id)-\($0)"), kind: .unprocessed)
        }
        contents.take(state, of: key, openGroups: [:])
      }
    }
    contents.trim()
  }

  @Test(arguments: [100, 100_000]) func `however many flows are listed, what is held is bounded by the window`(
    flows: Int
  ) {
    let contents = contents(flows: flows)
    #expect(contents.jobs.count <= 20 + 2)
    #expect(contents.page.roots.count == 7)
    #expect(!contents.page.isLast)
  }

  @Test(arguments: [100, 100_000]) func `a change touches what is visible of it, however many flows are known`(
    flows: Int
  ) {
    var contents = contents(flows: flows)
    let before = contents.touched
    var changes = PendingChanges()
    for number in 0..<flows { changes.add(.job(JobKey(queue: parents, id: "p\(number)"), .children)) }
    changes.everything = false
    contents.mark(changes)
    fill(&contents)
    #expect(contents.touched - before <= 100)
  }

  @Test func `a job that changed fifty times is read once`() {
    var contents = contents(flows: 3)
    var changes = PendingChanges()
    for _ in 0..<50 { changes.add(.job(JobKey(queue: parents, id: "p1"), .itself)) }
    contents.mark(changes)
    #expect(contents.needs().jobs == [JobKey(queue: parents, id: "p1")])
    #expect(contents.needs().families.isEmpty)
  }

  @Test func `children are read again when their parent's keys have changed`() {
    var contents = contents(flows: 3)
    var changes = PendingChanges()
    changes.add(.job(JobKey(queue: parents, id: "p1"), .children))
    contents.mark(changes)
    #expect(contents.needs().jobs == [JobKey(queue: parents, id: "p1")])
    #expect(contents.needs().families == [JobKey(queue: parents, id: "p1")])
  }

  /// What a comparison takes to have been announced, without which it would prove that notifications do not arrive.
  @Test func `a change out of sight is known, though it is not read`() {
    var contents = WindowContents()
    contents.window.height = 1
    contents.page.roots = [JobKey(queue: parents, id: "p")]
    // A flow that is higher than three screens: its root stays, far above what is seen.
    fill(&contents)
    contents.window.offset = 6
    contents.window.anchor = .flow(JobKey(queue: parents, id: "p"))
    var state = FamilyState(Family())
    state.family.children = (0..<9).map {
      Family.Child(key: JobKey(queue: parents, id: "p-\($0)"), kind: .unprocessed)
    }
    contents.take(state, of: JobKey(queue: parents, id: "p"), openGroups: [:])
    fill(&contents)
    let root = JobKey(queue: parents, id: "p")
    #expect(contents.jobs[root] != nil)
    var changes = PendingChanges()
    changes.add(.job(root, .itself))
    contents.mark(changes)
    #expect(!contents.needs().jobs.contains(root))
    #expect(contents.oldJobs == [root])
  }

  @Test func `the child that a row names as the reason is read again when it changes`() {
    var contents = WindowContents()
    let (root, child) = (JobKey(queue: parents, id: "p"), JobKey(queue: parents, id: "gone"))
    contents.page.roots = [root]
    var failed = job("p", state: .failed, children: 0)
    failed.failedReason = "child \(child) failed"
    contents.take(JobReader.Result(jobs: [root: failed]))
    #expect(contents.needs().jobs == [child])
    contents.take(JobReader.Result(jobs: [child: job("gone", state: .failed, children: 0)]))
    #expect(contents.needs().isEmpty)
    var changes = PendingChanges()
    changes.add(.job(child, .itself))
    contents.mark(changes)
    #expect(contents.needs().jobs == [child])
  }

  @Test func `what is scrolled away is forgotten, and what comes is read`() {
    var contents = contents(flows: 100)
    contents.page.roots = (40..<100).map { JobKey(queue: parents, id: "p\($0)") }
    contents.window.anchor = .flow(JobKey(queue: parents, id: "p45"))
    fill(&contents)
    #expect(contents.jobs[JobKey(queue: parents, id: "p0")] == nil)
    #expect(contents.jobs[JobKey(queue: parents, id: "p45-1")] != nil)
    #expect(contents.page.roots.first.map { $0.id < "p45" } == true)
  }

  @Test func `the detail is read wherever it is, and kept`() {
    var contents = contents(flows: 100)
    let far = JobKey(queue: parents, id: "p99")
    contents.window.detail = far
    fill(&contents)
    #expect(contents.jobs[far] != nil)
    #expect(contents.wanted(prefix: "bull", endings: false).jobs[far] != nil)
  }

  // MARK: The ledger

  @Test func `only differences are subscribed to`() {
    var ledger = SubscriptionLedger(database: 2, prefix: "bull")
    let key = JobKey(queue: parents, id: "a:b")
    var wanted = SubscriptionLedger.Wanted()
    wanted.jobs[key] = .itself
    #expect(ledger.fresh(in: wanted) == [key])
    #expect(ledger.follow(wanted).channels == ["__keyspace@2__:bull:parents:a:b"])
    #expect(ledger.follow(wanted).channels.isEmpty)
    wanted.jobs[key] = [.itself, .lock]
    #expect(ledger.fresh(in: wanted).isEmpty)
    #expect(ledger.follow(wanted).channels == ["__keyspace@2__:bull:parents:a:b:lock"])
    let last = ledger.follow(SubscriptionLedger.Wanted())
    #expect(Set(last.channelsLeft) == ["__keyspace@2__:bull:parents:a:b", "__keyspace@2__:bull:parents:a:b:lock"])
    #expect(last.channels.isEmpty)
  }

  @Test func `a channel tells what was followed by it, whatever its key looks like`() {
    var ledger = SubscriptionLedger(database: 0, prefix: "my:app")
    let job = JobKey(queue: QueueKey(prefix: "other:app", name: "q"), id: "a:b:lock")
    var wanted = SubscriptionLedger.Wanted()
    wanted.jobs[job] = [.itself, .lock, .unprocessed]
    for channel in ledger.follow(wanted).channels {
      let part: Change.Part = channel.hasSuffix(":dependencies") ? .children : .itself
      #expect(ledger.change(of: channel) == .job(job, part))
    }
    let queue = QueueKey(prefix: "my:app", name: "q")
    #expect(ledger.change(of: "__keyspace@0__:my:app:q:waiting-children") == .flows(queue))
    #expect(ledger.change(of: "__keyspace@0__:my:app:q:meta") == .settings(queue))
    #expect(ledger.change(of: "__keyspace@0__:my:app:q:extra:meta") == nil)
    #expect(ledger.change(of: "__keyspace@1__:my:app:q:meta") == nil)
    #expect(ledger.change(of: "news") == nil)
  }

  @Test func `an event of a stream tells which job and which queue has changed`() {
    let event: [(String, String)] = [("event", "waiting"), ("jobId", "1"), ("prev", "waiting-children")]
    let changes = StreamSource.changes(
      of: event.map { ($0.0, .bulk(Array($0.1.utf8))) }, in: parents)
    #expect(Set(changes) == [.flows(parents), .job(JobKey(queue: parents, id: "1"), .itself)])
  }

  @Test func `many queues are looked at in turn`() {
    var queues = KnownQueues()
    queues.learn((0..<200).map { QueueKey(name: "q\($0)") })
    var seen: Set<QueueKey> = []
    for _ in 0..<4 {
      let turn = queues.turn(including: [QueueKey(name: "q7")])
      #expect(turn.count <= 64 && turn.contains(QueueKey(name: "q7")))
      seen.formUnion(turn)
    }
    #expect(seen.count == 200)
  }
}
