import QueueClient
import Testing

@testable import FlowMonitor

/// What is concluded from what was found of a flow.
@Suite struct CauseFinderTests {
  private static let path = ["top:root/r", "mid/m", "leaf/l"]

  private func key(_ text: String) -> JobKey { FoundFlow.key(text) }

  @Test(arguments: Plight.all.indices) func `each cause is named with its job and the way to it, at every level`(
    index: Int
  ) {
    let plight = Plight.all[index]
    for depth in 1...3 {
      var flow = FoundFlow(root: Self.path[0])
      for level in 1..<max(2, depth) where level < depth - 1 {
        flow.put(Self.path[level], .waitingChildren, under: Self.path[level - 1])
      }
      let job = Self.path[depth - 1]
      flow.put(
        job, plight.state, under: depth > 1 ? Self.path[depth - 2] : nil, plight.edit, queue: plight.queue)
      let found = flow.causes
      if depth == 1, plight.code == .completedStillPending {
        #expect(found.isEmpty)
        continue
      }
      // What nobody waits for is called by another name.
      let atRoot: [CauseCode: CauseCode] = [.failedChild: .failed, .missingChild: .missingParent]
      #expect(found.first?.code == (depth == 1 ? atRoot[plight.code] ?? plight.code : plight.code))
      #expect(found.first?.job == key(job))
      #expect(found.first?.chain == Self.path.prefix(depth).map(key))
      let isSecond = plight.state == .delayed && plight.code != .delayed && plight.code != .retrying
      #expect(found.map(\.code) == [found.first?.code, isSecond ? .delayed : nil].compactMap(\.self))
    }
  }

  @Test func `of two causes at once both are told, those that need somebody first`() {
    for one in Plight.all {
      for other in Plight.all {
        var flow = FoundFlow(root: "root/r")
        flow.put("one/1", one.state, under: "root/r", one.edit, queue: one.queue)
        flow.put("mid/m", .waitingChildren, under: "root/r")
        flow.put("next:other/2", other.state, under: "mid/m", other.edit, queue: other.queue)
        let found = flow.causes
        #expect(found.contains { $0.code == one.code && $0.chain == ["root/r", "one/1"].map(key) })
        #expect(found.contains { $0.code == other.code && $0.chain == ["root/r", "mid/m", "next:other/2"].map(key) })
        let needs = found.map(\.needsPerson)
        #expect(needs == needs.filter(\.self) + needs.filter { !$0 })
      }
    }
  }

  @Test func `a queue may be paused and without workers, which is told of all its jobs at once`() {
    var flow = FoundFlow(root: "root/r")
    for number in 0..<10_000 {
      flow.put("leaf/\(number)", .waiting, under: "root/r") {
        $0.isWhole = number < 50
      } queue: {
        $0.isPaused = true
        $0.workers = 0
      }
    }
    #expect(flow.causes.map(\.code) == [.queuePaused, .noWorker])
    #expect(flow.causes.allSatisfy { $0.evidence.count == 10_000 })
  }

