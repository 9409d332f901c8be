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

  static let names = allCases.map(\.rawValue).joined(separator: ", ")

  var flows: [FlowNode] {
    switch self {
    case .guide: [Self.renovation, Self.assembly]
    case .fanOut: [Self.wide]
    case .stuck: [Self.sticking]
    case .chain: [Self.serial]
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

  /// Building a car: a serial chain, from the engine up.
  private static let assembly = FlowNode(
    name: "car", queueName: "assembly-line", data: ["step": "car"],
    children: [
      FlowNode(
        name: "chassis", queueName: "assembly-line", data: ["step": "chassis"],
        children: [
          FlowNode(
            name: "wheels", queueName: "assembly-line", data: ["step": "wheels"],
            children: [FlowNode(name: "engine", queueName: "assembly-line", data: ["step": "engine"])]
          )
        ]
      )
    ]
  )

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
}
