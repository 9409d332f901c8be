/// One job of a flow, and the jobs below it.
///
/// ```swift
/// let flow = FlowNode(name: "renovate-interior", queueName: "renovate", children: [
///   FlowNode(name: "paint", queueName: "steps", data: ["place": "ceiling"]),
///   FlowNode(name: "fix", queueName: "steps", data: ["place": "floor"]),
/// ])
/// ```
public struct FlowNode: Sendable, Hashable {
  /// The job's name.
  public var name: String
  /// The queue it goes to.
  public var queueName: String
  /// Its data.
  public var data: JSON
  /// The prefix of its queue; without one, its parent's or the producer's.
  public var prefix: String?
  /// Its options.
  public var opts: JobOptions
  /// The jobs that must finish first. An empty list is the same as none.
  public var children: [FlowNode]

  /// A node from its parts.
  ///
  /// - Parameters:
  ///   - name: any text.
  ///   - queueName: not empty, without a colon.
  ///   - data: what the processor is given.
  ///   - prefix: the queue's prefix, where it is not the producer's.
  ///   - opts: the job's options.
  ///   - children: the jobs that must finish first.
  public init(
    name: String, queueName: String, data: JSON = .object([]), prefix: String? = nil, opts: JobOptions = [:],
    children: [FlowNode] = []
  ) {
    self.name = name
    self.queueName = queueName
    self.data = data
    self.prefix = prefix
    self.opts = opts
    self.children = children
  }
}
