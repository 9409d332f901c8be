import FlowMonitor
import QueueClient

/// What all panels see: the picture, the time, and how things are to be shown.
public struct Scene: Sendable {
  /// What is true, as far as is known.
  var picture = Picture()
  /// Whether any picture has come yet.
  var hasPicture = false
  /// Seconds since 1970.
  var now: Double
  /// What does not change while the program runs.
  var setup: Setup
  /// The names of the themes that there are.
  var themes: [String] = []

  /// What does not change while the program runs.
  public struct Setup: Sendable {
    /// What the person calls this Redis, such as a profile's name; empty for none.
    public var name = ""
    /// What the header calls the server; without secrets.
    public var server: String
    /// The watched prefix.
    public var prefix: String
    /// Whether nothing in Redis may be changed.
    public var isReadOnly = false
    /// Whether only ASCII may be shown.
    public var isASCII = false
    /// Which members of jobs' data rows show.
    public var hints = HintPaths()
    /// Filters of jobs, by name.
    public var filters: [String: String] = [:]
    /// What is hidden of jobs' data.
    public var masking = Masking.usual

    /// The keys that the person has chosen.
    public var keys = KeyBindings()
    /// The columns of the list of flows, in order; `nil` for the usual ones.
    public var columns: [FlowColumn]?
    /// Whether the queue's name is to be typed before a change.
    public var confirmsQueue = false
    /// What is done when the first problem shows.
    public var alarm = Alarm()
    /// The names of the profiles that can be switched to.
    public var profiles: [String] = []

    /// What is done when the first problem shows.
    public struct Alarm: Sendable, Hashable {
      /// Whether the terminal's bell rings.
      public var bell = false
      /// Whether a command is run.
      public var command = false

      /// Nothing is done.
      public init() {}
    }

    /// A setup from its parts.
    public init(
      server: String, prefix: String, name: String = "", isReadOnly: Bool = false, isASCII: Bool = false,
      hints: HintPaths = HintPaths(), filters: [String: String] = [:], masking: Masking = .usual
    ) {
      self.server = server
      self.prefix = prefix
      self.name = name
      self.isReadOnly = isReadOnly
      self.isASCII = isASCII
      self.hints = hints
      self.filters = filters
      self.masking = masking
    }
  }

  /// Whether what is shown may have changed since.
  var isStale: Bool { if case .stale = picture.status { true } else { false } }

  /// Whether Redis is not there, or not yet.
  var isAway: Bool {
    switch picture.status {
    case .connecting, .stale: true
    case .live, .readOnce, .followingStreams, .polling: false
    }
  }

  /// What the person should know: why changes are not pushed, what is broken in Redis; `nil` where all is well.
  var limits: String? {
    let turnsOn = picture.mayEnableNotifications && !setup.isReadOnly
    let turnOn = turnsOn ? "; \(key("enable-notifications")) turns notifications on" : ""
    if let refusal = picture.discoveryRefusal { return "other queues cannot be looked for: \(refusal)" }
    switch picture.status {
    // Streams tell nearly as much: the header has the reason, and who may change nothing need not hear of it.
    case .followingStreams where turnsOn: return "notifications are off; \(key("enable-notifications")) turns them on"
    case .followingStreams where setup.isReadOnly: return nil
    case .followingStreams(let reason): return "streams: \(reason)"
    case .polling(_, let reason): return "polling: \(reason)\(turnOn)"
    case .connecting, .stale: return nil
    case .live, .readOnce: break
    }
    guard let first = picture.warnings.first else { return nil }
    let rest = picture.warnings.count - 1
    return "in Redis: \(first)\(rest > 0 ? " (and \(rest) more)" : "")"
  }

  /// The queues that are known, by their names.
  var knownQueues: [QueueKey] { picture.queues.keys.sorted() }

  /// The moment up to which ages count, in milliseconds since 1970: they stop when the picture is stale.
  var clock: Int {
    if case .stale(let since, _) = picture.status { return Int(clamping: since * 1000) }
    return Int(clamping: now * 1000)
  }
}
