import QueueClient
import Testing

@testable import FlowMonitor

@Suite struct ForestTests {
  private func key(_ id: String) -> JobKey { JobKey(queue: QueueKey(name: "q"), id: id) }

  private func job(
    _ id: String, _ state: JobState, parent: String? = nil, children: [String] = [], policy: FailurePolicy? = nil,
    finishedOn: Int? = nil, timestamp: Int? = nil
  ) -> FlowJob {
    var job = FlowJob(key: key(id), name: id, state: state)
    job.parentKey = parent.map(key)
    job.children = children.map { FlowJob.Child(key: key($0), kind: .unprocessed) }
    job.counts = DependenciesCount(unprocessed: children.count)
    job.failurePolicy = policy
    job.failedReason = state == .failed ? "why not" : nil
    job.finishedOn = finishedOn
    job.timestamp = timestamp
    return job
  }

  private func forest(_ jobs: [FlowJob], roots: [String]) -> FlowForest {
    var forest = FlowForest()
    var reading = FlowForest.Reading()
    for job in jobs { reading.jobs[job.key] = job }
    reading.roots = Set(roots.map(key))
    forest.apply(reading)
    return forest
  }

  @Test func `roots that need a person come first, then those under way, then those done`() {
    let forest = self.forest(
      [
        job("done", .completed, finishedOn: 9), job("way", .waitingChildren, children: ["child"], timestamp: 1),
        job("child", .active, parent: "way"), job("bad", .failed, finishedOn: 5),
        job("stuck", .waitingChildren, children: ["broken"], timestamp: 2), job("broken", .failed, parent: "stuck"),
      ], roots: ["done", "way", "bad", "stuck"])
    #expect(forest.roots.prefix(2).map(\.id).sorted() == ["bad", "stuck"])
    #expect(forest.roots.suffix(2).map(\.id) == ["way", "done"])
  }

  @Test func `an apply tells just the rows that have changed`() {
    var forest = forest([job("a", .waiting), job("b", .waiting)], roots: ["a", "b"])
    var reading = FlowForest.Reading()
    reading.jobs = [key("a"): job("a", .active), key("b"): job("b", .waiting)]
    #expect(forest.apply(reading) == [key("a")])
  }

  @Test func `a job that is gone is forgotten, also as a root`() {
    var forest = forest([job("a", .waiting)], roots: ["a"])
    var reading = FlowForest.Reading()
    reading.jobs.updateValue(nil, forKey: key("a"))
    forest.apply(reading)
    #expect(forest.jobs.isEmpty)
    #expect(forest.roots.isEmpty)
  }

  @Test func `a root that was given a parent is a root no longer`() {
    var forest = forest([job("a", .waiting)], roots: ["a"])
    var reading = FlowForest.Reading()
    reading.jobs = [key("p"): job("p", .waitingChildren, children: ["a"]), key("a"): job("a", .waiting, parent: "p")]
    reading.roots = [key("p")]
    forest.apply(reading)
    #expect(forest.roots == [key("p")])
  }

  @Test func `data that goes in circles is walked once`() {
    let forest = forest(
      [job("a", .waitingChildren, children: ["b"]), job("b", .waitingChildren, parent: "a", children: ["a"])],
      roots: ["a"])
    #expect(forest.subtree(of: key("a")).map(\.id) == ["a", "b"])
    #expect(Diagnosis(of: key("a"), in: forest) == .fine)
  }

  @Test func `the oldest finished flows are forgotten with all below them`() {
    var forest = forest(
      (1...5).map { (n: Int) in job("\(n)", .completed, children: ["c\(n)"], finishedOn: n) }
        + (1...5).map { (n: Int) in job("c\(n)", .completed, parent: "\(n)") }, roots: ["1", "2", "3", "4", "5"])
    forest.prune(finishedRoots: 2)
    #expect(Set(forest.jobs.keys.map(\.id)) == ["4", "c4", "5", "c5"])
  }

  @Test func `why a flow sticks is found however deep it lies`() {
    let jobs = [
      job("root", .waitingChildren, children: ["middle"]),
      job("middle", .waitingChildren, parent: "root", children: ["leaf"]), job("leaf", .failed, parent: "middle"),
    ]
    let diagnosis = Diagnosis(of: key("root"), in: forest(jobs, roots: ["root"]))
    #expect(diagnosis == .blockedByFailedChild(key("leaf"), name: "leaf", reason: "why not"))
  }

  @Test(arguments: FailurePolicy.allCases) func `a failed child that has a policy blocks nobody`(policy: FailurePolicy)
  {
    let jobs = [
      job("root", .waitingChildren, children: ["leaf"]), job("leaf", .failed, parent: "root", policy: policy),
    ]
    #expect(Diagnosis(of: key("root"), in: forest(jobs, roots: ["root"])).needsAPerson == false)
  }

  @Test func `a sum of values is given only where all are known and are numbers`() {
    var parent = job("p", .waitingChildren)
    parent.counts = DependenciesCount(processed: 2)
    parent.values = [key("a"): 2500, key("b"): 1750]
    #expect(parent.sumOfValues == 4250)
    parent.values[key("b")] = "text"
    #expect(parent.sumOfValues == nil)
    parent.values[key("b")] = nil
    #expect(parent.sumOfValues == nil)
  }
}
