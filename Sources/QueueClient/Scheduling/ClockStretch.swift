import Foundation

/// A part of a day during which a zone's clock keeps one distance from UTC.
struct ClockStretch {
  /// What the clock shows, in seconds since it showed the beginning of 1970.
  let shown: Range<Int>
  /// How far the clock is ahead of UTC, in seconds.
  let offset: Int

  /// The stretches of a day.
  ///
  /// - A time that the clock jumps over counts by the clock before the jump: half past two, where two o'clock becomes
  ///   three, is half past three.
  /// - A time that the clock shows twice counts once, the first time.
  ///
  /// - Parameter repeats: whether what is shown twice counts twice, as for patterns of every hour.
  static func all(of day: CivilDay, in zone: TimeZone, repeats: Bool) -> [ClockStretch] {
    let (start, end) = (day.number * 86_400, (day.number + 1) * 86_400)
    func offset(at instant: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }
    // No clock is a day away from UTC.
    var (low, high) = (start - 86_400, end + 86_400)
    let before = offset(at: low)
    if offset(at: high) == before { return [ClockStretch(shown: start..<end, offset: before)] }
    while high - low > 1 {
      let middle = (low + high) / 2
      if offset(at: middle) == before { low = middle } else { high = middle }
    }
    let after = offset(at: high)
    let (last, first) = (high + before, high + after)
    // Up to where the new clock begins, or the old one ends, whatever is later.
    let change = max(last, first)
    let resumed = after < before && repeats ? first : change
    return [
      ClockStretch(shown: start..<max(start, min(end, change)), offset: before),
      ClockStretch(shown: min(end, max(start, resumed))..<end, offset: after),
    ]
  }
}
