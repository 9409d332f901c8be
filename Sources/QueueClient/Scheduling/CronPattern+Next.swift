import Foundation

extension CronPattern {
  /// How far ahead a time is looked for: what does not come within fifty years never does.
  private static let horizon = 366 * 50

  /// The first time after another, both in milliseconds since 1970; `nil` where there is none.
  func next(after milliseconds: Int, in zone: TimeZone) -> Int? {
    let time = min(max(milliseconds, -Epoch.limit), Epoch.limit)
    let earliest = (time >= 0 ? time / 1000 : (time - 999) / 1000) + 1
    // From the day before: what the clock jumps over at midnight falls on the next day.
    let today = (earliest + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(earliest)))) / 86_400
    var day = CivilDay(number: today - 1)
    let last = day.number + Self.horizon
    while day.number < last {
      if !months.contains(day.month) {
        day = day.nextMonth
        continue
      }
      if days.contains(day), let found = first(on: day, from: earliest, in: zone) { return found * 1000 }
      day = day.next
    }
    return nil
  }

  /// The first time on a day from one on, in seconds since 1970.
  private func first(on day: CivilDay, from earliest: Int, in zone: TimeZone) -> Int? {
    let start = day.number * 86_400
    return ClockStretch.all(of: day, in: zone, repeats: isHourly).compactMap { stretch in
      let from = max(stretch.shown.lowerBound, earliest + stretch.offset)
      guard from < stretch.shown.upperBound, let time = firstTime(from: from - start),
        start + time < stretch.shown.upperBound
      else { return nil }
      return start + time - stretch.offset
    }.min()
  }
}

/// Times in milliseconds since 1970.
enum Epoch {
  /// The latest time that JavaScript knows, and so BullMQ; sums of a few such numbers cannot overflow.
  static let limit = 8_640_000_000_000_000
}
