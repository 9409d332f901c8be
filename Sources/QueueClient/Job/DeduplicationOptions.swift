/// Of jobs with the same deduplication id, one is in the queue at most.
///
/// - Without more: the first keeps the others out until it has ended.
/// - With a `ttl`: until that time is over, whether it has ended or not.
/// - With `extend`: each job kept out begins that time anew.
/// - With `replace`: a new job takes the place of one that is still delayed.
/// - With `keepLastIfActive`: of the jobs kept out while the first is worked on, the last is added when it ends.
public struct DeduplicationOptions: Sendable, Hashable {
  /// What jobs that are the same have in common.
  public var id: String
  /// For how many milliseconds the first keeps the others out; `nil` is until it has ended.
  public var ttl: Int?
  /// Whether each job kept out begins that time anew.
  public var extend: Bool
  /// Whether a new job takes the place of one that is still delayed. Without `extend`, the time goes on as it was.
  public var replace: Bool
  /// Whether the last job kept out while the first is active is added when that ends; `ttl` does not count then.
  public var keepLastIfActive: Bool

  /// Deduplication by an id.
  public init(
    id: String, ttl: Int? = nil, extend: Bool = false, replace: Bool = false, keepLastIfActive: Bool = false
  ) {
    self.id = id
    self.ttl = ttl
    self.extend = extend
    self.replace = replace
    self.keepLastIfActive = keepLastIfActive
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, !id.isEmpty else { return nil }
    self.init(
      id: id, ttl: json["ttl"]?.int, extend: json["extend"]?.isTruthy ?? false,
      replace: json["replace"]?.isTruthy ?? false, keepLastIfActive: json["keepLastIfActive"]?.isTruthy ?? false)
  }

  var json: JSON {
    var members = [JSON.Member("id", .string(id))]
    if let ttl { members.append(JSON.Member("ttl", .int(ttl))) }
    if extend { members.append(JSON.Member("extend", true)) }
    if replace { members.append(JSON.Member("replace", true)) }
    if keepLastIfActive { members.append(JSON.Member("keepLastIfActive", true)) }
    return .object(members)
  }
}
