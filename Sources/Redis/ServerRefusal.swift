/// Why a server does not take a command that is itself right, by the first word of its error line
/// (https://redis.io/docs/latest/develop/reference/protocol-spec, "Simple errors", and its Cluster specification).
enum ServerRefusal: Sendable, Hashable {
  case missingRight
  case elsewhere
  case severalSlots
  case clusterDown
  case replica
  case noMemory
  case cannotSave
  case busy
  case loading

  /// The refusal that an error line tells of; `nil` for errors that are about the command.
  init?(_ line: String) {
    switch line.prefix(while: { $0 != " " }) {
    case "NOPERM", "NOAUTH": self = .missingRight
    case "MOVED", "ASK": self = .elsewhere
    case "CROSSSLOT": self = .severalSlots
    case "CLUSTERDOWN", "TRYAGAIN": self = .clusterDown
    case "READONLY", "MASTERDOWN", "NOREPLICAS": self = .replica
    case "OOM": self = .noMemory
    case "MISCONF": self = .cannotSave
    case "BUSY": self = .busy
    case "LOADING": self = .loading
    default: return nil
    }
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
    case .noMemory: "Redis has no memory left: raise maxmemory or remove finished jobs"
    case .cannotSave: "Redis cannot save to disk and takes no changes: see its log"
    case .busy: "a script keeps Redis busy: see SCRIPT KILL"
    case .loading: "Redis is loading its data: try again in a moment"
    }
  }
}
