import FlowMonitor
import QueueClient

/// Decides when somebody is to be called: when the first problem shows, and at most once a minute. Pure.
struct ProblemAlarm: Sendable {
  /// Whether a problem that shows now is the first.
  private var isQuiet = true
  /// Whether there has been one that nobody was called for yet.
  private var isDue = false
  private var last: Double?

  static let pause = 60.0

  /// The same for another Redis: one minute for all of them.
  var restarted: ProblemAlarm {
    var alarm = ProblemAlarm()
    alarm.last = last
    return alarm
  }

  /// Takes in what is true now.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Returns: whether to call somebody now.
  mutating func take(_ picture: Picture, at now: Double) -> Bool {
    if picture.problemCount.value > 0 {
      if isQuiet { isDue = true }
      isQuiet = false
    } else if picture.problemCount.isExact {
      (isQuiet, isDue) = (true, false)
    }
    // A clock that was set back must not silence it.
    guard isDue, last.map({ now - $0 >= Self.pause || now < $0 }) ?? true else { return false }
    (isDue, last) = (false, now)
    return true
  }
}

/// What whoever is called is told.
public struct ProblemFacts: Sendable, Hashable {
  /// How many flows need somebody, as far as is known.
  public var count: Int
  /// One of them.
  public var flow: JobKey?
  /// Its name.
  public var name = ""
  /// What is wrong with it, in a line; empty where that is not known yet.
  public var reason = ""

  init(_ picture: Picture) {
    count = picture.problemCount.value
    guard let root = picture.flows.roots.first(where: { picture.trouble(of: $0)?.needsPerson == true }) else { return }
    flow = root
    name = picture.name(of: root)
    reason = picture.trouble(of: root)?.cause(of: root, nameOf: picture.name).map { CauseWords($0).sentence } ?? ""
  }
}
