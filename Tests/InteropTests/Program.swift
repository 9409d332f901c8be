import QueueClient

/// A random sequence of what producers, workers and people do to flows.
struct Program {
  /// One thing that is done, as the peer's commands name it.
  struct Step: CustomStringConvertible {
    var op: String
    var arguments: JSON
    var description: String { "\(op) \(arguments.text)" }

    /// The flows that it adds.
    var flows: [JSON] { arguments["flow"].map { [$0] } ?? arguments["flows"]?.array ?? [] }
  }

  let steps: [Step]

  /// Numbers that a seed decides.
  struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Steps about a job that a worker has in hand.
  private static let ofHeld: Set = ["complete", "fail", "waitForChildren", "putOff"]

  /// The step with the job that it is about.
  ///
  /// - Parameters:
  ///   - known: the jobs that were added so far, in order.
  ///   - held: those that a worker has in hand.
  static func resolve(_ step: Step, known: [JobKey], held: [JobKey]) -> Step? {
    guard let pick = step.arguments["pick"]?.int else { return step }
    let choices = ofHeld.contains(step.op) ? held : known
    guard !choices.isEmpty else { return nil }
    let key = choices[pick % choices.count]
    var members = (step.arguments.members ?? []).filter { $0.name != "pick" }
    members.insert(JSON.Member("id", .string(key.id)), at: 0)
    members.insert(JSON.Member("queue", .string(key.queue.name)), at: 0)
    members.insert(JSON.Member("prefix", .string(key.queue.prefix)), at: 0)
    return Step(op: step.op, arguments: .object(members))
  }

  /// The jobs that a step adds.
  static func added(by step: Step) -> [JobKey] {
    func keys(_ node: JSON) -> [JobKey] { [key(of: node)] + (node["children"]?.array ?? []).flatMap(keys) }
    return step.flows.flatMap(keys)
  }

  /// The job that a step answered with, where it adds one that no flow is about.
  static func added(by step: Step, answer: JSON) -> JobKey? {
    guard ["queueAdd", "upsertScheduler"].contains(step.op), let id = answer.string else { return nil }
    let c = step.arguments
    return JobKey(queue: QueueKey(prefix: c["prefix"]?.string ?? "", name: c["queue"]?.string ?? ""), id: id)
  }

  /// Where a node's job stands.
  static func key(of node: JSON) -> JobKey {
    let queue = QueueKey(prefix: node["prefix"]?.string ?? "", name: node["queueName"]?.string ?? "")
    return JobKey(queue: queue, id: node["opts"]?["jobId"]?.string ?? "")
  }

  init(seed: UInt64) {
    var maker = Maker(random: Random(state: seed))
    steps = (0..<Int.random(in: 3...16, using: &maker.random)).map { maker.step($0) }
  }

  private struct Maker {
    var random: Random

    static let places: [(prefix: String, queue: String)] = [("bull", "a"), ("bull", "b"), ("shop", "a")]
    static let ids = (1...7).map { "j\($0)" }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    mutating func one<Element>(of list: [Element]) -> Element { list.randomElement(using: &random)! }

