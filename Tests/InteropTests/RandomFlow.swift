import QueueClient

/// A random flow of the peer's, of up to three levels in three queues: some of its jobs take a while, some fail, once or
/// always, and what that means for their parents differs.
struct RandomFlow {
  static let queues = ["a", "b", "c"]
  private static let policies: [String?] = [
    nil, nil, "failParentOnFailure", "ignoreDependencyOnFailure", "removeDependencyOnFailure",
    "continueParentOnFailure",
  ]

  /// The flow, as `FlowProducer.add` takes it.
  private(set) var json = JSON.null
  /// The ids of its jobs, by queue; the root is the first.
  private(set) var jobs: [JobKey] = []

  /// The flow of a number among those of a seed.
  init(_ number: Int, _ random: inout Program.Random) {
    json = node("f\(number)", level: 0, &random)
  }

  private mutating func node(_ id: String, level: Int, _ random: inout Program.Random) -> JSON {
    let queue = Self.queues.randomElement(using: &random) ?? "a"
    jobs.append(JobKey(queue: QueueKey(name: queue), id: id))
    var options: [JSON.Member] = [.init("jobId", .string(id))]
    if Int.random(in: 0..<4, using: &random) == 0 {
      options += [.init("attempts", 2), .init("backoff", .int(Int.random(in: 1...400, using: &random)))]
    }
    if level > 0, let policy = Self.policies.randomElement(using: &random), let policy {
      options.append(.init(policy, true))
    }
    if Int.random(in: 0..<8, using: &random) == 0 { options.append(.init("priority", 3)) }
    if Int.random(in: 0..<8, using: &random) == 0 {
      options.append(.init("delay", .int(Int.random(in: 1...800, using: &random))))
    }
    let data: JSON =
      switch Int.random(in: 0..<8, using: &random) {
      case 0: ["fails": "no wheels left"]
      case 1: ["fatal": "out of paint"]
      case 2...4: ["sleeps": .double(Double.random(in: 0...0.6, using: &random))]
      default: [:]
      }
    let isLeaf = level == 2 || (level > 0 && Bool.random(using: &random))
    let children = isLeaf ? [] : (0..<Int.random(in: 1...3, using: &random)).map { "\(id)-\($0)" }
    var members: [JSON.Member] = [
      .init("name", .string("job \(id)")), .init("queueName", .string(queue)), .init("data", data),
      .init("opts", .object(options)),
    ]
    if !children.isEmpty {
      var nodes: [JSON] = []
      for child in children { nodes.append(node(child, level: level + 1, &random)) }
      members.append(.init("children", .array(nodes)))
    }
    return .object(members)
  }
}
