/// How long to wait before another attempt.
public struct BackoffOptions: Sendable, Hashable {
  /// `fixed`, `exponential`, or a name that the worker's own strategy knows.
  public var type: String
  /// Milliseconds: the wait, or what the doubling begins with.
  public var delay: Int
  /// 0...1: how much of the wait is left to chance.
  public var jitter: Double?

  /// A backoff of a type.
  public init(type: String, delay: Int, jitter: Double? = nil) {
    self.type = type
    self.delay = delay
    self.jitter = jitter
  }

  /// Always the same wait, in milliseconds.
  public static func fixed(_ delay: Int, jitter: Double? = nil) -> BackoffOptions {
    BackoffOptions(type: "fixed", delay: delay, jitter: jitter)
  }

  /// A wait that doubles with each attempt, from so many milliseconds on.
  public static func exponential(_ delay: Int, jitter: Double? = nil) -> BackoffOptions {
    BackoffOptions(type: "exponential", delay: delay, jitter: jitter)
  }

  /// From an object, or from a number, which is a fixed wait.
  init?(_ json: JSON) {
    if let delay = json.int {
      self.init(type: "fixed", delay: delay)
    } else if let type = json["type"]?.string {
      self.init(type: type, delay: json["delay"]?.int ?? 0, jitter: json["jitter"]?.double)
    } else {
      return nil
    }
  }

  var json: JSON {
    var members = [JSON.Member("type", .string(type)), JSON.Member("delay", .int(delay))]
    if let jitter { members.append(JSON.Member("jitter", .double(jitter))) }
    return .object(members)
  }
}
