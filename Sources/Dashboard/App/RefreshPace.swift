/// How soon the next picture of the monitor is taken, so that a list in which everything changes all the time does not
/// fill a slow link. Pure. Keys are not paced: only what nobody asked for is.
struct RefreshPace: Sendable {
  /// So many bytes go to the terminal in a second, in the long run.
  static let bytesPerSecond = 25_000.0
  /// However much changes, a picture is shown so often.
  static let longestPause = Duration.seconds(1)

  /// How long the monitor's next picture waits.
  private(set) var pause = Duration.zero

  /// A frame was shown.
  ///
  /// - Parameter bytes: how many were written for it, about.
  mutating func shown(bytes: Int) {
    pause = min(Self.longestPause, .seconds(Double(bytes) / Self.bytesPerSecond))
  }
}
