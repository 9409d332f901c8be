import ArgumentParser
import QueueClient

/// What the demo shows.
enum DemoScenario: String, CaseIterable, ExpressibleByArgument {
  /// The two flows of BullMQ's flows guide.
  case guide
  /// A parent of many children.
  case fanOut = "fan-out"
  /// A flow that sticks: a child fails, and nothing says what that means for its parent.
  case stuck
  /// A chain in which each job waits for the next.
  case chain
  /// Steps that fan out and come together again, over five queues.
  case diamond
  /// A child that fails, under each of the four policies.
  case failures
  /// A child that fails at first, and is tried again.
  case retries
  /// A flow whose parent's queue is paused for a while.
  case paused

  static let names = allCases.map(\.rawValue).joined(separator: ", ")

  var flows: [FlowNode] {
    switch self {
    case .guide: [Self.renovation, Self.assembly]
    case .fanOut: [Self.wide]
    case .stuck: [Self.sticking]
    case .chain: [Self.serial]
    case .diamond: [Self.release]
    case .failures: FailurePolicy.allCases.map(Self.failing)
    case .retries: [Self.flaky]
    case .paused: [Self.invoicing]
    }
  }

  /// Those of the flows that end well by themselves.
  var passingFlows: [FlowNode] {
    switch self {
    case .stuck: []
    case .failures: FailurePolicy.allCases.filter { $0 != .failParentOnFailure }.map(Self.failing)
    default: flows
    }
  }

  /// Renovating: a parent that sums what its steps cost.
  private static let renovation = FlowNode(
    name: "renovate-interior", queueName: "renovate",
    children: [
      FlowNode(name: "paint", queueName: "steps", data: ["place": "ceiling", "cost": 2500]),
      FlowNode(name: "paint", queueName: "steps", data: ["place": "walls", "cost": 900]),
      FlowNode(name: "fix", queueName: "steps", data: ["place": "floor", "cost": 1750]),
    ]
  )

  /// Building a car, one step after the other: chassis, wheels, engine.
  private static let assembly = step("engine", after: step("wheels", after: step("chassis")))

  private static func step(_ name: String, after before: FlowNode? = nil) -> FlowNode {
    FlowNode(
      name: "car", queueName: "assembly-line", data: ["step": .string(name)], children: before.map { [$0] } ?? [])
  }

  private static let wide = FlowNode(
    name: "thumbnails", queueName: "albums",
    children: (1...200).map { FlowNode(name: "thumbnail", queueName: "images", data: ["image": .int($0), "cost": 1]) }
  )

  private static let sticking = FlowNode(
    name: "monthly-report", queueName: "reports",
    children: [
      FlowNode(name: "collect", queueName: "steps", data: ["cost": 12]),
      FlowNode(name: "convert", queueName: "steps", data: ["fails": "the exchange rate service answered 503"]),
    ]
  )

  private static let serial: FlowNode = (1...12).reduce(
    FlowNode(name: "level-13", queueName: "levels", data: ["cost": 1])
  ) { below, level in FlowNode(name: "level-\(13 - level)", queueName: "levels", data: ["cost": 1], children: [below]) }

  /// Everything that a release needs comes from one source, and goes into one publication.
  private static let release: FlowNode = {
    let source = FlowNode(name: "checkout", queueName: "sources", data: ["cost": 1])
    let builds = ["linux", "macos", "arm"].map { system in
      FlowNode(name: "build-\(system)", queueName: "builds", data: ["cost": 3], children: [source])
    }
    let checks = ["unit", "integration"].map { kind in
      FlowNode(name: "test-\(kind)", queueName: "checks", data: ["cost": 2], children: builds)
    }
    return FlowNode(
      name: "publish", queueName: "releases",
      children: [FlowNode(name: "sign", queueName: "signatures", data: ["cost": 1], children: checks)])
  }()

  private static func failing(_ policy: FailurePolicy) -> FlowNode {
    var opts: JobOptions = [:]
    opts.failurePolicy = policy
    return FlowNode(
      name: policy.rawValue, queueName: "policies",
      children: [
        FlowNode(name: "works", queueName: "steps", data: ["cost": 5]),
        FlowNode(name: "breaks", queueName: "steps", data: ["fails": "no wheels left"], opts: opts),
      ])
  }

  private static let flaky = FlowNode(
    name: "nightly-import", queueName: "reports",
    children: [
      FlowNode(
        name: "download", queueName: "steps", data: ["cost": 7, "failsAtFirst": 2],
        opts: ["attempts": 4, "backoff": ["type": "exponential", "delay": 800]])
    ])

  private static let invoicing = FlowNode(
    name: "invoices", queueName: "invoices",
    children: (1...3).map { FlowNode(name: "invoice-\($0)", queueName: "steps", data: ["cost": .int($0 * 100)]) })
}