    mutating func step(_ index: Int) -> Step {
      if index == 0 { return Step(op: "add", arguments: ["flow": node(depth: 0)]) }
      // Which job, is decided when it is known which there are.
      let job = [JSON.Member("pick", .int(Int.random(in: 0..<1000, using: &random)))]
      func step(_ op: String, _ more: JSON.Member...) -> Step { Step(op: op, arguments: .object(job + more)) }
      switch Int.random(in: 0..<136, using: &random) {
      case ..<14: return Step(op: "add", arguments: ["flow": node(depth: 0)])
      case ..<17: return Step(op: "addBulk", arguments: ["flows": .array([node(depth: 1), node(depth: 1)])])
      case ..<40: return step("take")
      case ..<58: return step("complete", JSON.Member("value", one(of: [1, "text", nil, ["a": 1.5], 2500])))
      case ..<68: return step("fail", JSON.Member("reason", .string(one(of: ["no paint", "kaputt"]))))
      case ..<74: return step("remove", JSON.Member("removeChildren", .bool(chance(70))))
      case ..<80: return step("retry", JSON.Member("state", .string(chance(70) ? "failed" : "completed")))
      case ..<83: return step("promote")
      case ..<86:
        return step(
          "changePriority", JSON.Member("priority", .int(one(of: [0, 1, 5]))), JSON.Member("lifo", .bool(chance(30))))
      case ..<88: return step("updateData", JSON.Member("data", one(of: [1, ["x": "y"], []])))
      case ..<90: return step("updateProgress", JSON.Member("progress", one(of: [50, ["step": 2]])))
      case ..<91: return step("log", JSON.Member("row", "hello"))
      case ..<92: return step("ring")
      case ..<93: return step(chance(60) ? "pause" : "resume")
      case ..<95: return step("removeUnprocessed")
      case ..<97: return step("removeDependency")
      case ..<100: return step("changeDelay", JSON.Member("delay", .int(one(of: [1000, 3_600_000]))))
      case ..<103: return step("waitForChildren")
      case ..<105: return step("putOff", JSON.Member("delay", .int(one(of: [60_000, 3_600_000]))))
      case ..<107: return step("recoverStalled")
      case ..<108: return step("forgetLocks")
      case ..<110: return step("drain", JSON.Member("delayed", .bool(chance(40))))
      case ..<112:
        return step(
          "clean", JSON.Member("grace", .int(one(of: [0, 0, 3_600_000]))),
          JSON.Member("limit", .int(one(of: [0, 0, 1]))),
          JSON.Member("state", .string(one(of: ["completed", "failed", "wait", "delayed", "prioritized"]))))
      case ..<115:
        return Step(op: "obliterate", arguments: .object(queue() + [JSON.Member("force", .bool(chance(60)))]))
      case ..<125: return queueAdd()
      case ..<130: return scheduler()
      case ..<131:
        return Step(
          op: "removeScheduler",
          arguments: .object(queue() + [JSON.Member("scheduler", .string(one(of: Self.schedulers)))]))
      default:
        return chance(60)
          ? step("retryJobs", JSON.Member("state", .string(chance(60) ? "failed" : "completed"))) : step("promoteJobs")
      }
    }

    private static let schedulers = ["s", "a:b"]

    private mutating func queue() -> [JSON.Member] {
      let place = one(of: Self.places)
      return [JSON.Member("prefix", .string(place.prefix)), JSON.Member("queue", .string(place.queue))]
    }

    /// All modes of deduplication, and their combinations.
    private mutating func deduplication() -> JSON {
      var members = [JSON.Member("id", .string(chance(80) ? "d" : "e"))]
      if chance(40) { members.append(JSON.Member("ttl", .int(one(of: [0, 3_600_000])))) }
      if chance(30) { members.append(JSON.Member("extend", true)) }
      if chance(40) { members.append(JSON.Member("replace", true)) }
      if chance(50) { members.append(JSON.Member("keepLastIfActive", true)) }
      return .object(members)
    }

    private mutating func queueAdd() -> Step {
      var opts: [JSON.Member] = []
      if chance(30) { opts.append(JSON.Member("jobId", .string(one(of: Self.ids)))) }
      if chance(30) { opts.append(JSON.Member("delay", .int(3_600_000))) }
      if chance(15) { opts.append(JSON.Member("priority", .int(one(of: [1, 2])))) }
      if chance(15) { opts.append(JSON.Member("lifo", true)) }
      if chance(70) { opts.append(JSON.Member("deduplication", deduplication())) }
      if chance(15) { opts.append(JSON.Member("removeOnComplete", one(of: [true, 1]))) }
      return Step(
        op: "queueAdd",
        arguments: .object(
          queue() + [
            JSON.Member("name", .string(one(of: ["first", "second"]))), JSON.Member("data", one(of: [["x": 1], []])),
            JSON.Member("opts", .object(opts)),
          ]))
    }

