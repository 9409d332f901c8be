/// What is known of the source of changes, and so how true the picture is. Pure: it is told what happened, and says
/// what to do about it.
///
/// `live` is said only while the subscriber's own connection answers, the server's setting is seen to suffice, its run
/// id is the same, everything visible has been read since any of that was in doubt, and no reading finds a change that
/// was not announced.
struct HealthState: Sendable, Equatable {
  /// Where changes are heard from.
  enum Source: Sendable, Hashable {
    case keyspace, streams, polling
  }

  /// What happened.
  enum Input: Sendable, Hashable {
    /// A source can be heard from now on; what came before is lost.
    case heard(Source)
    /// A source cannot be heard any more; it tries again by itself. A missed heartbeat is one of the causes.
    case lost(Source, reason: String)
    /// A source cannot be had here.
    case refused(Source, reason: String)
    /// The server's setting was looked at; `nil` where we may not.
    case setting(isSufficient: Bool?)
    /// The server's run id was looked at.
    case runID(String)
    /// The data are not those that they were.
    case replaced
    /// A reading failed.
    case unanswered(reason: String)
    /// Everything visible has been read, begun when the doubt had this number.
    case loaded(doubt: Int)
    /// What is visible was compared with Redis, and so many changes of it had not been announced.
    case reconciled(unannounced: Int)
    /// The person, or the program, wants notifications from now on.
    case notificationsEnabled
  }

  /// What to do.
  enum Order: Sendable, Hashable {
    /// Read everything visible again.
    case reload
    /// Look for queues, and for problems, from the beginning.
    case rediscover
    /// Look at the server's setting and run id at once.
    case check
  }

  /// Whether notifications are not to be used at all.
  let avoidsNotifications: Bool
  /// The source in use; `nil` until the server's setting is known.
  private(set) var source: Source?
  /// Grows whenever everything is in doubt: a reading counts only if it began after the last time.
  private(set) var doubt = 0

  private var isHeard = false
  /// Whether the server's setting has been seen since the source was heard.
  private var isChecked = false
  private var loadedDoubt = -1
  private var fault: (since: Double, reason: String)?
  private var lastTrue: Double?
  private var runID: String?
  private var reason = ""
  private var missedInARow = 0
  /// When a better source is tried again, after it was refused or proved deaf.
  private var retryAt: Double?

  /// So many reconciliations in a row that find unannounced changes prove that notifications do not arrive.
  static let tolerated = 3
  /// Seconds until a source that was given up is tried again.
  static let retryAfter = 30.0

  init(avoidsNotifications: Bool = false) {
    self.avoidsNotifications = avoidsNotifications
  }

  static func == (left: HealthState, right: HealthState) -> Bool {
    left.source == right.source && left.status == right.status && left.doubt == right.doubt
  }

  /// Whether the source is heard, and everything visible has been read since.
  var isTrue: Bool { fault == nil && isProved }

  private var isProved: Bool { isHeard && isChecked && loadedDoubt == doubt }

  /// How true the picture is.
  var status: MonitorStatus {
    if let fault { return .stale(since: fault.since, reason: fault.reason) }
    guard isTrue, let source else { return .connecting }
    switch source {
    case .keyspace: return .live
    case .streams: return .followingStreams(reason: reason)
    case .polling: return .polling(every: PollingSource.interval, reason: reason)
    }
  }

  /// Takes in what happened.
  ///
  /// - Parameter now: seconds since 1970.
  mutating func take(_ input: Input, at now: Double) -> Set<Order> {
    let before = doubt
    var orders: Set<Order> = []
    switch input {
    case .heard(let heard):
      guard heard == source else { break }
      isHeard = true
      isChecked = false
      doubt += 1
      orders.insert(.check)
    case .lost(let lost, let reason):
      guard lost == source else { break }
      isHeard = false
      doubtAll(reason, at: now)
    case .refused(let refused, let reason):
      guard refused == source else { break }
      give(up: refused, because: reason, at: now)
    case .setting(let isSufficient):
      choose(isSufficient, at: now)
      if isHeard { isChecked = true }
    case .runID(let id):
      if let runID, runID != id {
        doubtAll("Redis was restarted; everything is read again", at: now)
        orders.insert(.rediscover)
      }
      runID = id
    case .replaced:
      doubtAll("the data in Redis were replaced; everything is read again", at: now)
      orders.insert(.rediscover)
    case .unanswered(let reason):
      doubtAll(reason, at: now)
    case .loaded(let number):
      loadedDoubt = max(loadedDoubt, number)
    case .reconciled(let unannounced):
      reconciled(unannounced, at: now)
    case .notificationsEnabled:
      if source != .keyspace, !avoidsNotifications { use(.keyspace, because: "", at: now) }
    }
    if isProved {
      fault = nil
      lastTrue = now
    }
    if doubt != before { orders.insert(.reload) }
    return orders
  }

  // MARK: Doubt

  private mutating func doubtAll(_ reason: String, at now: Double) {
    doubt += 1
    fault = (fault?.since ?? lastTrue ?? now, reason)
  }

  private mutating func reconciled(_ unannounced: Int, at now: Double) {
    guard source == .keyspace, isTrue else { return }
    guard unannounced > 0 else {
      missedInARow = 0
      return
    }
    missedInARow += 1
    if missedInARow >= Self.tolerated {
      retryAt = now + Self.retryAfter
      use(.polling, because: "this Redis does not announce all changes", at: now)
    } else {
      doubtAll("changes were not announced; everything is read again", at: now)
    }
  }

  // MARK: Sources

  private mutating func choose(_ isSufficient: Bool?, at now: Double) {
    let isResting = retryAt.map { now < $0 } ?? false
    if isResting { return }
    retryAt = nil
    if avoidsNotifications {
      if source != .streams { use(.streams, because: "notifications are switched off here", at: now) }
    } else if isSufficient == true {
      if source != .keyspace { use(.keyspace, because: "", at: now) }
    } else if source != .streams {
      let why =
        isSufficient == nil
        ? "CONFIG is forbidden, so notifications may be off" : "notifications are off in this Redis"
      use(.streams, because: why, at: now)
    }
  }

  private mutating func give(up refused: Source, because reason: String, at now: Double) {
    retryAt = now + Self.retryAfter
    switch refused {
    case .keyspace: use(.streams, because: reason, at: now)
    case .streams, .polling:
      use(.polling, because: self.reason.isEmpty ? reason : "\(self.reason); \(reason)", at: now)
    }
  }

  private mutating func use(_ next: Source, because reason: String, at now: Double) {
    // The first choice is no fault; a later one leaves the picture in doubt until the new source is heard.
    if source != nil, loadedDoubt >= 0 { doubtAll(reason.isEmpty ? "notifications are on again" : reason, at: now) }
    source = next
    self.reason = reason
    isHeard = false
    missedInARow = 0
  }
}
