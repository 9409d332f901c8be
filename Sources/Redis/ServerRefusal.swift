/// Why a server does not take a command that is itself right, by the first word of its error line
/// (https://redis.io/docs/latest/develop/reference/protocol-spec, "Simple errors", and its Cluster specification).
public enum ServerRefusal: Sendable, Hashable {
  case missingRight
  case elsewhere
  case severalSlots
  case clusterDown
  case replica
  case fewReplicas
  case noMemory
  case cannotSave
  case busy
  case loading

  private static let all: [String: ServerRefusal] = [
    "NOPERM": .missingRight, "NOAUTH": .missingRight, "MOVED": .elsewhere, "ASK": .elsewhere,
    "CROSSSLOT": .severalSlots, "CLUSTERDOWN": .clusterDown, "TRYAGAIN": .clusterDown, "READONLY": .replica,
    "MASTERDOWN": .replica, "NOREPLICAS": .fewReplicas, "OOM": .noMemory, "MISCONF": .cannotSave, "BUSY": .busy,
    "LOADING": .loading,
  ]

  /// The first words of the error lines that are refusals.
  public static var words: [String] { all.keys.sorted() }

  /// The refusal that an error line tells of; `nil` for errors that are about the command.
  init?(_ line: String) {
    guard let refusal = Self.all[String(line.prefix { $0 != " " })] else { return nil }
    self = refusal
  }

  /// What to do.
  var advice: String {
    switch self {
    case .missingRight: "ask for the right (ACL SETUSER), or come as another user"
    case .elsewhere:
      "this is a node of a Redis Cluster, and the key lies on another one: give that node's own URL"
    case .severalSlots:
      "this is a Redis Cluster, and the keys lie in several slots: a prefix in braces, such as --prefix '{bull}', "
        + "keeps all keys of its queues in one"
    case .clusterDown: "the Redis Cluster has slots that no node serves: see redis-cli CLUSTER INFO"
    case .replica: "this is a replica, or one that is cut off: give the primary's URL"
    case .fewReplicas:
      "too few replicas are connected to this primary for it to take changes: see INFO replication, and "
        + "min-replicas-to-write"
    case .noMemory: "Redis has no memory left: raise maxmemory or remove finished jobs"
    case .cannotSave: "Redis cannot save to disk and takes no changes: see its log"
    case .busy: "a script keeps Redis busy: see SCRIPT KILL"
    case .loading: "Redis is loading its data: try again in a moment"
    }
  }
}
