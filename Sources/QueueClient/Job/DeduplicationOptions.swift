/// Of jobs with the same deduplication id, one is in the queue at most.
public struct DeduplicationOptions: Sendable, Hashable {
  /// What jobs that are the same have in common.
  public var id: String
  /// For how many milliseconds the first keeps the others out; `nil` is until it has ended.
  public var ttl: Int?
  /// Whether each job kept out begins that time anew.
  public var extend: Bool
  /// Whether a new job takes the place of one that is still delayed.
  public var replace: Bool

  /// Deduplication by an id.
  public init(id: String, ttl: Int? = nil, extend: Bool = false, replace: Bool = false) {
    self.id = id
    self.ttl = ttl
    self.extend = extend
    self.replace = replace
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, !id.isEmpty else { return nil }
    self.init(
      id: id, ttl: json["ttl"]?.int, extend: json["extend"]?.isTruthy ?? false,
      replace: json["replace"]?.isTruthy ?? false)
  }

  var json: JSON {
    var members = [JSON.Member("id", .string(id))]
    if let ttl { members.append(JSON.Member("ttl", .int(ttl))) }
    if extend { members.append(JSON.Member("extend", true)) }
    if replace { members.append(JSON.Member("replace", true)) }
    return .object(members)
  }
}
