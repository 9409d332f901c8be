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
  /// The prefix of its queue; without one, the producer's.
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

  /// A node whose data is a value of one's own.
  ///
  /// - Throws: `EncodingError`.
  public init(
    name: String, queueName: String, encoding data: some Encodable, prefix: String? = nil, opts: JobOptions = [:],
    children: [FlowNode] = []
  ) throws {
    self.init(
      name: name, queueName: queueName, data: try JSON(encoding: data), prefix: prefix, opts: opts, children: children)
  }
}

extension FlowNode: Codable {
  /// A flow in the documented JSON shape: `{"name", "queueName", "data"?, "prefix"?, "opts"?, "children"?}`.
  ///
  /// - Throws: `FlowError.invalid`, naming the node by its path.
  public init(json: JSON, path: String = "flow") throws(FlowError) {
    guard let members = json.members else { throw .invalid(node: path, reason: "is not an object") }
    for member in members where !Self.fields.contains(member.name) {
      throw .invalid(
        node: path, reason: "has an unknown field '\(member.name)'; known are \(Self.fields.joined(separator: ", "))")
    }
    func text(_ field: String) throws(FlowError) -> String? {
      guard let value = json[field], value != .null else { return nil }
      guard let text = value.string else { throw .invalid(node: path, reason: "\(field) is not a string") }
      return text
    }
    guard let name = try text("name") else { throw .invalid(node: path, reason: "has no name") }
    guard let queueName = try text("queueName") else { throw .invalid(node: path, reason: "has no queueName") }
    var opts: JobOptions = [:]
    if let given = json["opts"], given != .null {
      guard let options = JobOptions(given) else { throw .invalid(node: path, reason: "opts is not an object") }
      opts = options
    }
    var children: [FlowNode] = []
    if let given = json["children"], given != .null {
      guard let list = given.array else { throw .invalid(node: path, reason: "children is not an array") }
      for (index, child) in list.enumerated() {
        children.append(try FlowNode(json: child, path: "\(path).children[\(index)]"))
      }
    }
    self.init(
      name: name, queueName: queueName, data: json["data"] ?? .object([]), prefix: try text("prefix"), opts: opts,
      children: children)
  }

  private static let fields = ["name", "queueName", "data", "prefix", "opts", "children"]

  /// The flow in the documented JSON shape.
  public var json: JSON {
    var members = [
      JSON.Member("name", .string(name)), JSON.Member("queueName", .string(queueName)), JSON.Member("data", data),
    ]
    if let prefix { members.append(JSON.Member("prefix", .string(prefix))) }
    if !opts.members.isEmpty { members.append(JSON.Member("opts", .object(opts.members))) }
    if !children.isEmpty { members.append(JSON.Member("children", .array(children.map(\.json)))) }
    return .object(members)
  }

  /// A flow from the documented shape, in any decoder.
  public init(from decoder: any Decoder) throws {
    do {
      self = try FlowNode(json: try JSON(from: decoder))
    } catch let error as FlowError {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  /// Writes the documented shape, to any encoder.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
