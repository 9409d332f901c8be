import Foundation
import QueueClient

/// Which moment stands in which column, and what the axis says. Pure.
struct TimeScale: Sendable, Equatable {
  /// The moment at the left end, in milliseconds since 1970.
  let start: Int
  /// How long the whole width is, in milliseconds.
  let length: Int
  /// How many columns there are.
  let width: Int

  init(start: Int, length: Int, width: Int) {
    (self.start, self.length, self.width) = (start, max(1, length), max(1, width))
  }

  /// The column of a moment: -1 for one that lies before, `width` for one behind.
  func column(of time: Int) -> Int {
    let part = (Double(time) - Double(start)) / Double(length)
    guard part >= 0 else { return -1 }
    return min(width, Int(clamping: (part * Double(width)).rounded(.down)))
  }

  /// A moment with a word on it.
  struct Tick: Sendable, Equatable {
    var column: Int
    var label: String
  }

  private static let second = 1000
  private static let minute = 60 * second
  private static let hour = 60 * minute
  private static let day = 24 * hour
  private static let steps =
    [1, 2, 5, 10, 20, 50, 100, 200, 500] + [1, 2, 5, 10, 15, 30].map { $0 * second }
    + [1, 2, 5, 10, 15, 30].map { $0 * minute } + [1, 2, 3, 6, 12].map { $0 * hour }
    + [1, 2, 7, 14, 30, 60, 180, 365].map { $0 * day }

  /// The axis: times of day, or, where the steps are short, the time since the beginning.
  ///
  /// - Parameters:
  ///   - origin: when the flow began, in milliseconds since 1970.
  ///   - zone: how far local time is ahead, in milliseconds; `nil` for the one that holds here.
  func ticks(since origin: Int, zone: Int? = nil) -> [Tick] {
    let zone = zone ?? Self.zone(at: start)
    guard
      let step = Self.steps.first(where: { step in
        let columns = Double(step) / Double(length) * Double(width)
        let labels = [start, start.addingClamped(length)].map {
          Self.label($0, step: step, origin: origin, zone: zone).count
        }
        return columns >= Double((labels.max() ?? 0) + 3)
      })
    else { return [] }
    // Steps of less than a second count from the beginning; longer ones lie where the clock's hand is.
    let base = step < Self.second ? origin : 0.subtractingClamped(zone)
    let past = start.subtractingClamped(base) % step
    var time = start.addingClamped(past <= 0 ? 0.subtractingClamped(past) : step - past)
    var ticks: [Tick] = []
    while column(of: time) < width, ticks.count < width {
      ticks.append(Tick(column: column(of: time), label: Self.label(time, step: step, origin: origin, zone: zone)))
      let next = time.addingClamped(step)
      guard next > time else { break }
      time = next
    }
    return ticks
  }

  private static func label(_ time: Int, step: Int, origin: Int, zone: Int) -> String {
    if step < second {
      let since = max(0, time.subtractingClamped(origin))
      let (whole, rest) = (since / second, since % second)
      return since == 0
        ? "0s" : "\(whole).\(String(String(rest + 1000).dropFirst().prefix(step < 100 ? (step < 10 ? 3 : 2) : 1)))s"
    }
    let local = time.addingClamped(zone)
    guard local >= 0 else { return "?" }
    if step >= day {
      return String(Date(timeIntervalSince1970: Double(local) / 1000).ISO8601Format().prefix(10).suffix(5))
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let ofDay = local % day
    let clock = "\(two(ofDay / hour)):\(two(ofDay % hour / minute))"
    return step >= minute ? clock : clock + ":\(two(ofDay % minute / second))"
  }

  private static func zone(at time: Int) -> Int {
    var seconds = time_t(time / 1000)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return 0 }
    return Int(parts.tm_gmtoff) * 1000
  }
}
