/// Which jobs that have ended stay in Redis.
public enum KeepJobs: Sendable, Hashable {
  /// None: the job is deleted when it ends.
  case none
  /// All of them.
  case all
  /// So many of the queue's latest.
  case count(Int)
  /// Those younger than so many seconds, and of them the latest so many.
  case age(seconds: Int, count: Int? = nil)

  init?(_ json: JSON) {
    if let removes = json.bool {
      self = removes ? .none : .all
    } else if let count = json.int {
      self = count < 0 ? .all : .count(count)
    } else if json.members != nil {
      let count = json["count"]?.int
      self = json["age"]?.int.map { .age(seconds: $0, count: count) } ?? count.map { .count($0) } ?? .all
    } else {
      return nil
    }
  }

  var json: JSON {
    switch self {
    case .none: true
    case .all: false
    case .count(let count): .int(count)
    case .age(let seconds, let count):
      .object([JSON.Member("age", .int(seconds))] + (count.map { [JSON.Member("count", .int($0))] } ?? []))
    }
  }
}