  @Test func `a failure is followed to where it began`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("mid/m", .failed, under: "root/r") { $0.failedReason = "child bull:leaf:l failed" }
    flow.facts.jobs[key("leaf/l")] = FlowFacts.Fact(
      state: .failed, isWhole: true, name: "wheels", failedReason: "no wheels left")
    flow.facts.failedThrough = [key("mid/m"): [key("leaf/l")]]
    let cause = flow.causes.first
    #expect(cause?.code == .failedChild && cause?.job == key("leaf/l"))
    #expect(cause?.chain == ["root/r", "mid/m", "leaf/l"].map(key))
    #expect(cause?.evidence.reason == "no wheels left" && cause?.evidence.parent == key("root/r"))
    // Even where that goes in circles.
    flow.facts.failedThrough[key("leaf/l")] = [key("mid/m")]
    #expect(flow.causes.first?.job == key("leaf/l"))
  }

  @Test func `children that failed for one reason are one cause, and those that were not read are counted to the most`()
  {
    var flow = FoundFlow(root: "root/r")
    for number in 0..<1000 {
      flow.put("leaf/\(number)", .failed, under: "root/r") {
        $0.isWhole = number < 100
        $0.failedReason = number < 100 ? (number % 10 == 0 ? "timeout" : "code \(number)") : nil
      }
    }
    let counts = flow.causes.map(\.evidence.count).sorted()
    #expect(counts == [10, 990] && flow.causes.allSatisfy { $0.code == .failedChild })
  }

  @Test func `two parents that wait for one ended child are both told`() {
    var flow = FoundFlow(root: "root/r")
    for parent in ["mid/1", "mid/2"] { flow.put(parent, .waitingChildren, under: "root/r") }
    flow.put("leaf/l", .completed, under: "mid/1")
    flow.put("leaf/l", .completed, under: "mid/2")
    #expect(flow.causes.map(\.code) == [.completedStillPending, .completedStillPending])
    #expect(
      Set(flow.causes.map(\.evidence.parent))
        == ["mid/1", "mid/2"].map(key).map(Optional.some).reduce(into: []) { $0.insert($1) })
  }

  @Test func `a child that tells another parent of its end is waited for in vain`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("mid/1", .waitingChildren, under: "root/r")
    flow.put("leaf/l", .waiting, under: "mid/1") { $0.parent = FoundFlow.key("mid/2") }
    let cause = flow.causes.first
    #expect(cause?.code == .waitsForNothing && cause?.job == key("mid/1") && cause?.evidence.child == key("leaf/l"))
    #expect(cause?.fixes == [.removeDependency(child: key("leaf/l"), parent: key("mid/1"))])
  }

  @Test(arguments: [(JobState.waiting, true), (.waitingChildren, true), (.completed, false), (.failed, false)])
  func `a root whose parent is gone is told as long as it has not ended`(state: JobState, isTold: Bool) {
    var flow = FoundFlow(root: "root/r")
    flow.put("root/r", state) { $0.missingParent = FoundFlow.key("top:up/u") }
    let cause = flow.causes.first { $0.code == .missingParent }
    #expect((cause != nil) == isTold)
    if isTold { #expect(cause?.evidence.parent == key("top:up/u") && cause?.job == key("root/r")) }
  }

  @Test(arguments: [JobState.waiting, .active, .delayed])
  func `where the server does not tell who is connected, nobody is missed`(state: JobState) {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", state, under: "root/r", queue: { $0.workers = nil })
    flow.facts.queues[key("leaf/l").queue]?.workers = nil
    #expect(flow.causes.first?.code.needsPerson == false)
  }

  @Test func `of a job that moves while it is looked at nothing is said`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", .completed, under: "root/r") { $0.isMoving = true }
    #expect(flow.causes.isEmpty)
  }

  @Test func `a job that is ready right now is nobody's trouble, though workers have slept for long`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", .waiting, under: "root/r") {
      $0.timestamp = 1_795_000_599_000
    } queue: {
      $0.hasMarker = false
      $0.leastIdle = 60
    }
    #expect(flow.causes.map(\.code) == [.backlog])
  }

  @Test func `a flow three thousand levels deep is gone through`() {
    var flow = FoundFlow(root: "q/0")
    for level in 1..<3000 { flow.put("q/\(level)", .waitingChildren, under: "q/\(level - 1)") }
    flow.put("q/leaf", .failed, under: "q/2999")
    #expect(flow.causes.count == 1 && flow.causes.first?.chain.count == 3001)
  }

  /// A root that waits for a failed child, for another job and for one that may still end.
  private func flow(_ policy: FailurePolicy?, of state: JobState, workers: Int = 1) -> FoundFlow {
    var flow = FoundFlow(root: "root/r")
    flow.put("mid/m", .waitingChildren, under: "root/r")
    flow.put("leaf/failed", .failed, under: "mid/m")
    flow.put("other/o", state, under: "mid/m", { $0.policy = policy }, queue: { $0.workers = workers })
    return flow
  }

  @Test(
    arguments: [
      (nil, .waiting, 1, true), (.failParentOnFailure, .waiting, 1, false),
      (.continueParentOnFailure, .active, 1, false),
      (.ignoreDependencyOnFailure, .active, 1, true), (.removeDependencyOnFailure, .waiting, 1, true),
      // Who never ends releases nobody.
      (.failParentOnFailure, .waiting, 0, true), (.failParentOnFailure, .failed, 1, true),
      (.failParentOnFailure, .unknown, 1, true),
    ] as [(FailurePolicy?, JobState, Int, Bool)])
  func `nobody is needed for sure while another child may release the parent by failing`(
    policy: FailurePolicy?, state: JobState, workers: Int, needsPerson: Bool
  ) {
    let cause = flow(policy, of: state, workers: workers).causes.first { $0.job == key("leaf/failed") }
    #expect(cause?.code == .failedChild && cause?.needsPerson == needsPerson)
  }

  @Test(arguments: [(nil, false), (0, false), (3, true)] as [(Int?, Bool)])
  func `all that delays a job is told: limits of the queue, and who is taken before it`(ahead: Int?, hasOthers: Bool) {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", .waiting, under: "root/r") {
      $0.ahead = ahead
    } queue: {
      $0.limitedFor = 4000
      ($0.concurrency, $0.active) = (2, 2)
    }
    #expect(flow.causes.map(\.code) == [.rateLimited, .concurrencyFull] + (hasOthers ? [.backlog] : []))
  }

  @Test func `jobs that are not told apart are counted, and one stands for them`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/1", .waiting, under: "root/r")
    flow.put("leaf/2", .waiting, under: "root/r") {
      $0.isWhole = false
      $0.count = 9999
    }
    #expect(flow.causes.map(\.evidence.count) == [10_000])
  }

  @Test func `a circle is left where a child from outside fails, and not else`() {
    for state in [JobState.active, .failed] {
      var flow = FoundFlow(root: "q/1")
      flow.put("q/2", .waitingChildren, under: "q/1")
      flow.put("q/3", .waitingChildren, under: "q/2")
      flow.facts.pending[key("q/3")] = [key("q/2")]
      flow.put("leaf/l", state, under: "q/3") { $0.policy = .continueParentOnFailure }
      let circle = flow.causes.first { $0.code == .circle }
      #expect(circle?.needsPerson == (state == .failed))
    }
  }

  @Test(arguments: [JobState.waiting, .prioritized, .delayed], [0, -1])
  func `a limit that no job fits into needs somebody, beside whatever else keeps the queue`(state: JobState, limit: Int)
  {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", state, under: "root/r") {
      $0.timestamp = 1_795_000_000_000
    } queue: {
      ($0.concurrency, $0.leastIdle, $0.hasMarker) = (limit, 600, false)
    }
    let cause = flow.causes.first
    #expect(cause?.code == .concurrencyFull && cause?.needsPerson == true && cause?.evidence.limit == limit)
    #expect(!flow.causes.contains { $0.code == .lostMarker })
    flow.facts.queues[key("leaf/l").queue]?.workers = 0
    #expect(flow.causes.prefix(2).map(\.code) == [.noWorker, .concurrencyFull])
  }

  @Test func `a queue that is full or limited and has no worker is told as both`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("leaf/l", .waiting, under: "root/r") { _ in
    } queue: {
      ($0.workers, $0.concurrency, $0.active, $0.limitedFor) = (0, 1, 1, 4000)
    }
    #expect(flow.causes.map(\.code) == [.noWorker, .rateLimited, .concurrencyFull])
  }

  @Test func `all children through which a job failed are told`() {
    var flow = FoundFlow(root: "root/r")
    flow.facts.jobs[key("root/r")]?.state = .failed
    for (job, reason) in [("leaf/1", "one"), ("leaf/2", "two"), ("mid/3", "three")] {
      flow.put(job, .failed) { $0.failedReason = reason }
    }
    flow.facts.failedThrough = [key("root/r"): ["leaf/1", "leaf/2", "mid/3"].map(key)]
    #expect(flow.causes.map(\.code) == [.failed, .failed, .failed])
    #expect(Set(flow.causes.compactMap(\.evidence.reason)) == ["one", "two", "three"])
  }

  @Test func `what stands in the way of another try of what failed is told, and what just goes on is not`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("mid/m", .failed, under: "root/r") { $0.failedReason = "boom" }
    flow.put("gone/1", .unknown) { $0.exists = false }
    flow.put("held/2", .waiting, queue: { $0.isPaused = true })
    flow.put("busy/3", .active) { $0.lock = 1000 }
    flow.facts.pending[key("mid/m")] = ["gone/1", "held/2", "busy/3"].map(key)
    #expect(flow.causes.map(\.code) == [.failedChild, .missingChild, .queuePaused])
    #expect(flow.causes.first { $0.code == .missingChild }?.evidence.isParentFailed == true)
  }

  @Test func `what a lost root left behind needs nobody as long as its children can end`() {
    var flow = FoundFlow(root: "root/r")
    flow.facts.jobs[key("root/r")]?.exists = false
    flow.put("leaf/l", .active, under: "root/r") { $0.lock = 1000 }
    #expect(flow.causes.first { $0.code == .missingParent }?.needsPerson == false)
    flow.put("leaf/2", .failed, under: "root/r")
    #expect(flow.causes.first { $0.code == .missingParent }?.needsPerson == true)
  }

  @Test func `jobs that wait now stand for those that are delayed, and are told first`() {
    var flow = FoundFlow(root: "root/r")
    flow.put("a/1", .delayed, under: "root/r", queue: { $0.workers = 0 })
    flow.put("b/1", .delayed, under: "root/r", queue: { $0.workers = 0 })
    flow.put("b/2", .waiting, under: "root/r", queue: { $0.workers = 0 })
    let found = flow.causes.filter { $0.code == .noWorker }
    #expect(found.map(\.job) == ["b/2", "a/1"].map(key) && found.map(\.evidence.delayed) == [1, 1])
  }
}