    /// A job scheduler whose jobs are due years from now, at times that do not depend on when the program runs.
    private mutating func scheduler() -> Step {
      var repeats: [JSON.Member] =
        chance(50)
        ? [JSON.Member("every", .int(one(of: [1000, 3_600_000])))]
        : [
          JSON.Member("pattern", .string(one(of: ["0 3 * * *", "15 10 8 * * mon-fri"]))),
          JSON.Member("tz", .string(one(of: ["UTC", "Asia/Tokyo"]))),
        ]
      repeats.append(JSON.Member("startDate", .int(2_050_000_000_000)))
      if chance(30) { repeats.append(JSON.Member("limit", .int(one(of: [1, 2, 3])))) }
      if chance(20) { repeats.append(JSON.Member("endDate", .int(2_060_000_000_000))) }
      if chance(20) { repeats.append(JSON.Member("offset", .int(250))) }
      var opts: [JSON.Member] = []
      if chance(30) { opts.append(JSON.Member("attempts", .int(2))) }
      if chance(30) { opts.append(JSON.Member("priority", .int(3))) }
      return Step(
        op: "upsertScheduler",
        arguments: .object(
          queue() + [
            JSON.Member("scheduler", .string(one(of: Self.schedulers))), JSON.Member("repeat", .object(repeats)),
            JSON.Member("name", .string(one(of: ["tick", "tock"]))), JSON.Member("data", one(of: [["x": 1], [:]])),
            JSON.Member("opts", .object(opts)),
          ]))
    }

    private mutating func node(depth: Int) -> JSON {
      let place = one(of: Self.places)
      var opts = [
        JSON.Member("jobId", .string(one(of: Self.ids))), JSON.Member("timestamp", .int(1_700_000_000_000)),
      ]
      var canHaveChildren = depth < 3
      if chance(10) { opts.append(JSON.Member("delay", .int(one(of: [5, 3_600_000])))) }
      if chance(12) { opts.append(JSON.Member("priority", .int(one(of: [1, 2, 7])))) }
      if chance(10) { opts.append(JSON.Member("lifo", true)) }
      if chance(20) { opts.append(JSON.Member("attempts", .int(one(of: [1, 2, 3])))) }
      if chance(10) { opts.append(JSON.Member("backoff", one(of: [1000, ["type": "exponential", "delay": 500]]))) }
      if chance(8) { opts.append(JSON.Member("removeOnComplete", one(of: [true, 1, ["count": 2], false]))) }
      if chance(8) { opts.append(JSON.Member("removeOnFail", one(of: [true, 1, ["count": 0]]))) }
      if chance(5) { opts.append(JSON.Member("keepLogs", 2)) }
      if depth > 0, chance(50) {
        opts.append(JSON.Member(one(of: FailurePolicy.allCases).rawValue, true))
      }
      if depth == 0, chance(12) {
        let above = one(of: Self.places)
        opts.append(
          JSON.Member(
            "parent", ["id": .string(one(of: Self.ids)), "queue": .string("\(above.prefix):\(above.queue)")]))
      } else if depth == 0, chance(8) {
        opts.append(JSON.Member("deduplication", deduplication()))
        canHaveChildren = false
      }
      var members = [
        JSON.Member("name", .string("n\(depth)")), JSON.Member("queueName", .string(place.queue)),
        JSON.Member("prefix", .string(place.prefix)), JSON.Member("data", one(of: [["x": 1], [], "text", 1.5])),
        JSON.Member("opts", .object(opts)),
      ]
      if canHaveChildren, chance(depth == 0 ? 80 : 40) {
        let count = Int.random(in: 0...3, using: &random)
        members.append(JSON.Member("children", .array((0..<count).map { _ in node(depth: depth + 1) })))
      }
      return .object(members)
    }
  }
}
