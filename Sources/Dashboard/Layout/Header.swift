import Foundation
import QueueClient

/// The first row: what is watched, how true it is, totals and the time.
struct Header {
  let state: DashboardState

  func draw(into frame: inout Frame) {
    let width = frame.size.columns
    let clock = Self.clock(state.now)
    frame.put(clock, row: 0, endingAt: width - 1, limit: 8, style: Style(.faint))
    var right = width - 1 - clock.count - 2
    for total in totals.reversed() {
      let length = TextCleaner.width(total.text, isASCII: state.isASCII)
      guard right - length > width / 3 else { break }
      frame.put(total.text, row: 0, endingAt: right, limit: length, style: total.style)
      right -= length + 2
    }
    var column = frame.put("bullflow", row: 0, column: 1, limit: max(0, right - 1), style: Style(.title))
    let status = statusText
    let statusWidth = TextCleaner.width(status.text, isASCII: state.isASCII)
    let serverRoom = right - column - statusWidth - 4
    if serverRoom > 8 {
      column = frame.put(
        "\(state.server)  \(state.prefix)", row: 0, column: column + 2, limit: serverRoom, style: Style(.text))
    }
    frame.put(status.text, row: 0, column: column + 2, limit: max(0, right - column - 2), style: status.style)
  }

  private var totals: [(text: String, style: Style)] {
    let glyphs = state.glyphs
    let totals = state.forest.totals
    return [JobState.waitingChildren, .active, .failed, .completed].map {
      ("\(glyphs.state($0)) \(totals[$0] ?? 0)", Style($0))
    }
  }

  private var statusText: (text: String, style: Style) {
    let glyphs = state.glyphs
    switch state.status {
    case .connecting: return ("\(glyphs.half) connecting", Style(.warning))
    case .live: return (state.isComplete ? "\(glyphs.live) live" : "\(glyphs.live) live, reading", Style(.good))
    case .followingStreams: return ("\(glyphs.half) streams", Style(.warning))
    case .polling: return ("\(glyphs.half) polling", Style(.warning))
    case .stale(let since, _): return ("\(glyphs.lost) stale since \(Self.clock(since))", Style(.error))
    }
  }

  static func clock(_ seconds: Double) -> String {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }
}

/// The second row: each queue with what is in it, the busiest first.
struct QueueStrip {
  let state: DashboardState

  func draw(into frame: inout Frame) {
    let glyphs = state.glyphs
    let width = frame.size.columns
    var column = frame.put("QUEUES", row: 1, column: 1, style: Style(.faint)) + 2
    let queues = state.forest.queues.values.sorted {
      (Self.weight($0.counts), $1.key) > (Self.weight($1.counts), $0.key)
    }
    for (index, queue) in queues.enumerated() {
      var parts: [(String, Style)] = [(queue.key.name, Style(.text))]
      if queue.isPaused { parts.append((" \(glyphs.paused) paused", Style(.paused))) }
      for each in [JobState.waitingChildren, .active, .waiting, .delayed, .prioritized, .failed] {
        if let count = queue.counts[each], count > 0 { parts.append((" \(glyphs.state(each))\(count)", Style(each))) }
      }
      let length = parts.reduce(0) { $0 + TextCleaner.width($1.0, isASCII: state.isASCII) }
      let rest = queues.count - index
      let more = "+\(rest) more"
      if column + length > width - 1 - (rest > 1 ? more.count + 2 : 0) {
        frame.put(more, row: 1, column: column, style: Style(.faint))
        break
      }
      for part in parts { column = frame.put(part.0, row: 1, column: column, style: part.1) }
      column += 3
    }
  }

  private static func weight(_ counts: [JobState: Int]) -> Int {
    counts.reduce(0) { $0 + ($1.key == .completed ? 0 : $1.value) }
  }
}
