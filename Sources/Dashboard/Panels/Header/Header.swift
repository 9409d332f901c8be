import FlowMonitor

/// The first row: what is watched, how true it is, what happens, problems, and the time.
struct Header {
  let scene: Scene

  func draw(into frame: inout Frame, row: Int) {
    line.draw(into: &frame, row: row, columns: 1..<max(1, frame.size.columns - 1))
  }

  var line: Line {
    let setup = scene.setup
    let picture = scene.picture
    var left = [
      Line.Part("bullflow", .title, weight: 2), Line.Part(setup.name, .title, weight: 4),
      Line.Part(setup.server, .text, weight: 3, least: 10), Line.Part(setup.prefix, .faint, weight: 1),
    ]
    left += status
    var right: [Line.Part] = []
    if scene.hasPicture, picture.discoveryRefusal != nil {
      right.append(Line.Part("queues unknown", .warning, weight: 5))
    } else if scene.hasPicture, !picture.discovery.isComplete {
      let percent = Formatting.percent(picture.discovery.fraction)
      right.append(Line.Part("looking for queues \(percent)", .warning, weight: 5))
    }
    if let last = picture.throughput.last, !scene.isStale {
      right.append(Line.Part("\(Formatting.count(last)) jobs/s", .text, weight: 5))
      right.append(Line.Part(Formatting.sparkline(picture.throughput), .bar, weight: 2))
    }
    right.append(problems)
    right.append(Line.Part(Formatting.clock(scene.now), .faint, weight: 6))
    return Line(left: left, right: right)
  }

  private var status: [Line.Part] {
    func part(_ sign: String, _ words: String, _ role: Style.Role) -> Line.Part {
      Line.Part("\(sign) \(words)", role, weight: 9, least: 8)
    }
    func why(_ reason: String, _ role: Style.Role) -> Line.Part {
      Line.Part(Formatting.firstLine(reason), role, weight: 1, least: 16)
    }
    switch scene.picture.status {
    case .connecting: return [part(Glyphs.half, "connecting", .warning)]
    case .readOnce: return [part(Glyphs.half, "read once", .faint)]
    case .live: return [part(Glyphs.live, "live", .good)] + broken
    case .followingStreams(let reason): return [part(Glyphs.half, "streams", .warning), why(reason, .faint)] + broken
    case .polling(let every, let reason):
      let words = "polling every \(every.components.seconds) s"
      return [part(Glyphs.half, words, .warning), why(reason, .faint)] + broken
    case .stale(let since, let reason):
      return [part(Glyphs.stale, "stale since \(Formatting.clock(since))", .error), why(reason, .error)]
    }
  }

  private var broken: [Line.Part] {
    let count = scene.picture.warnings.count
    return count == 0 ? [] : [Line.Part(Formatting.count(count, "broken key"), .warning, weight: 4)]
  }

  private var problems: Line.Part {
    let count = scene.picture.problemCount
    let isThrough = scene.picture.sweep.isComplete
    let sweep = isThrough ? "" : " (sweep \(Formatting.percent(scene.picture.sweep.fraction)))"
    guard scene.hasPicture else { return Line.Part("", .text, weight: 0) }
    guard count.value > 0 else {
      let isSure = count.isExact && isThrough
      // Where nothing is looked at any more, nothing is to come.
      let isOver = scene.picture.status == .readOnce
      let words = isSure ? "no problems" : isOver ? "not all looked at" : "no problem yet" + sweep
      return Line.Part(words, .faint, weight: 8, short: Glyphs.state(.failed) + (isSure ? "0" : "?"))
    }
    let sign = count.isExact && isThrough ? "" : Glyphs.atLeast
    return Line.Part(
      sign + Formatting.count(count.value, "problem") + sweep, .error, weight: 8,
      short: Glyphs.state(.failed) + sign + Formatting.count(count.value))
  }
}
