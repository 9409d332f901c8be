/// BullMQ's rules for a job that is to be added. Pure.
enum FlowRules {
  /// The rule that a node breaks, in words; `nil` for none.
  ///
  /// - Parameters:
  ///   - opts: the node's options over the defaults of its queue.
  ///   - data: its data as JSON text.
  ///   - isChild: whether another node of the flow is its parent.
  static func fault(in node: FlowNode, opts: JobOptions, data: String, isChild: Bool) -> String? {
    if opts.members.isEmpty { return queueName(node) }
    return queueName(node) ?? foreign(opts) ?? jobId(opts) ?? OptionShape.fault(in: opts) ?? policies(opts)
      ?? deduplication(opts, node, isChild: isChild) ?? parent(opts, isChild: isChild) ?? size(data, opts)
  }

  private static func queueName(_ node: FlowNode) -> String? {
    if node.queueName.isEmpty { return "queueName is empty" }
    if node.queueName.utf8.contains(UInt8(ascii: ":")) { return "queueName '\(node.queueName)' holds a colon" }
    if node.prefix?.isEmpty == true { return "prefix is empty" }
    return nil
  }

  private static func jobId(_ opts: JobOptions) -> String? {
    guard let given = opts["jobId"], given != .null else { return nil }
    guard let id = given.string else { return "jobId \(given.text) is not a string" }
    if id.isEmpty { return nil }
    if isInteger(id) { return "jobId '\(id)' is an integer; those are for generated ids" }
    if QueueKey.isMarker(id) { return "jobId '\(id)' begins with 0:, as the markers of older versions do" }
    if StoredKey.isTaken(id) { return "jobId '\(id)' is the name of one of the queue's own keys" }
    // Three parts are those of repeatable jobs in older versions.
    if id.utf8.contains(UInt8(ascii: ":")), id.split(separator: ":", omittingEmptySubsequences: false).count != 3 {
      return "jobId '\(id)' holds a colon"
    }
    return nil
  }

  /// Whether an id is a whole number as JavaScript writes one. Beyond 2^53 most are not: such ids of other systems are
  /// fine.
  private static func isInteger(_ id: String) -> Bool {
    guard let number = Int(id), String(number) == id else { return false }
    return JSON.double(Double(number)).text == id
  }

  /// Options that would be stored and mean nothing.
  private static func foreign(_ opts: JobOptions) -> String? {
    if let given = opts["repeat"], given != .null {
      return "opts.repeat makes no job repeat; job schedulers do (upsertJobScheduler)"
    }
    if let given = opts["debounce"], given != .null {
      return "opts.debounce is no option any more; it is called deduplication now"
    }
    return nil
  }

  private static func policies(_ opts: JobOptions) -> String? {
    let policies = opts.failurePolicies
    guard policies.count > 1 else { return nil }
    return policies.map(\.rawValue).joined(separator: " and ") + " exclude each other"
  }

  private static func deduplication(_ opts: JobOptions, _ node: FlowNode, isChild: Bool) -> String? {
    guard let given = opts["deduplication"], given != .null else { return nil }
    if DeduplicationOptions(given) == nil { return "deduplication has no id" }
    if isChild || opts["parent"] != nil { return "deduplication and a parent exclude each other" }
    if !node.children.isEmpty { return "deduplication and children exclude each other" }
    return nil
  }

  private static func parent(_ opts: JobOptions, isChild: Bool) -> String? {
    guard !isChild, let given = opts["parent"], given != .null else { return nil }
    return opts.parent == nil ? "opts.parent needs an id, and a queue written as prefix:name" : nil
  }

  private static func size(_ data: String, _ opts: JobOptions) -> String? {
    guard let limit = opts.sizeLimit, data.utf8.count > limit else { return nil }
    return "data is \(data.utf8.count) bytes, over its sizeLimit of \(limit)"
  }
}
