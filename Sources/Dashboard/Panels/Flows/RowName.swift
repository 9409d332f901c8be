import FlowMonitor
import QueueClient

/// What a row is called, and the word that tells it from others.
struct RowName: Sendable, Equatable {
  var name: String
  var hint: String?
  var isFaint = false

  init(_ row: Outline.Row, parent: JobKey?, scene: Scene) {
    let picture = scene.picture
    switch row.id {
    case .job(let key):
      if let job = picture.jobs[key] {
        name = JobName.shown(job.name, of: key)
        hint = Hint.text(of: job, paths: scene.setup.hints.paths(for: job))
      } else {
        (name, isFaint) = (key.id, true)
      }
    case .group(let key):
      let group = picture.families[key.parent]?.groups.first { $0.id == key.group }
      let count = group.map { Formatting.count($0.count) } ?? "?"
      name = "\(count) \(Glyphs.times) \(key.group.name.map { JobName.shown($0) } ?? "children")"
    case .more(let key):
      let group = picture.families[key.parent]?.groups.first { $0.id == key.group }
      let rest = group.map {
        KnownCount(max(0, $0.count.value - $0.members.count - $0.last.count), isExact: $0.count.isExact)
      }
      (name, isFaint) = ("… \(rest.map(Formatting.count) ?? "") more", true)
    }
  }

  /// Both.
  var whole: String { name + (hint.map { "  " + $0 } ?? "") }
}
